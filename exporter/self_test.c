/* SPDX-License-Identifier: Apache-2.0 */
#include "self_test.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define STACK_BYTES (64 << 10)
#define CALLS_PER_LOOK 64 /* between two looks at the clock */

/* What the threads share. */
struct crew {
	atomic_bool go;
	uint64_t duration_ns;
};

struct member {
	struct crew *crew;
	uint64_t made;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void *make_calls(void *arg)
{
	struct member *member = arg;
	uint64_t end;

	while (!atomic_load(&member->crew->go))
		(void)sched_yield();
	end = now_ns() + member->crew->duration_ns;
	do {
		for (unsigned int i = 0; i < CALLS_PER_LOOK; i++)
			(void)syscall(SYS_getppid);
		member->made += CALLS_PER_LOOK;
	} while (now_ns() < end);
	return NULL;
}

/* The n-th CPU of the set, counted round. */
static void pin(pthread_attr_t *attr, const cpu_set_t *usable, unsigned int n)
{
	unsigned int skip = n % (unsigned int)CPU_COUNT(usable);
	cpu_set_t one;

	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, usable) || skip--)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		(void)pthread_attr_setaffinity_np(attr, sizeof(one), &one);
		return;
	}
}

/* As many as can be started. */
static unsigned int start(struct member *members, pthread_t *threads, unsigned int n)
{
	cpu_set_t usable;
	pthread_attr_t attr;
	unsigned int started = 0;
	const bool pinned = !sched_getaffinity(0, sizeof(usable), &usable);

	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, STACK_BYTES);
	for (; started < n; started++) {
		if (pinned)
			pin(&attr, &usable, started);
		if (pthread_create(&threads[started], &attr, make_calls, &members[started]))
			break;
	}
	(void)pthread_attr_destroy(&attr);
	return started;
}

static uint64_t seen(const struct ior_passes *passes)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < IOR_PASSES; i++)
		sum += __atomic_load_n(&passes[i].own, __ATOMIC_RELAXED);
	return sum;
}

static unsigned int threads_wanted(void)
{
	cpu_set_t usable;
	if (sched_getaffinity(0, sizeof(usable), &usable))
		return self_test_threads(1);
	return self_test_threads((unsigned int)CPU_COUNT(&usable));
}

/* What the programs do with getppid: seen, but of nobody counted, where it is not selected. */
static void set_call(struct ior_config *config, unsigned int call)
{
	__atomic_store_n(&config->call[SYS_getppid], (uint8_t)call, __ATOMIC_SEQ_CST);
}

int self_test_run(struct ior_config *config, const struct ior_passes *passes,
		  unsigned int duration_ms, struct self_test *ret)
{
	struct crew crew = { .duration_ns = duration_ms * 1000000ull };
	const unsigned int wanted = threads_wanted();
	struct member *members = calloc(wanted, sizeof(*members));
	pthread_t *threads = calloc(wanted, sizeof(*threads));
	unsigned int n = 0;

	*ret = (struct self_test){ 0 };
	if (members && threads) {
		const uint8_t call = config->call[SYS_getppid];

		for (unsigned int i = 0; i < wanted; i++)
			members[i].crew = &crew;
		if (!(call & IOR_CALL_SELECTED))
			set_call(config, call | IOR_CALL_SELECTED | IOR_CALL_HIDDEN);
		__atomic_store_n(&config->testing, 1, __ATOMIC_SEQ_CST);
		n = start(members, threads, wanted);
		atomic_store(&crew.go, true);
		for (unsigned int i = 0; i < n; i++) {
			(void)pthread_join(threads[i], NULL);
			ret->made += members[i].made;
		}
		__atomic_store_n(&config->testing, 0, __ATOMIC_SEQ_CST);
		set_call(config, call);
		ret->seen = seen(passes);
	}
	free(members);
	free(threads);
	return n ? 0 : -EAGAIN;
}
