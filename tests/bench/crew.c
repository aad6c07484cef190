/* SPDX-License-Identifier: Apache-2.0 */
#include "crew.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "syscall.h"

#define MEMBERS 64

/* Shared with the members. They wait at start for the next sample and, with the benchmark, at end
 * for one another. */
struct crew {
	pthread_barrier_t start, end;
	unsigned int members;
	unsigned int calls;
	double ns[MEMBERS];
	pid_t pids[MEMBERS];
};

static struct crew *comms, *vforker, *ponger;
static int ping[2], pong[2], cpu_of[2];

/* Other members run between two turns of 32 calls, so that each turn finds the programs' state of
 * this process as cold as it is between processes that share a CPU. */
static double take_turns(unsigned int member, unsigned int calls)
{
	static const long numbers[] = { SYS_getppid, SYS_getpid,  SYS_getuid, SYS_geteuid,
					SYS_getgid,  SYS_getegid, SYS_gettid, SYS_getpgid };
	unsigned int made = 0;
	uint64_t ns = 0;

	(void)member;
	while (made < calls) {
		uint64_t begin = run_ns();

		for (unsigned int i = 0; i < 32; i++)
			call(numbers[i % 8], 0, 0, 0);
		ns += run_ns() - begin;
		made += 33; /* a clock read is a call too */
		sched_yield();
	}
	return (double)ns / made;
}

/* A function of its own: the child runs on the stack frame of vfork()'s caller. */
__attribute__((noinline)) static void vfork_once(void)
{
	pid_t child = vfork();

	if (!child)
		_exit(0);
	if (child > 0)
		waitpid(child, NULL, 0);
}

static double vfork_and_wait(unsigned int member, unsigned int calls)
{
	uint64_t begin = clock_ns(CLOCK_MONOTONIC);

	(void)member;
	for (unsigned int i = 0; i < calls; i++)
		vfork_once();
	return (double)(clock_ns(CLOCK_MONOTONIC) - begin) / calls;
}

/* A byte there and back: four calls a round, two on each side. */
static double play_ball(unsigned int member, unsigned int calls)
{
	uint64_t begin = clock_ns(CLOCK_MONOTONIC);
	int in = member ? ping[0] : pong[0], out = member ? pong[1] : ping[1];
	unsigned int rounds = calls / 4;
	char ball = 0;

	for (unsigned int i = 0; i < rounds; i++) {
		if (!member && write(out, &ball, 1) != 1)
			break;
		if (read(in, &ball, 1) != 1)
			break;
		if (member && write(out, &ball, 1) != 1)
			break;
	}
	return (double)(clock_ns(CLOCK_MONOTONIC) - begin) / (4 * rounds);
}

_Noreturn static void serve(struct crew *crew, unsigned int member, pid_t parent,
			    double (*sample)(unsigned int, unsigned int))
{
	char name[16];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1); /* it ended before the line above */
	snprintf(name, sizeof(name), "bench-%u", member);
	prctl(PR_SET_NAME, name);
	for (;;) {
		pthread_barrier_wait(&crew->start);
		crew->ns[member] = sample(member, crew->calls);
		pthread_barrier_wait(&crew->end);
	}
}

/* The members share the second CPU if spread is 0, or take the CPUs in turn. */
static int hire(struct crew **ret, unsigned int members, int spread,
		double (*sample)(unsigned int, unsigned int))
{
	struct crew *crew = mmap(NULL, sizeof(*crew), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_barrierattr_t shared;
	const pid_t parent = getpid();

	if (crew == MAP_FAILED)
		return -errno;
	pthread_barrierattr_init(&shared);
	pthread_barrierattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&crew->start, &shared, members + 1);
	pthread_barrier_init(&crew->end, &shared, members + 1);
	*ret = crew;
	for (unsigned int i = 0; i < members; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return -errno;
		if (!pid) {
			pin(cpu_of[spread ? i % 2 : 1]);
			serve(crew, i, parent, sample);
		}
		crew->pids[crew->members++] = pid;
	}
	return 0;
}

int crew_open(const int cpus[2])
{
	int r;

	cpu_of[0] = cpus[0];
	cpu_of[1] = cpus[1];
	if (pipe2(ping, O_CLOEXEC) || pipe2(pong, O_CLOEXEC))
		return -errno;
	if ((r = hire(&comms, MEMBERS, 0, take_turns)) ||
	    (r = hire(&vforker, 1, 0, vfork_and_wait)))
		return r;
	return hire(&ponger, 2, 1, play_ball);
}

static void dismiss(struct crew *crew)
{
	for (unsigned int i = 0; crew && i < crew->members; i++) {
		kill(crew->pids[i], SIGKILL);
		waitpid(crew->pids[i], NULL, 0);
	}
}

void crew_close(void)
{
	dismiss(comms);
	dismiss(vforker);
	dismiss(ponger);
}

static void work_together(struct crew *crew, unsigned int calls)
{
	crew->calls = calls;
	pthread_barrier_wait(&crew->start);
	pthread_barrier_wait(&crew->end);
}

double crew_comms(unsigned int calls)
{
	double sum = 0;

	work_together(comms, calls / MEMBERS);
	for (unsigned int i = 0; i < MEMBERS; i++)
		sum += comms->ns[i];
	return sum / MEMBERS;
}

double crew_vfork(unsigned int calls)
{
	work_together(vforker, calls);
	return vforker->ns[0];
}

double crew_pipe(unsigned int calls)
{
	work_together(ponger, calls);
	return ponger->ns[0];
}
