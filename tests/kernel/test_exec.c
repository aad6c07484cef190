/* SPDX-License-Identifier: Apache-2.0 */
/* execve changes the comm, and from another thread than the leader even the thread. And the calls
 * that make a child, which return twice. */
#include <elf.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/msg.h>
#include <sys/wait.h>

#include "kernel.h"

/* A program under a comm of our own: the link's name is what execve makes the comm of. */
struct program {
	char folder[32], path[64], before[COMM_SIZE], after[COMM_SIZE];
	int queue; /* that nobody sends to */
	pid_t leader;
};

static void program_make(struct program *program, const char *target)
{
	(void)snprintf(program->folder, sizeof(program->folder), "/tmp/iort.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(program->folder));
	comm_make(program->before, "befo");
	comm_make(program->after, "afte");
	(void)snprintf(program->path, sizeof(program->path), "%s/%s", program->folder,
		       program->after);
	ck_assert_int_eq(symlink(target, program->path), 0);
}

static void program_remove(const struct program *program)
{
	ck_assert_int_eq(unlink(program->path), 0);
	ck_assert_int_eq(rmdir(program->folder), 0);
}

static void execute(const char *path)
{
	char name[] = "true";
	char *const argv[] = { name, NULL }, *const env[] = { NULL };

	(void)syscall(SYS_execve, path, argv, env);
}

static void fail_then_execute(void *arg)
{
	const struct program *program = arg;

	call(SYS_getppid, 9);
	for (int i = 0; i < 4; i++)
		execute("/nonexistent/program");
	execute(program->path);
	must(!"execve returned");
}

START_TEST(execve_is_counted_under_the_new_name_and_its_failure_under_the_old)
{
	struct program program;
	struct trace trace;

	program_make(&program, "/bin/true");
	trace_join(&trace);
	child_run(program.before, fail_then_execute, &program);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, program.before, "execve"), 4);
	ck_assert_uint_eq(trace_errors(&trace, program.before, "execve"), 4);
	ck_assert_uint_eq(trace_calls(&trace, program.before, "getppid"), 9);
	ck_assert_uint_eq(trace_calls(&trace, program.after, "execve"), 1);
	ck_assert_uint_eq(trace_errors(&trace, program.after, "execve"), 0);
	ck_assert_uint_eq(trace_calls(&trace, program.after, "getppid"), 0);
	ck_assert_uint_eq(trace_calls(&trace, program.after, "exit_group"), 1);
	ck_assert_uint_eq(trace_calls(&trace, program.before, "exit_group"), 0);
	trace_close(&trace);
	program_remove(&program);
}
END_TEST

static void *execute_when_leader_waits(void *arg)
{
	const struct program *program = arg;

	call(SYS_getppid, 11);
	wait_blocked(program->leader, SYS_msgrcv);
	execute(program->path);
	must(!"execve returned");
	return NULL;
}

/* The execve ends the leader inside its call and takes over its thread id. */
static void execute_from_a_thread(void *arg)
{
	struct program *program = arg;
	long message[2];
	pthread_t thread;

	program->leader = (pid_t)syscall(SYS_gettid);
	must(pthread_create(&thread, NULL, execute_when_leader_waits, program) == 0);
	(void)syscall(SYS_msgrcv, program->queue, message, sizeof(message[1]), 0, 0);
	must(!"nobody sends");
}

START_TEST(execve_of_another_thread_than_the_leader_is_counted_once)
{
	struct program program;
	struct trace trace;

	program_make(&program, "/bin/true");
	program.queue = msgget(IPC_PRIVATE, 0600);
	ck_assert_int_ge(program.queue, 0);
	/* so that nobody else's call can be lost */
	trace_open(&trace,
		   &(struct trace_options){ .syscalls = "msgrcv,execve,getppid,exit,exit_group" });
	child_run(program.before, execute_from_a_thread, &program);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, program.before, "execve"), 0);
	ck_assert_uint_eq(trace_calls(&trace, program.before, "getppid"), 11);
	ck_assert_uint_eq(trace_calls(&trace, program.after, "execve"), 1);
	ck_assert_uint_eq(trace_errors(&trace, program.after, "execve"), 0);
	ck_assert_uint_eq(trace_calls(&trace, program.after, "exit_group"), 1);
	/* the leader was ended in its call, it did not exit by itself */
	ck_assert_uint_eq(trace_calls(&trace, program.before, "msgrcv"), 0);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_DIED], 1);
	ck_assert_uint_eq(trace_calls(&trace, program.before, "exit"), 0);
	ck_assert_uint_eq(trace_calls(&trace, program.before, "exit_group"), 0);
	trace_close(&trace);
	(void)msgctl(program.queue, IPC_RMID, NULL);
	program_remove(&program);
}
END_TEST

/* No address that a program can have: noticed when the old program is gone already. */
static void write_unloadable(const char *path)
{
	const struct {
		Elf64_Ehdr head;
		Elf64_Phdr segment;
	} file = {
		.head = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
				       EV_CURRENT },
			  .e_type = ET_EXEC,
#ifdef __x86_64__
			  .e_machine = EM_X86_64,
#else
			  .e_machine = EM_AARCH64,
#endif
			  .e_version = EV_CURRENT,
			  .e_phoff = sizeof(Elf64_Ehdr),
			  .e_ehsize = sizeof(Elf64_Ehdr),
			  .e_phentsize = sizeof(Elf64_Phdr),
			  .e_phnum = 1 },
		.segment = { .p_type = PT_LOAD,
			     .p_flags = PF_R | PF_X,
			     .p_vaddr = 0x7ffffffff0000000,
			     .p_filesz = sizeof(file),
			     .p_memsz = sizeof(file) },
	};
	const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, &file, sizeof(file)), sizeof(file));
	ck_assert_int_eq(close(fd), 0);
}

/* The thread has the leader's number by then, and ends the process by a signal. */
START_TEST(execve_of_another_thread_that_fails_too_late_is_counted_once)
{
	struct program program;
	struct trace trace;
	char target[128];
	int status;
	pid_t pid;

	program_make(&program, "target");
	(void)snprintf(target, sizeof(target), "%s/target", program.folder);
	write_unloadable(target);
	program.queue = msgget(IPC_PRIVATE, 0600);
	ck_assert_int_ge(program.queue, 0);
	trace_open(&trace, &(struct trace_options){ .syscalls = "msgrcv,execve,getppid" });
	pid = child_start(program.before, execute_from_a_thread, &program);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, program.before, "execve"), 0);
	ck_assert_uint_eq(trace_calls(&trace, program.before, "getppid"), 11);
	ck_assert_uint_eq(trace_calls(&trace, program.after, "execve"), 1);
	ck_assert_uint_eq(trace_errors(&trace, program.after, "execve"), 1);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_DIED], 1); /* the leader's msgrcv */
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_NO_EXIT], 0);
	trace_close(&trace);
	(void)msgctl(program.queue, IPC_RMID, NULL);
	ck_assert_int_eq(unlink(target), 0);
	program_remove(&program);
}
END_TEST

static const struct program *sleeper;

static void sleep_instead(int number)
{
	char name[] = "sleep", seconds[] = "1000";
	char *const argv[] = { name, seconds, NULL }, *const env[] = { NULL };

	(void)number;
	(void)syscall(SYS_execve, sleeper->path, argv, env);
	must(!"execve returned");
}

static void wait_for_a_message(void *unused)
{
	const struct sigaction action = { .sa_handler = sleep_instead, .sa_flags = SA_RESTART };
	long message[2];

	(void)unused;
	must(sigaction(SIGUSR1, &action, NULL) == 0);
	(void)syscall(SYS_msgrcv, sleeper->queue, message, sizeof(message[1]), 0, 0);
	must(!"nobody sends");
}

static void check_execve_in_a_handler(const char *traced, unsigned int counted)
{
	struct program program;
	struct trace trace;
	pid_t pid;

	program_make(&program, "/bin/sleep");
	program.queue = msgget(IPC_PRIVATE, 0600);
	ck_assert_int_ge(program.queue, 0);
	sleeper = &program;
	trace_open(&trace, &(struct trace_options){ .syscalls = traced });
	pid = child_start(program.before, wait_for_a_message, NULL);
	wait_blocked(pid, SYS_msgrcv);
	ck_assert_int_eq(kill(pid, SIGUSR1), 0);
	wait_blocked(pid, SYS_clock_nanosleep);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, program.after, "execve"), counted);
	ck_assert_uint_eq(trace_calls(&trace, program.after, "msgrcv"), 0);
	ck_assert_uint_eq(trace_calls(&trace, program.before, "msgrcv"), 0);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_DIED], 1);
	child_kill(pid);
	trace_close(&trace);
	(void)msgctl(program.queue, IPC_RMID, NULL);
	program_remove(&program);
}

START_TEST(a_call_whose_handler_executes_another_program_is_lost_then)
{
	check_execve_in_a_handler("msgrcv,execve", 1);
}
END_TEST

START_TEST(and_where_execve_is_not_traced)
{
	check_execve_in_a_handler("msgrcv", 0);
}
END_TEST

/* ---- children: their side of the call is not one ---- */

#define EACH 20
#ifdef SYS_vfork
#define VFORK "vfork"
#define FORKS "vfork,fork,clone3"
#define KINDS 3
#else /* by the C library */
#define VFORK "clone"
#define FORKS "clone,clone3"
#define KINDS 2
#endif

static void end_or_wait(pid_t pid)
{
	must(pid >= 0);
	if (!pid)
		(void)syscall(SYS_exit_group, 0);
	must(waitpid(pid, NULL, 0) == pid);
}

static void make_children(void *arg)
{
	(void)arg;
	for (int i = 0; i < EACH; i++) {
		struct clone_args args = { .exit_signal = SIGCHLD };
		pid_t pid = vfork(); /* NOLINT(clang-analyzer-security.insecureAPI.vfork) */

		if (!pid)
			_exit(0);
		end_or_wait(pid);
		end_or_wait((pid_t)syscall(SYS_clone3, &args, sizeof(args)));
#ifdef SYS_fork
		end_or_wait((pid_t)syscall(SYS_fork));
#endif
	}
}

static void check_each(const struct trace *trace, const char *comm, const char *name)
{
	ck_assert_uint_eq(trace_calls(trace, comm, name), EACH);
	ck_assert_uint_eq(trace_errors(trace, comm, name), 0);
}

START_TEST(what_makes_a_child_is_one_call)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, "kids");
	trace_open(&trace, &(struct trace_options){ .syscalls = "exit_group," FORKS });
	child_run(comm, make_children, NULL);
	trace_read(&trace);
	check_each(&trace, comm, VFORK);
	check_each(&trace, comm, "clone3");
#ifdef SYS_fork
	check_each(&trace, comm, "fork");
#endif
	ck_assert_uint_eq(trace_calls(&trace, comm, "exit_group"), KINDS * EACH + 1);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_NO_ENTRY], 0);
	ck_assert_uint_eq(trace.snapshot->status.lost[IOR_LOST_NO_EXIT], 0);
	trace_close(&trace);
}
END_TEST

TCase *exec_tests(void)
{
	TCase *tcase = tcase_create("exec");

	kernel_add(tcase, execve_is_counted_under_the_new_name_and_its_failure_under_the_old);
	kernel_add(tcase, execve_of_another_thread_than_the_leader_is_counted_once);
	kernel_add(tcase, execve_of_another_thread_that_fails_too_late_is_counted_once);
	kernel_add(tcase, a_call_whose_handler_executes_another_program_is_lost_then);
	kernel_add(tcase, and_where_execve_is_not_traced);
	kernel_add(tcase, what_makes_a_child_is_one_call);
	return tcase;
}
