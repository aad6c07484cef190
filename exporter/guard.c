/* SPDX-License-Identifier: Apache-2.0 */
#include "guard.h"

#include <dirent.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <time.h>

#include "conns.h"

/* Descriptors kept for what is no connection: the programs and maps in all their copies, and the
 * files that a scrape reads. */
#define DESCRIPTORS_KEPT 96
#define CONNECTIONS_MIN 16
/* What the kernel may keep of an answer. */
#define UNSENT_BYTES (64 << 10)

struct guard {
	const struct clock *clock;
	struct conns_ops ops;
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t changed;
	uint64_t looks_ns; /* when the thread looks again */
	bool stopping;
	struct conns conns;
};

/* The server finds that the client has nothing more to say and cannot be told anything, and closes
 * the socket. What is not sent by then the kernel would keep, for a client that does not read. */
static void end(void *arg, int fd, bool in_answer)
{
	const struct linger none = { .l_onoff = 1, .l_linger = 0 };

	(void)arg;
	if (in_answer)
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	(void)shutdown(fd, SHUT_RDWR);
}

static uint64_t taken(void *arg, int fd)
{
	struct tcp_info info = { .tcpi_bytes_acked = 0 };
	socklen_t size = sizeof(info);

	(void)arg;
	/* no TCP: it has taken nothing, which matters only where places are short */
	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0 ? 0 : info.tcpi_bytes_acked;
}

/* A little is always on its way. */
static bool unsent(void *arg, int fd)
{
	int n = 0;

	(void)arg;
	return ioctl(fd, SIOCOUTQ, &n) == 0 && n > UNSENT_BYTES;
}

static uint64_t now(const struct guard *guard)
{
	return guard->clock->monotonic_ns(guard->clock->arg);
}

/* The real time when the guard's clock, which may be a test's, will be at then_ns. */
static struct timespec wake_at(uint64_t then_ns, uint64_t now_ns)
{
	const uint64_t ns = clock_system.monotonic_ns(clock_system.arg) +
			    (then_ns > now_ns ? then_ns - now_ns : 0);

	return (struct timespec){ .tv_sec = (time_t)(ns / 1000000000),
				  .tv_nsec = (long)(ns % 1000000000) };
}

static void *watch(void *arg)
{
	struct guard *guard = arg;

	(void)pthread_mutex_lock(&guard->lock);
	while (!guard->stopping) {
		const uint64_t now_ns = now(guard);

		guard->looks_ns = conns_reap(&guard->conns, now_ns);
		if (guard->looks_ns == UINT64_MAX) {
			(void)pthread_cond_wait(&guard->changed, &guard->lock);
		} else {
			const struct timespec wake = wake_at(guard->looks_ns, now_ns);

			(void)pthread_cond_timedwait(&guard->changed, &guard->lock, &wake);
		}
	}
	(void)pthread_mutex_unlock(&guard->lock);
	return NULL;
}

static size_t count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		(void)closedir(dir);
	return n;
}

/* A connection for which there is no descriptor would be accepted again and again. */
static size_t connections_limit(void)
{
	const size_t kept = count_descriptors() + DESCRIPTORS_KEPT;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= kept + CONNS_MAX)
		return CONNS_MAX;
	return limit.rlim_cur > kept + CONNECTIONS_MIN ? limit.rlim_cur - kept : CONNECTIONS_MIN;
}

struct guard *guard_start(const struct clock *clock, uint64_t scrapes_max)
{
	struct guard *guard = calloc(1, sizeof(*guard));
	pthread_condattr_t attr;

	if (!guard)
		return NULL;
	guard->clock = clock;
	guard->ops = (struct conns_ops){ end, taken, unsent, NULL };
	conns_init(&guard->conns, &guard->ops, connections_limit(), scrapes_max);
	(void)pthread_mutex_init(&guard->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&guard->changed, &attr);
	(void)pthread_condattr_destroy(&attr);
	if (pthread_create(&guard->thread, NULL, watch, guard) == 0)
		return guard;
	(void)pthread_cond_destroy(&guard->changed);
	(void)pthread_mutex_destroy(&guard->lock);
	free(guard);
	return NULL;
}

void guard_stop(struct guard *guard)
{
	if (!guard)
		return;
	(void)pthread_mutex_lock(&guard->lock);
	guard->stopping = true;
	(void)pthread_cond_signal(&guard->changed);
	(void)pthread_mutex_unlock(&guard->lock);
	(void)pthread_join(guard->thread, NULL);
	(void)pthread_cond_destroy(&guard->changed);
	(void)pthread_mutex_destroy(&guard->lock);
	free(guard);
}

unsigned int guard_limit(const struct guard *guard)
{
	return (unsigned int)guard->conns.limit;
}

/* Begins a change. The thread, which sleeps by the real clock, is told if the guard's clock is
 * already where it would look. */
static uint64_t lock(struct guard *guard)
{
	uint64_t now_ns;

	(void)pthread_mutex_lock(&guard->lock);
	now_ns = now(guard);
	if (now_ns >= guard->looks_ns)
		(void)pthread_cond_signal(&guard->changed);
	return now_ns;
}

/* The thread is told of what ends before it would look. */
static void unlock(struct guard *guard, const struct conn *conn)
{
	if (conn && conn->deadline_ns < guard->looks_ns)
		(void)pthread_cond_signal(&guard->changed);
	(void)pthread_mutex_unlock(&guard->lock);
}

struct conn *guard_add(struct guard *guard, int fd, const struct sockaddr *address)
{
	const uint64_t now_ns = lock(guard);
	struct conn *ret = conns_add(&guard->conns, fd, address, now_ns);

	if (!ret)
		end(NULL, fd, false);
	unlock(guard, ret);
	return ret;
}

void guard_remove(struct guard *guard, struct conn *conn)
{
	if (!conn)
		return;
	(void)lock(guard);
	conns_remove(conn);
	unlock(guard, NULL);
}

void guard_head(struct guard *guard, struct conn *conn)
{
	if (!conn)
		return;
	conns_head(conn, lock(guard));
	unlock(guard, conn);
}

void guard_answer(struct guard *guard, struct conn *conn, uint64_t timeout_ns)
{
	if (!conn)
		return;
	conns_answer(&guard->conns, conn, timeout_ns, lock(guard));
	unlock(guard, conn);
}

void guard_idle(struct guard *guard, struct conn *conn)
{
	if (!conn)
		return;
	conns_idle(&guard->conns, conn, lock(guard));
	unlock(guard, conn);
}

bool guard_admit_scrape(struct guard *guard, struct conn *conn)
{
	bool admitted;

	if (!conn)
		return false; /* it is shut down */
	admitted = conns_admit_scrape(&guard->conns, conn, lock(guard));
	if (guard->conns.crowded)
		(void)pthread_cond_signal(&guard->changed);
	unlock(guard, conn);
	return admitted;
}

void guard_end_slow(struct guard *guard)
{
	conns_end_slow(&guard->conns, lock(guard));
	unlock(guard, NULL);
}
