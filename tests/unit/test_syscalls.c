/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "buf.h"
#include "ior.h"
#include "suites.h"
#include "syscalls.h"

START_TEST(table_is_sorted_by_family_then_name)
{
	ck_assert_uint_eq(COUNT(syscalls), 373);
	for (size_t i = 1; i < SYSCALLS; i++) {
		const struct syscall *before = &syscalls[i - 1], *call = &syscalls[i];
		int order = strcmp(before->family, call->family);

		if (!order)
			order = strcmp(before->name, call->name);
		ck_assert_msg(order < 0, "%s %s does not follow %s %s", call->family, call->name,
			      before->family, before->name);
	}
}

START_TEST(number_leads_to_its_call)
{
	for (size_t i = 0; i < SYSCALLS; i++)
		if (syscalls[i].nr >= 0)
			ck_assert_ptr_eq(syscall_by_nr((uint32_t)syscalls[i].nr), &syscalls[i]);
}

START_TEST(number_of_no_call_is_unknown)
{
	const struct syscall *unknown = syscall_by_name("unknown");

	ck_assert_ptr_eq(syscall_by_nr(IOR_NR_MAX - 1), unknown);
	ck_assert_ptr_eq(syscall_by_nr(IOR_NR_UNKNOWN), unknown);
	ck_assert_ptr_eq(syscall_by_nr(IOR_NR_CALLS), unknown);
	ck_assert_ptr_eq(syscall_by_nr(1u << 30), unknown); /* x32 */
	ck_assert_ptr_eq(syscall_by_nr(UINT32_MAX), unknown);
	ck_assert_ptr_eq(syscall_by_nr(IOR_NR_COMPAT), syscall_by_name("compat"));
}

/* Of all numbers, those of the table and no others are known. */
START_TEST(as_many_numbers_are_known_as_calls_have_one)
{
	size_t numbers = 0, calls = 0;

	for (uint32_t nr = 0; nr < IOR_NR_CALLS; nr++)
		numbers += syscall_by_nr(nr)->nr == (int)nr;
	for (size_t i = 0; i < SYSCALLS; i++)
		calls += syscalls[i].nr >= 0;
	ck_assert_uint_eq(numbers, calls);
}

START_TEST(name_leads_to_its_call)
{
	for (size_t i = 0; i < SYSCALLS; i++) {
		const struct syscall *call = syscall_by_name(syscalls[i].name);

		ck_assert_ptr_eq(call, &syscalls[i]);
		ck_assert_uint_eq(syscall_index(call), i);
	}
}

START_TEST(name_of_no_call_leads_nowhere)
{
	static const char *const names[] = { "", "Read", "read ", "sys_read", "newfst", "0" };

	for (size_t i = 0; i < COUNT(names); i++)
		ck_assert_ptr_null(syscall_by_name(names[i]));
}

/* All calls whose tracepoint has another name. */
static const struct {
	const char *tracepoint, *name;
} aliases[] = {
	{ "newfstat", "fstat" },	{ "newlstat", "lstat" }, { "newstat", "stat" },
	{ "newuname", "uname" },	{ "umount", "umount2" }, { "sendfile64", "sendfile" },
	{ "newfstatat", "newfstatat" },
};

START_TEST(tracepoint_is_an_alias)
{
	const struct syscall *call = syscall_by_name(aliases[_i].tracepoint);

	ck_assert_ptr_nonnull(call);
	ck_assert_str_eq(call->name, aliases[_i].name);
	ck_assert_str_eq(call->tracepoint, aliases[_i].tracepoint);
}

START_TEST(no_other_tracepoint_differs_from_the_name)
{
	size_t n = 0;

	for (size_t i = 0; i < SYSCALLS; i++)
		n += strcmp(syscalls[i].name, syscalls[i].tracepoint) != 0;
	ck_assert_uint_eq(n, COUNT(aliases) - 1);
}

static const struct {
	const char *name, *family, *kind;
	enum bytes_class bytes;
	bool noreturn, wait;
	int nr_x86_64, nr_arm64;
} facts[] = {
	{ "read", "FS", "fd", BYTES_READ, false, false, 0, 63 },
	{ "write", "FS", "fd", BYTES_WRITTEN, false, false, 1, 64 },
	{ "open", "FS", "open", BYTES_NONE, false, false, 2, -1 },
	{ "openat", "FS", "open", BYTES_NONE, false, false, 257, 56 },
	{ "mmap", "Memory", "mmap", BYTES_NONE, false, false, 9, 222 },
	{ "ioctl", "FS", "fcntl", BYTES_NONE, false, false, 16, 29 },
	{ "exit", "Process", "null", BYTES_NONE, true, false, 60, 93 },
	{ "exit_group", "Process", "null", BYTES_NONE, true, false, 231, 94 },
	{ "execve", "Process", "exec", BYTES_NONE, false, false, 59, 221 },
	{ "wait4", "Process", "proc", BYTES_NONE, false, true, 61, 260 },
	{ "futex", "IPC", "futex", BYTES_NONE, false, true, 202, 98 },
	{ "epoll_wait", "Polling", "poll", BYTES_NONE, false, true, 232, -1 },
	{ "epoll_pwait", "Polling", "poll", BYTES_NONE, false, true, 281, 22 },
	{ "nanosleep", "Time", "sleep", BYTES_NONE, false, true, 35, 101 },
	{ "sendfile", "Network", "fd", BYTES_TRANSFERRED, false, false, 40, 71 },
	{ "copy_file_range", "FS", "fd", BYTES_TRANSFERRED, false, false, 326, 285 },
	{ "recvfrom", "Network", "fd", BYTES_READ, false, false, 45, 207 },
	{ "io_uring_enter", "AIO", "fd", BYTES_NONE, false, true, 426, 426 },
	{ "rt_sigreturn", "Signals", "null", BYTES_NONE, false, false, 15, 139 },
	{ "fchroot", "FS", "fd", BYTES_NONE, false, false, 472, 472 },
	{ "unknown", "Misc", "null", BYTES_NONE, false, false, 512, 512 },
	{ "compat", "Misc", "null", BYTES_NONE, false, false, 513, 513 },
};

START_TEST(table_knows_the_facts_of_a_call)
{
	const struct syscall *call = syscall_by_name(facts[_i].name);

	ck_assert_ptr_nonnull(call);
	ck_assert_str_eq(call->family, facts[_i].family);
	ck_assert_str_eq(call->kind, facts[_i].kind);
	ck_assert_int_eq(call->bytes, facts[_i].bytes);
	ck_assert_int_eq(call->noreturn, facts[_i].noreturn);
	ck_assert_int_eq(call->wait, facts[_i].wait);
#ifdef __x86_64__
	ck_assert_int_eq(call->nr, facts[_i].nr_x86_64);
#else
	ck_assert_int_eq(call->nr, facts[_i].nr_arm64);
#endif
}

START_TEST(exit_and_exit_group_alone_never_return)
{
	size_t n = 0;

	for (size_t i = 0; i < SYSCALLS; i++)
		n += syscalls[i].noreturn;
	ck_assert_uint_eq(n, 2);
}

static const struct {
	enum syscall_group by;
	size_t n;
	const char *names;
} groups[] = {
	{ GROUP_FAMILY, 12,
	  "AIO FS IPC Memory Misc Network Polling Process Sched Security Signals Time " },
	{ GROUP_KIND, 36,
	  "accept bpf dup3 epoll-ctl eventfd exec fcntl fd fd-pathname futex keyctl mem mmap module "
	  "mq-open name null open open-by-handle-at open-tree pathname perf-open pidfd pipe poll "
	  "prctl proc ptrace seccomp sleep socket socketpair sysv-id sysv-op timer-obj two-fd " },
};

START_TEST(groups_are_listed_in_order)
{
	const char *names[SYSCALLS_GROUPS];
	size_t n = syscall_groups(groups[_i].by, names);
	struct buf text = { 0 };

	for (size_t i = 0; i < n; i++)
		buf_add_fmt(&text, "%s ", names[i]);
	buf_add(&text, "", 1);
	ck_assert_uint_eq(n, groups[_i].n);
	ck_assert_str_eq(text.data, groups[_i].names);
	buf_free(&text);
}

START_TEST(group_of_a_call_is_its_family_or_kind)
{
	const struct syscall *call = syscall_by_name("futex");

	ck_assert_str_eq(syscall_group_of(call, GROUP_FAMILY), "IPC");
	ck_assert_str_eq(syscall_group_of(call, GROUP_KIND), "futex");
}

static const struct {
	unsigned int err;
	const char *name;
} errnos[] = {
	{ 0, "other" },
	{ 1, "EPERM" },
	{ 2, "ENOENT" },
	{ 4, "EINTR" },
	{ 11, "EAGAIN" },
	{ 35, "EDEADLK" },
	{ 41, "other" },
	{ 58, "other" },
	{ 95, "EOPNOTSUPP" },
	{ 110, "ETIMEDOUT" },
	{ 115, "EINPROGRESS" },
	{ 133, "EHWPOISON" },
	{ 134, "other" },
	{ 511, "other" },
	{ 512, "ERESTARTSYS" },
	{ 514, "ERESTARTNOHAND" },
	{ 516, "ERESTART_RESTARTBLOCK" },
	{ 520, "other" },
	{ 521, "EBADHANDLE" },
	{ 524, "ENOTSUPP" },
	{ 530, "ERECALLCONFLICT" },
	{ 531, "ENOGRACE" },
	{ 532, "other" },
	{ 543, "other" },
	{ 544, "other" },
	{ 4095, "other" },
};

START_TEST(errno_has_its_name)
{
	ck_assert_str_eq(errno_slot_name(ior_errno_slot(errnos[_i].err)), errnos[_i].name);
}

START_TEST(errno_name_leads_to_its_slot)
{
	ck_assert_int_eq(errno_slot_by_name("other"), 0);
	for (unsigned int slot = 0; slot < IOR_ERRNOS; slot++) {
		const char *name = errno_slot_name(slot);

		if (strcmp(name, "other"))
			ck_assert_int_eq(errno_slot_by_name(name), slot);
	}
}

START_TEST(name_of_no_errno_leads_nowhere)
{
	static const char *const names[] = { "", "enoent", "E600", "2", "ENOENT " };

	for (size_t i = 0; i < COUNT(names); i++)
		ck_assert_int_eq(errno_slot_by_name(names[i]), -1);
	ck_assert_str_eq(errno_slot_name(IOR_ERRNOS), "other");
}

Suite *syscalls_suite(void)
{
	const struct test tests[] = {
		{ table_is_sorted_by_family_then_name, 0 },
		{ number_leads_to_its_call, 0 },
		{ number_of_no_call_is_unknown, 0 },
		{ as_many_numbers_are_known_as_calls_have_one, 0 },
		{ name_leads_to_its_call, 0 },
		{ name_of_no_call_leads_nowhere, 0 },
		{ tracepoint_is_an_alias, COUNT(aliases) },
		{ no_other_tracepoint_differs_from_the_name, 0 },
		{ table_knows_the_facts_of_a_call, COUNT(facts) },
		{ exit_and_exit_group_alone_never_return, 0 },
		{ groups_are_listed_in_order, COUNT(groups) },
		{ group_of_a_call_is_its_family_or_kind, 0 },
		{ errno_has_its_name, COUNT(errnos) },
		{ errno_name_leads_to_its_slot, 0 },
		{ name_of_no_errno_leads_nowhere, 0 },
	};

	return suite_make("syscalls", tests, COUNT(tests));
}
