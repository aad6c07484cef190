/* SPDX-License-Identifier: Apache-2.0 */
#include "work.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/prctl.h>

#include "crew.h"
#include "syscall.h"

static int cpus[2] = { -1, -1 }; /* the same one twice if there is just one */
static int zero = -1;

/* Copies of a loop that makes a call n times. Where the linker puts it is a matter of luck:
 * branches of the kernel and of what is measured that happen to share the branch predictor's
 * entries with the loop's take up to 60 ns a call longer, with any program and with none. So each
 * sample is taken by another copy, and the low quantile of the samples is of those that share
 * nothing. */
#define REPEAT(place)                                                                         \
	static __attribute__((noinline)) void repeat_##place(unsigned int n, long nr, long a, \
							     long b, long c)                  \
	{                                                                                     \
		AT(place);                                                                    \
		for (unsigned int i = 0; i < n; i++)                                          \
			call(nr, a, b, c);                                                    \
	}
#ifdef __x86_64__
#define AT(place) asm volatile(".p2align 6\n\t.skip " #place ", 0x90")
#else
#define AT(place)
#endif

REPEAT(1)
REPEAT(9)
REPEAT(17)
REPEAT(25)
REPEAT(33)
REPEAT(41)
REPEAT(49)
REPEAT(57)

static void repeat(unsigned int n, long nr, long a, long b, long c)
{
	static void (*const copies[])(unsigned int, long, long, long, long) = {
		repeat_1,  repeat_9,  repeat_17, repeat_25,
		repeat_33, repeat_41, repeat_49, repeat_57,
	};
	static _Thread_local unsigned int next;

	copies[next++ % (sizeof(copies) / sizeof(copies[0]))](n, nr, a, b, c);
}

static double getppid_loop(unsigned int calls)
{
	uint64_t begin = run_ns();

	repeat(calls, SYS_getppid, 0, 0, 0);
	return (double)(run_ns() - begin) / calls;
}

static double read_loop(unsigned int calls)
{
	char byte;
	uint64_t begin = run_ns();

	repeat(calls, SYS_read, zero, (long)&byte, 1);
	return (double)(run_ns() - begin) / calls;
}

static double rename_loop(unsigned int calls)
{
	static const char *const names[] = { "bench-alpha", "bench-beta" };
	uint64_t begin = run_ns();

	for (unsigned int i = 0; i < calls; i++) {
		if (i % 16)
			call(SYS_getppid, 0, 0, 0);
		else
			call(SYS_prctl, PR_SET_NAME, (long)names[i / 16 % 2], 0);
	}
	return (double)(run_ns() - begin) / calls;
}

/* The second thread of WORK_GETPPID_2CPUS sleeps at start; then the two spin until both are there,
 * so that their loops run at the same time. */
static struct {
	pthread_barrier_t start, end;
	atomic_uint there;
	unsigned int calls;
	double ns;
} twin;

static double loop_beside_twin(unsigned int calls)
{
	atomic_fetch_add(&twin.there, 1);
	while (atomic_load(&twin.there) < 2)
		;
	return getppid_loop(calls);
}

static void *serve_twin(void *unused)
{
	(void)unused;
	pin(cpus[0]);
	for (;;) {
		pthread_barrier_wait(&twin.start);
		twin.ns = loop_beside_twin(twin.calls);
		pthread_barrier_wait(&twin.end);
	}
	return NULL;
}

static double getppid_twice(unsigned int calls)
{
	double ns;

	twin.calls = calls;
	atomic_store(&twin.there, 0);
	pthread_barrier_wait(&twin.start);
	ns = loop_beside_twin(calls);
	pthread_barrier_wait(&twin.end);
	return (ns + twin.ns) / 2;
}

static const struct {
	const char *name;
	double (*sample)(unsigned int calls);
	unsigned int calls, warm_up;
	bool two_cpus;
} works[WORKS] = {
	[WORK_GETPPID] = { "getppid", getppid_loop, 4000, 1000, false },
	[WORK_READ] = { "read 1 B", read_loop, 4000, 1000, false },
	[WORK_GETPPID_2CPUS] = { "getppid on 2 CPUs", getppid_twice, 4000, 1000, true },
	[WORK_RENAME] = { "comm changed every 16 calls", rename_loop, 4000, 1000, false },
	[WORK_COMMS] = { "64 processes, 64 comms", crew_comms, 64 * 99, 64 * 33, false },
	[WORK_VFORK] = { "vfork+_exit+wait", crew_vfork, 100, 20, false },
	[WORK_PIPE] = { "pipe ping-pong", crew_pipe, 1000, 200, true },
};

const char *work_name(enum work work)
{
	return works[work].name;
}

double work_sample(enum work work, bool warm_up)
{
	return works[work].sample(warm_up ? works[work].warm_up : works[work].calls);
}

/* The last two CPUs that the process may use: CPU 0 tends to have the most interrupts. */
static int choose_cpus(void)
{
	cpu_set_t set;
	int found = 0;

	if (sched_getaffinity(0, sizeof(set), &set))
		return -errno;
	for (int cpu = CPU_SETSIZE - 1; cpu >= 0 && found < 2; cpu--)
		if (CPU_ISSET((size_t)cpu, &set))
			cpus[1 - found++] = cpu;
	if (found == 1)
		cpus[0] = cpus[1];
	return found ? 0 : -ENODEV;
}

bool work_possible(enum work work)
{
	if (cpus[1] < 0)
		(void)choose_cpus();
	return !works[work].two_cpus || cpus[0] != cpus[1];
}

int work_open(void)
{
	pthread_t thread;
	int r = choose_cpus(); /* before the first pin() */

	if (r)
		return r;
	zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	if (zero < 0)
		return -errno;
	r = crew_open(cpus);
	if (r)
		return r;
	pthread_barrier_init(&twin.start, NULL, 2);
	pthread_barrier_init(&twin.end, NULL, 2);
	if (work_possible(WORK_GETPPID_2CPUS)) {
		r = pthread_create(&thread, NULL, serve_twin, NULL);
		if (r)
			return -r;
	}
	return pin(cpus[1]) ? -errno : 0;
}

void work_close(void)
{
	crew_close();
}
