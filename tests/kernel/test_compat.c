/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 32-bit calls: made by int 0x80, which a 64-bit program of x86 may use too. The machine may not
 * have it; then these tests are skipped.
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "kernel.h"

#if defined(__x86_64__)

/* Arguments are below 4 GiB, the result is the 32-bit one with its sign. */
static long compat_call(long nr, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	long ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)ret;
}

static bool compat_possible(void)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		(void)signal(SIGSEGV, SIG_DFL);
		_exit(compat_call(20, 0, 0, 0, 0) == getpid() ? 0 : 1);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       !WEXITSTATUS(status);
}

/* A page that a 32-bit pointer reaches. */
static char *low_page(void)
{
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	must(page != MAP_FAILED);
	return page;
}

/* Numbers of the i386 table: 64 getppid (x86-64: semget), 3 read, 6 close, 102 socketcall. */
static void make_compat_calls(void *arg)
{
	char *page = low_page();
	int zero = (int)syscall(SYS_open, "/dev/zero", 0, 0);

	(void)arg;
	for (int i = 0; i < 1000; i++)
		(void)compat_call(64, 0, 0, 0, 0);
	for (int i = 0; i < 50; i++)
		must(compat_call(3, (unsigned long)zero, (unsigned long)page, 10, 0) == 10);
	for (int i = 0; i < 30; i++)
		must(compat_call(6, 9999, 0, 0, 0) == -9);
	for (int i = 0; i < 20; i++)
		must(compat_call(102, 0, 0, 0, 0) < 0);
	for (int i = 0; i < 5; i++)
		must(compat_call(100000, 0, 0, 0, 0) < 0);
	call(SYS_getppid, 7);
}

START_TEST(calls_of_the_32_bit_table_have_their_right_names)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "i386");
	trace_join(&trace);
	child_run(comm, make_compat_calls, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "getppid"), 1000 + 7);
	ck_assert_uint_eq(trace_calls(&trace, comm, "semget"), 0);
	ck_assert_uint_eq(trace_calls(&trace, comm, "read"), 50);
	ck_assert_uint_eq(trace_bytes(&trace, comm, "read"), 500);
	ck_assert_uint_eq(trace_calls(&trace, comm, "close"), 30);
	ck_assert_uint_eq(trace_errors(&trace, comm, "close"), 30);
	ck_assert_uint_eq(trace_calls(&trace, comm, "compat"), 20 + 5);
	ck_assert_uint_eq(trace_errors(&trace, comm, "compat"), 20 + 5);
	trace_close(&trace);
}
END_TEST

/* 371 recvfrom, with the arguments in the registers of the 32-bit convention. */
static void peek(void *arg)
{
	char *page = low_page();
	int fd[2];

	(void)arg;
	must(syscall(SYS_socketpair, 1, 2, 0, fd) == 0); /* AF_UNIX, SOCK_DGRAM */
	must(syscall(SYS_write, fd[0], "0123456789", 10) == 10);
	must(compat_call(371, (unsigned long)fd[1], (unsigned long)page, 100, 2) == 10);
	must(compat_call(371, (unsigned long)fd[1], (unsigned long)page, 4, 0x20) == 10);
}

START_TEST(bytes_of_32_bit_calls_follow_their_arguments)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "peek");
	trace_join(&trace);
	child_run(comm, peek, NULL);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "recvfrom"), 2);
	ck_assert_uint_eq(trace_bytes(&trace, comm, "recvfrom"), 4); /* MSG_PEEK none, MSG_TRUNC */
	trace_close(&trace);
}
END_TEST

TCase *compat_tests(void)
{
	TCase *tcase = tcase_create("compat");

	if (!compat_possible()) {
		kernel_skip(2, "32-bit calls: this machine has no int 0x80");
		return tcase;
	}
	kernel_add(tcase, calls_of_the_32_bit_table_have_their_right_names);
	kernel_add(tcase, bytes_of_32_bit_calls_follow_their_arguments);
	return tcase;
}

#else

TCase *compat_tests(void)
{
	kernel_skip(2, "32-bit calls: made by int 0x80 of x86");
	return tcase_create("compat");
}

#endif
