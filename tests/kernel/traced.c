/* SPDX-License-Identifier: Apache-2.0 */
/* The processes and threads whose calls are counted. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "kernel.h"

#define THREADS_MAX 16

void comm_make(char comm[COMM_SIZE], const char *tag)
{
	/* each test is a process of its own, so the number tells tests apart */
	(void)snprintf(comm, COMM_SIZE, "iort%06x-%.4s", (unsigned int)getpid() & 0xffffff, tag);
}

void comm_set(const char *comm)
{
	must(syscall(SYS_prctl, PR_SET_NAME, comm, 0, 0, 0) == 0);
}

_Noreturn void must_failed(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: in a traced process: %s (errno %d)\n", file, line, condition,
		errno);
	_exit(1);
}

pid_t child_start(const char *comm, body *run, void *arg)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid)
		return pid;
	comm_set(comm);
	run(arg);
	(void)syscall(SYS_exit_group, 0);
	abort();
}

void child_wait(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "child ended with status %#x",
		      (unsigned int)status);
}

void child_run(const char *comm, body *run, void *arg)
{
	child_wait(child_start(comm, run, arg));
}

void child_kill(pid_t pid)
{
	int status;

	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

void call(long nr, unsigned int n)
{
	while (n--)
		(void)syscall(nr, 0, 0, 0, 0, 0, 0);
}

unsigned int scaled(unsigned int n)
{
	const char *text = getenv("IOR_TEST_DIVISOR");
	unsigned long divisor = text ? strtoul(text, NULL, 10) : 1;

	must(divisor > 0);
	return divisor < n ? n / (unsigned int)divisor : 1;
}

void call_nothing(void *arg)
{
	(void)arg;
}

/* ---- threads ---- */

/* Shared with the children. The threads spin, for to sleep is a call. */
struct window {
	atomic_uint ready; /* threads before what they run, and those that will join them */
	atomic_uint done;  /* threads behind it */
	atomic_bool open, closed;
};

/* Between two looks: lets another CPU have what they share, in an emulator the emulator itself. */
static void relax(void)
{
#ifdef __x86_64__
	__builtin_ia32_pause();
#else
	__asm__ volatile("yield");
#endif
}

struct window *window_new(void)
{
	struct window *window = mmap(NULL, sizeof(*window), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(window, MAP_FAILED);
	return window;
}

void window_await(struct window *window, const pid_t *pids, unsigned int processes,
		  unsigned int threads)
{
	while (window->ready != processes + threads)
		relax();
	for (unsigned int i = 0; i < processes; i++)
		wait_blocked(pids[i], SYS_futex);
}

void window_run(struct window *window, unsigned int threads)
{
	window->open = true;
	while (window->done != threads)
		relax();
}

void window_close(struct window *window)
{
	window->closed = true;
}

struct crew {
	pthread_barrier_t start;
	struct window *window; /* or NULL */
	atomic_uint leaving;   /* in a window: the thread that may end */
	body *run;
	void *arg;
	cpu_set_t cpus;
};

struct worker {
	struct crew *crew;
	unsigned int index;
	pthread_t thread;
};

static void *work(void *arg)
{
	const struct worker *worker = arg;
	struct crew *crew = worker->crew;

	(void)pthread_barrier_wait(&crew->start);
	crew->run(crew->arg);
	return NULL;
}

static void *work_in_window(void *arg)
{
	const struct worker *worker = arg;
	struct crew *crew = worker->crew;
	struct window *window = crew->window;

	window->ready++;
	while (!window->open)
		relax();
	crew->run(crew->arg);
	window->done++;
	while (!window->closed || crew->leaving != worker->index)
		relax();
	return NULL;
}

static int nth_cpu(const cpu_set_t *cpus, unsigned int n)
{
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, cpus) && n-- == 0)
			return cpu;
	return 0;
}

unsigned int cpus_usable(void)
{
	cpu_set_t cpus;

	must(sched_getaffinity(0, sizeof(cpus), &cpus) == 0);
	return (unsigned int)CPU_COUNT(&cpus);
}

static void crew_run(struct crew *crew, unsigned int n, unsigned int cpus)
{
	struct worker worker[THREADS_MAX];

	must(n <= THREADS_MAX);
	must(sched_getaffinity(0, sizeof(crew->cpus), &crew->cpus) == 0);
	if (cpus > (unsigned int)CPU_COUNT(&crew->cpus))
		cpus = (unsigned int)CPU_COUNT(&crew->cpus);
	must(pthread_barrier_init(&crew->start, NULL, n) == 0);
	for (unsigned int i = 0; i < n; i++) {
		pthread_attr_t attr;
		cpu_set_t one;

		must(pthread_attr_init(&attr) == 0);
		CPU_ZERO(&one);
		CPU_SET(nth_cpu(&crew->cpus, cpus ? i % cpus : 0), &one);
		if (cpus)
			must(pthread_attr_setaffinity_np(&attr, sizeof(one), &one) == 0);
		worker[i] = (struct worker){ .crew = crew, .index = i };
		must(pthread_create(&worker[i].thread, &attr, crew->window ? work_in_window : work,
				    &worker[i]) == 0);
		(void)pthread_attr_destroy(&attr);
	}
	if (crew->window)
		crew->window->ready++; /* the next call is that of the first join, which waits */
	for (unsigned int i = 0; i < n; i++) {
		crew->leaving = i;
		must(pthread_join(worker[i].thread, NULL) == 0);
	}
	(void)pthread_barrier_destroy(&crew->start);
}

void threads_run(unsigned int n, unsigned int cpus, body *run, void *arg)
{
	struct crew crew = { .run = run, .arg = arg };

	crew_run(&crew, n, cpus);
}

void threads_run_in(struct window *window, unsigned int n, unsigned int cpus, body *run, void *arg)
{
	struct crew crew = { .window = window, .run = run, .arg = arg };

	crew_run(&crew, n, cpus);
}

/* ---- events ---- */

/* /proc/PID/syscall is "running", or the number of the call that the thread sleeps in. */
void wait_blocked(pid_t tid, long nr)
{
	char path[64], text[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/syscall", (int)tid);
	for (;;) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t n;
		char *end;

		must(fd >= 0);
		n = read(fd, text, sizeof(text) - 1);
		(void)close(fd);
		must(n > 0);
		text[n] = '\0';
		if (strtol(text, &end, 10) == nr && end != text)
			return;
		(void)sched_yield();
	}
}

void gate_open(struct gate *gate)
{
	must(pipe2(gate->fd, O_CLOEXEC) == 0);
}

void gate_pass(const struct gate *gate)
{
	must(write(gate->fd[1], "", 1) == 1);
}

void gate_wait(const struct gate *gate)
{
	char byte;

	must(read(gate->fd[0], &byte, 1) == 1);
}

void gate_close(struct gate *gate)
{
	(void)close(gate->fd[0]);
	(void)close(gate->fd[1]);
}
