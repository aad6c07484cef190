/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel's programs are told of each number. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "kernel_config.h"
#include "suites.h"

static struct ior_config config; /* each test is a process of its own */

static void fill(const struct selection_lists *lists, bool gaps)
{
	struct selection selection;
	char err[256];

	ck_assert_int_eq(selection_parse(lists, &selection, err, sizeof(err)), 0);
	kernel_config_fill(&config, &selection, gaps);
}

static void fill_all(void)
{
	fill(&(struct selection_lists){ .syscalls = NULL }, false);
}

/* Names of the calls with a flag, in the order of the table; "+N" for N numbers without a name. */
static void check_names(uint8_t flag, const char *expected)
{
	struct buf text = { 0 };
	unsigned int nameless = 0;

	for (size_t i = 0; i < SYSCALLS; i++)
		if (syscalls[i].nr >= 0 && config.call[syscalls[i].nr] & flag)
			buf_add_fmt(&text, "%s ", syscalls[i].name);
	for (uint32_t nr = 0; nr < IOR_NR_MAX; nr++)
		nameless += config.call[nr] & flag && syscall_by_nr(nr)->nr != (int)nr;
	if (nameless)
		buf_add_fmt(&text, "+%u", nameless);
	buf_add(&text, "", 1);
	ck_assert_str_eq(text.data, expected);
	buf_free(&text);
}

START_TEST(calls_that_never_return_or_move_are_marked)
{
	fill_all();
	check_names(IOR_CALL_NORETURN, "exit exit_group ");
#ifdef __x86_64__
	check_names(IOR_CALL_MOVES, "uprobe uretprobe execve execveat rt_sigreturn ");
#else
	check_names(IOR_CALL_MOVES, "execve execveat rt_sigreturn ");
#endif
	check_names(IOR_CALL_HIDDEN, "");
}

START_TEST(each_call_has_its_family_its_name_and_its_bytes)
{
	fill_all();
	for (size_t i = 0; i < SYSCALLS; i++) {
		const struct syscall *call = &syscalls[i];

		if (call->nr < 0)
			continue;
		ck_assert_str_eq(kernel_config_family(config.family[call->nr]), call->family);
		ck_assert(config.call[call->nr] & IOR_CALL_KNOWN);
		ck_assert_int_eq(!(config.call[call->nr] & IOR_CALL_BYTES),
				 call->bytes == BYTES_NONE);
	}
}

START_TEST(families_are_numbered_in_alphabetical_order)
{
	struct buf text = { 0 };

	for (unsigned int i = 0; i < IOR_FAMILIES; i++)
		buf_add_fmt(&text, "%s ", kernel_config_family(i));
	buf_add(&text, "", 1);
	ck_assert_str_eq(text.data, "AIO FS IPC Memory Misc Network Polling Process Sched Security "
				    "Signals Time ");
	buf_free(&text);
}

/* ---- selection ---- */

START_TEST(selected_calls_are_those_of_the_selection_and_what_continues_them)
{
	fill(&(struct selection_lists){ .syscalls = "read,write" }, false);
	check_names(IOR_CALL_SELECTED, "read write restart_syscall ");
	check_names(IOR_CALL_HIDDEN, "restart_syscall ");
}

START_TEST(call_that_continues_others_is_counted_when_it_is_selected)
{
	fill(&(struct selection_lists){ .syscalls = "restart_syscall" }, false);
	check_names(IOR_CALL_SELECTED, "restart_syscall ");
	check_names(IOR_CALL_HIDDEN, "");
}

START_TEST(numbers_without_a_name_are_selected_as_unknown_is)
{
	unsigned int nameless = IOR_NR_MAX;
	char expected[64];

	for (size_t i = 0; i < SYSCALLS; i++)
		nameless -= syscalls[i].nr >= 0 && syscalls[i].nr < IOR_NR_MAX;
	fill(&(struct selection_lists){ .syscalls = "unknown" }, false);
	(void)snprintf(expected, sizeof(expected), "unknown restart_syscall +%u", nameless);
	check_names(IOR_CALL_SELECTED, expected);
	ck_assert_uint_eq(config.call[IOR_NR_MAX - 1], IOR_CALL_SELECTED);
	ck_assert_str_eq(kernel_config_family(config.family[IOR_NR_MAX - 1]), "Misc");
}

static const struct {
	struct selection_lists lists;
	bool all;
} selections[] = {
	{ { .syscalls = NULL }, true },
	{ { .no_syscalls = "read" }, false },
	{ { .no_syscalls = "unknown" }, false },
	{ { .no_syscalls = "compat" }, false },
	{ { .no_syscalls = "restart_syscall" }, false }, /* seen, but not counted */
	{ { .syscalls = "read" }, false },
};

START_TEST(all_is_selected_only_if_no_number_is_left_out)
{
	fill(&selections[_i].lists, false);
	ck_assert_int_eq(kernel_config_selects_all(&config), selections[_i].all);
}

START_TEST(gaps_are_kept_of_every_call_or_of_none)
{
	fill(&(struct selection_lists){ .syscalls = NULL }, _i);
	for (size_t nr = 0; nr < IOR_CALLS; nr++)
		ck_assert_int_eq(!(config.call[nr] & IOR_CALL_GAP), !(_i && nr < IOR_NR_CALLS));
}

/* ---- bytes ---- */

static const struct {
	const char *name;
	unsigned int rule, a, b;
} rules[] = {
	{ "recvfrom", IOR_RULE_RECVFROM, 3, 2 }, { "recvmsg", IOR_RULE_RECVMSG, 2, 1 },
	{ "getxattr", IOR_RULE_PROBE, 3, 0 },	 { "lgetxattr", IOR_RULE_PROBE, 3, 0 },
	{ "fgetxattr", IOR_RULE_PROBE, 3, 0 },	 { "getxattrat", IOR_RULE_PROBE_XATTR_ARGS, 4, 0 },
	{ "listxattr", IOR_RULE_PROBE, 2, 0 },	 { "llistxattr", IOR_RULE_PROBE, 2, 0 },
	{ "flistxattr", IOR_RULE_PROBE, 2, 0 },	 { "listxattrat", IOR_RULE_PROBE, 4, 0 },
	{ "syslog", IOR_RULE_SYSLOG, 0, 0 },	 { "msgsnd", IOR_RULE_SENT, 2, 0 },
	{ "mq_timedsend", IOR_RULE_SENT, 2, 0 },
};

START_TEST(calls_with_a_rule_have_it_with_the_places_of_its_arguments)
{
	uint16_t expected[IOR_NR_MAX] = { 0 };

	for (size_t i = 0; i < COUNT(rules); i++)
		expected[syscall_by_name(rules[i].name)->nr] =
			(uint16_t)(rules[i].rule | rules[i].a << 4 | rules[i].b << 8);
	fill_all();
	for (size_t nr = 0; nr < IOR_NR_MAX; nr++) {
		ck_assert_msg(config.rule[nr] == expected[nr], "%zu: %#x, not %#x", nr,
			      config.rule[nr], expected[nr]);
		/* rules are looked up only for calls with bytes */
		ck_assert_int_eq(!(config.call[nr] & IOR_CALL_RULE), !expected[nr]);
		ck_assert(!expected[nr] || config.call[nr] & IOR_CALL_BYTES);
	}
}

/* ---- 32-bit numbers ---- */

#ifdef __x86_64__
#define NR_COLUMN 5	/* nr_x86_64 */
#define COMPAT_COLUMN 7 /* nr_i386 */
#else
#define NR_COLUMN 6	/* nr_arm64 */
#define COMPAT_COLUMN 8 /* nr_arm32 */
#endif
#define COLUMNS 10

/* One row of the table: "clock_nanosleep ... 230 115 267,407 265,407 wait". */
static void expect_row(char *line, uint16_t expected[IOR_NR_MAX])
{
	char *column[COLUMNS], *numbers, *number;
	size_t n = 0;

	for (; line && n < COLUMNS; n++)
		column[n] = strsep(&line, "\t");
	ck_assert_uint_eq(n, COLUMNS);
	if (column[NR_COLUMN][0] == '-' || column[COMPAT_COLUMN][0] == '-')
		return;
	numbers = column[COMPAT_COLUMN];
	while ((number = strsep(&numbers, ",")))
		expected[atoi(number)] = (uint16_t)atoi(column[NR_COLUMN]);
}

START_TEST(each_32_bit_number_is_the_native_one_of_the_table)
{
	uint16_t expected[IOR_NR_MAX];
	FILE *file = fopen("bpf/syscalls.tsv", "re");
	char line[256];

	ck_assert_ptr_nonnull(file);
	for (size_t nr = 0; nr < IOR_NR_MAX; nr++)
		expected[nr] = IOR_NR_COMPAT;
	while (fgets(line, sizeof(line), file))
		if (line[0] != '#' && strncmp(line, "name\t", 5) != 0)
			expect_row(line, expected);
	(void)fclose(file);
	fill_all();
	for (size_t nr = 0; nr < IOR_NR_MAX; nr++)
		ck_assert_msg(config.compat[nr] == expected[nr], "%zu: %u, not %u", nr,
			      config.compat[nr], expected[nr]);
}

/* From the kernel's own tables, arch/x86/entry/syscalls/syscall_32.tbl and arch/arm/tools. */
static const struct {
	uint32_t nr;
	const char *name; /* "compat": no native call is the same */
} compats[] = {
	{ 3, "read" },
	{ 64, "getppid" },
	{ 1, "exit" },
	{ 102, "compat" },
	{ 407, "clock_nanosleep" },
	{ 173, "rt_sigreturn" },
	{ 511, "compat" },
#ifdef __x86_64__
	{ 267, "clock_nanosleep" },
	{ 7, "wait4" },
	{ 252, "exit_group" },
	{ 11, "execve" },
#else
	{ 265, "clock_nanosleep" },
	{ 7, "compat" },
	{ 248, "exit_group" },
	{ 11, "execve" },
#endif
};

START_TEST(well_known_32_bit_numbers_have_their_names)
{
	fill_all();
	ck_assert_str_eq(syscall_by_nr(config.compat[compats[_i].nr])->name, compats[_i].name);
}

Suite *kernel_config_suite(void)
{
	const struct test tests[] = {
		{ calls_that_never_return_or_move_are_marked, 0 },
		{ each_call_has_its_family_its_name_and_its_bytes, 0 },
		{ families_are_numbered_in_alphabetical_order, 0 },
		{ selected_calls_are_those_of_the_selection_and_what_continues_them, 0 },
		{ call_that_continues_others_is_counted_when_it_is_selected, 0 },
		{ numbers_without_a_name_are_selected_as_unknown_is, 0 },
		{ all_is_selected_only_if_no_number_is_left_out, COUNT(selections) },
		{ gaps_are_kept_of_every_call_or_of_none, 2 },
		{ calls_with_a_rule_have_it_with_the_places_of_its_arguments, 0 },
		{ each_32_bit_number_is_the_native_one_of_the_table, 0 },
		{ well_known_32_bit_numbers_have_their_names, COUNT(compats) },
	};

	return suite_make("kernel_config", tests, COUNT(tests));
}
