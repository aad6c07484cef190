/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 32-bit calls: on x86 made by int 0x80, which a 64-bit program may use too, on arm64 by a program
 * of 32 bits. The machine may have neither; then these tests are skipped.
 */
#include <elf.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
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

/* A program of AArch32: it takes the comm behind its code, makes 5 getpid (20), 3 close of -1 (6)
 * and 2 calls that there are not (508), and exits (1). */
static const uint32_t arm_code[] = {
	0xe3a070ac, /*     mov  r7, #172  prctl */
	0xe3a0000f, /*     mov  r0, #15   PR_SET_NAME */
	0xe28f104c, /*     adr  r1, comm */
	0xef000000, /*     svc  #0 */
	0xe3a04005, /*     mov  r4, #5 */
	0xe3a07014, /* 1:  mov  r7, #20 */
	0xef000000, /*     svc  #0 */
	0xe2544001, /*     subs r4, r4, #1 */
	0x1afffffb, /*     bne  1b */
	0xe3a04003, /*     mov  r4, #3 */
	0xe3a07006, /* 2:  mov  r7, #6 */
	0xe3e00000, /*     mvn  r0, #0 */
	0xef000000, /*     svc  #0 */
	0xe2544001, /*     subs r4, r4, #1 */
	0x1afffffa, /*     bne  2b */
	0xe3a04002, /*     mov  r4, #2 */
	0xe3a07f7f, /* 3:  mov  r7, #508 */
	0xef000000, /*     svc  #0 */
	0xe2544001, /*     subs r4, r4, #1 */
	0x1afffffb, /*     bne  3b */
	0xe3a07001, /*     mov  r7, #1 */
	0xe3a00000, /*     mov  r0, #0 */
	0xef000000, /*     svc  #0 */
};

struct arm_program {
	Elf32_Ehdr header;
	Elf32_Phdr load;
	uint32_t code[sizeof(arm_code) / sizeof(arm_code[0])];
	char comm[COMM_SIZE];
};

#define ARM_BASE 0x10000

static void become_arm(void *arg)
{
	struct arm_program program = {
		.header = {
			.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB,
				     EV_CURRENT },
			.e_type = ET_EXEC,
			.e_machine = EM_ARM,
			.e_version = EV_CURRENT,
			.e_entry = ARM_BASE + offsetof(struct arm_program, code),
			.e_phoff = offsetof(struct arm_program, load),
			.e_flags = EF_ARM_EABI_VER5,
			.e_ehsize = sizeof(Elf32_Ehdr),
			.e_phentsize = sizeof(Elf32_Phdr),
			.e_phnum = 1,
		},
		.load = {
			.p_type = PT_LOAD,
			.p_vaddr = ARM_BASE,
			.p_filesz = sizeof(program),
			.p_memsz = sizeof(program),
			.p_flags = PF_R | PF_X,
			.p_align = 4096,
		},
	};
	char *const none[] = { NULL };
	int fd = memfd_create("arm", MFD_CLOEXEC);

	memcpy(program.code, arm_code, sizeof(arm_code));
	(void)snprintf(program.comm, sizeof(program.comm), "%s", (const char *)arg);
	must(fd >= 0 && write(fd, &program, sizeof(program)) == sizeof(program));
	(void)fexecve(fd, none, none);
	_exit(1);
}

static bool arm_possible(void)
{
	char comm[] = "arm";
	int status = 0;
	pid_t pid = fork();

	if (!pid)
		become_arm(comm);
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       !WEXITSTATUS(status);
}

START_TEST(calls_of_the_32_bit_table_have_their_right_names)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "aa32");
	trace_join(&trace);
	child_run(comm, become_arm, comm);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "getpid"), 5);
	ck_assert_uint_eq(trace_calls(&trace, comm, "close"), 3);
	ck_assert_uint_eq(trace_errors(&trace, comm, "close"), 3);
	ck_assert_uint_eq(trace_calls(&trace, comm, "compat"), 2);
	ck_assert_uint_eq(trace_errors(&trace, comm, "compat"), 2);
	ck_assert_uint_eq(trace_calls(&trace, comm, "exit"), 1);
	trace_close(&trace);
}
END_TEST

TCase *compat_tests(void)
{
	TCase *tcase = tcase_create("compat");

	kernel_skip(1, "32-bit calls of a 64-bit program: made by int 0x80 of x86");
	kernel_add_unless(tcase, calls_of_the_32_bit_table_have_their_right_names,
			  arm_possible() ? "" : "no AArch32 program runs here");
	return tcase;
}

#endif
