/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "buf.h"
#include "select.h"
#include "suites.h"

#define ERR_SIZE 1024
#define POLLING                                                                                \
	"epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait poll ppoll " \
	"pselect6 select "

static const struct {
	struct selection_lists lists;
	const char *names; /* in the order of the table */
} choices[] = {
	{ { .kinds = "sleep" }, "clock_nanosleep nanosleep " },
	{ { .families = "Polling" }, POLLING },
	{ { .syscalls = "write,read" }, "read write " },
	/* the union of all three */
	{ { .kinds = "sleep", .syscalls = "read" }, "read clock_nanosleep nanosleep " },
	{ { .families = "Polling", .kinds = "sleep", .syscalls = "read,poll" },
	  "read " POLLING "clock_nanosleep nanosleep " },
	/* exclusions win */
	{ { .kinds = "sleep", .no_syscalls = "nanosleep" }, "clock_nanosleep " },
	{ { .syscalls = "read,nanosleep", .no_kinds = "sleep" }, "read " },
	{ { .syscalls = "read,nanosleep", .no_families = "FS" }, "nanosleep " },
	{ { .families = "Polling", .no_syscalls = "epoll_create1", .no_kinds = "poll,epoll-ctl" },
	  "epoll_create " },
	{ { .syscalls = "read", .no_syscalls = "write" }, "read " },
	{ { .no_families = "AIO,FS,IPC,Memory,Misc,Network,Process,Sched,Security,Signals,Time" },
	  POLLING },
	/* spellings */
	{ { .kinds = "epoll_ctl" }, "epoll_ctl " },
	{ { .kinds = "open-by-handle-at" }, "open_by_handle_at " },
	{ { .kinds = "open_by_handle_at" }, "open_by_handle_at " },
	{ { .kinds = "Sleep" }, "clock_nanosleep nanosleep " },
	{ { .families = "pOLLING" }, POLLING },
	{ { .syscalls = "newfstat,sendfile64,newuname" }, "fstat uname sendfile " },
	{ { .syscalls = "unknown,compat" }, "compat unknown " },
	/* blanks, empty words, repetitions */
	{ { .syscalls = " read ,  write " }, "read write " },
	{ { .syscalls = "read," }, "read " },
	{ { .syscalls = ",,read, ,write,," }, "read write " },
	{ { .syscalls = "read,read", .families = "" }, "read " },
};

static void add_names(struct buf *out, const struct selection *selection)
{
	for (size_t i = 0; i < SYSCALLS; i++)
		if (selection->on[i])
			buf_add_fmt(out, "%s ", syscalls[i].name);
	buf_add(out, "", 1);
}

START_TEST(what_is_named_and_not_excluded_is_selected)
{
	char err[ERR_SIZE] = "";
	struct selection selection;
	struct buf names = { 0 };

	ck_assert_int_eq(selection_parse(&choices[_i].lists, &selection, err, sizeof(err)), 0);
	add_names(&names, &selection);
	ck_assert_str_eq(names.data, choices[_i].names);
	ck_assert_str_eq(err, "");
	buf_free(&names);
}

static const struct selection_lists nothing_named[] = {
	{ 0 },
	{ .families = "", .kinds = "", .syscalls = "", .no_families = "" },
	{ .families = ",", .kinds = " , ", .syscalls = "  " },
};

START_TEST(everything_is_selected_when_nothing_is_named)
{
	struct selection selection, all;
	char err[ERR_SIZE];

	selection_all(&all);
	for (size_t i = 0; i < SYSCALLS; i++)
		ck_assert(all.on[i]);
	ck_assert_int_eq(selection_parse(&nothing_named[_i], &selection, err, sizeof(err)), 0);
	ck_assert_mem_eq(&selection, &all, sizeof(all));
}

#define FAMILIES \
	"AIO, FS, IPC, Memory, Misc, Network, Polling, Process, Sched, Security, Signals, Time"
#define KINDS                                                                                       \
	"accept, bpf, dup3, epoll-ctl, eventfd, exec, fcntl, fd, fd-pathname, futex, keyctl, mem, " \
	"mmap, module, mq-open, name, null, open, open-by-handle-at, open-tree, pathname, "         \
	"perf-open, pidfd, pipe, poll, prctl, proc, ptrace, seccomp, sleep, socket, socketpair, "   \
	"sysv-id, sysv-op, timer-obj, two-fd"
#define SIXTY_THREE "123456789012345678901234567890123456789012345678901234567890123"

static const struct {
	struct selection_lists lists;
	const char *err;
} mistakes[] = {
	{ { .families = "Netwrok" },
	  "--trace-families: unknown family 'Netwrok', did you mean Network?" },
	{ { .families = "FS,Nonsense" },
	  "--trace-families: unknown family 'Nonsense' (valid: " FAMILIES ")" },
	{ { .no_families = "xyz" },
	  "--no-trace-families: unknown family 'xyz' (valid: " FAMILIES ")" },
	{ { .kinds = "sokcet" }, "--trace-kinds: unknown kind 'sokcet', did you mean socket?" },
	{ { .no_kinds = "qqqqq" }, "--no-trace-kinds: unknown kind 'qqqqq' (valid: " KINDS ")" },
	{ { .syscalls = "raed" },
	  "--trace-syscalls: unknown system call 'raed', did you mean read or rseq?" },
	{ { .syscalls = "epol_wait" },
	  "--trace-syscalls: unknown system call 'epol_wait', did you mean epoll_wait, epoll_pwait "
	  "or epoll_pwait2?" },
	{ { .syscalls = "WRITE" },
	  "--trace-syscalls: unknown system call 'WRITE', did you mean write, writev or pwritev?" },
	{ { .no_syscalls = "zzzzzzz" },
	  "--no-trace-syscalls: unknown system call 'zzzzzzz' (--list shows all of them)" },
	{ { .syscalls = "read,b ad" },
	  "--trace-syscalls: unknown system call 'b ad', did you mean read or bind?" },
	{ { .syscalls = SIXTY_THREE },
	  "--trace-syscalls: unknown system call '" SIXTY_THREE "' (--list shows all of them)" },
	{ { .syscalls = "read," SIXTY_THREE "4" },
	  "--trace-syscalls: '12345678901234567890...' is too long for a name" },
	{ { .kinds = "sleep", .no_families = "Time" },
	  "--trace-*, --no-trace-*: no system call is left to trace" },
	{ { .syscalls = "read", .no_syscalls = "read" },
	  "--trace-*, --no-trace-*: no system call is left to trace" },
	/* the first one is told */
	{ { .families = "xyz", .kinds = "qqqqq" },
	  "--trace-families: unknown family 'xyz' (valid: " FAMILIES ")" },
};

START_TEST(mistake_is_explained)
{
	struct selection selection = { .on = { [7] = true } }, before = selection;
	char err[ERR_SIZE];

	ck_assert_int_eq(selection_parse(&mistakes[_i].lists, &selection, err, sizeof(err)),
			 -EINVAL);
	ck_assert_str_eq(err, mistakes[_i].err);
	ck_assert_mem_eq(&selection, &before, sizeof(before));
}

START_TEST(explanation_is_cut_where_its_room_ends)
{
	const size_t whole = strlen(mistakes[_i].err);

	for (size_t size = 1; size <= whole; size++) {
		struct selection selection;
		char err[ERR_SIZE];

		memset(err, '#', sizeof(err));
		(void)selection_parse(&mistakes[_i].lists, &selection, err, size);
		ck_assert_uint_eq(strlen(err), size - 1);
		ck_assert_mem_eq(err, mistakes[_i].err, size - 1);
		ck_assert_int_eq(err[size], '#');
	}
}

static const struct {
	const char *word;
	const char *text;
} near[] = {
	{ "apple", "which, did you mean apple or apples?" },
	{ "APPEL", "which, did you mean apple or apples?" },
	{ "grape", "which, did you mean grape, grapes or drape?" },
	{ "quince", "which" },
	{ "ki", "which" },
	{ "kiw", "which, did you mean kiwi?" },
	{ "", "which" },
};

START_TEST(up_to_three_near_names_are_given_nearest_first)
{
	static const char *const fruits[] = { "grapes", "apple", "drape",  "apples",
					      "grape",	"kiwi",	 "grates", "melon" };
	char text[80] = "which";

	near_matches(text, sizeof(text), near[_i].word, fruits, COUNT(fruits));
	ck_assert_str_eq(text, near[_i].text);
}

Suite *select_suite(void)
{
	const struct test tests[] = {
		{ what_is_named_and_not_excluded_is_selected, COUNT(choices) },
		{ everything_is_selected_when_nothing_is_named, COUNT(nothing_named) },
		{ mistake_is_explained, COUNT(mistakes) },
		{ explanation_is_cut_where_its_room_ends, COUNT(mistakes) },
		{ up_to_three_near_names_are_given_nearest_first, COUNT(near) },
	};

	return suite_make("select", tests, COUNT(tests));
}
