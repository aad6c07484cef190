/* SPDX-License-Identifier: Apache-2.0 */
/* execve changes the comm, and from another thread than the leader even the thread. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel.h"

/* A program under a comm of our own: the link's name is what execve makes the comm of. */
struct program {
	char folder[32], path[64], before[COMM_SIZE], after[COMM_SIZE];
	struct gate gate;
	pid_t leader;
};

static void program_make(struct program *program)
{
	(void)snprintf(program->folder, sizeof(program->folder), "/tmp/iort.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(program->folder));
	comm_make(program->before, "befo");
	comm_make(program->after, "afte");
	(void)snprintf(program->path, sizeof(program->path), "%s/%s", program->folder,
		       program->after);
	ck_assert_int_eq(symlink("/bin/true", program->path), 0);
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

	program_make(&program);
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
	wait_blocked(program->leader, SYS_read);
	execute(program->path);
	must(!"execve returned");
	return NULL;
}

/* The execve ends the leader inside its read and takes over its thread id. */
static void execute_from_a_thread(void *arg)
{
	struct program *program = arg;
	pthread_t thread;

	gate_open(&program->gate);
	program->leader = (pid_t)syscall(SYS_gettid);
	must(pthread_create(&thread, NULL, execute_when_leader_waits, program) == 0);
	gate_wait(&program->gate);
	must(!"nobody opened the gate");
}

START_TEST(execve_of_another_thread_than_the_leader_is_counted_once)
{
	struct program program;
	struct trace trace;

	program_make(&program);
	trace_open(&trace, &(struct trace_options){ .no_syscalls = "read" });
	child_run(program.before, execute_from_a_thread, &program);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, program.before, "execve"), 0);
	ck_assert_uint_eq(trace_calls(&trace, program.before, "getppid"), 11);
	ck_assert_uint_eq(trace_calls(&trace, program.after, "execve"), 1);
	ck_assert_uint_eq(trace_errors(&trace, program.after, "execve"), 0);
	ck_assert_uint_eq(trace_calls(&trace, program.after, "exit_group"), 1);
	/* the leader was ended, it did not exit by itself */
	ck_assert_uint_eq(trace_calls(&trace, program.before, "exit"), 0);
	ck_assert_uint_eq(trace_calls(&trace, program.before, "exit_group"), 0);
	trace_close(&trace);
	program_remove(&program);
}
END_TEST

TCase *exec_tests(void)
{
	TCase *tcase = tcase_create("exec");

	kernel_add(tcase, execve_is_counted_under_the_new_name_and_its_failure_under_the_old);
	kernel_add(tcase, execve_of_another_thread_than_the_leader_is_counted_once);
	return tcase;
}
