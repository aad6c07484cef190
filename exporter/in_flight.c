/* SPDX-License-Identifier: Apache-2.0 */
#include "in_flight.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cgroups.h"
#include "ior.h"
#include "log.h"

/* The clock of bpf_ktime_get_ns(). */
static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int visit(const struct arrays *arrays, const struct source_visitor *visitor,
		 const struct ior_in_flight *entry)
{
	const struct container *container =
		arrays->cgroups ? cgroups_find_new(arrays->cgroups, entry->cgroup) : NULL;
	char comm[LABEL_SIZE];
	uint64_t now = now_ns();

	comm[0] = '\0';
	if (arrays->by & BY_COMM)
		(void)label_from_comm(comm, (const char *)entry->comm, IOR_COMM_LEN);
	return visitor->in_flight(visitor->arg, comm, container, syscall_by_nr(entry->nr),
				  now > entry->enter_ns ? now - entry->enter_ns : 0);
}

static int visit_all(const struct arrays *arrays, int fd, const struct source_visitor *visitor)
{
	struct ior_in_flight entries[128];
	size_t kept = 0; /* bytes of an entry that came in two parts */

	for (;;) {
		ssize_t n = read(fd, (char *)entries + kept, sizeof(entries) - kept);
		size_t whole, got;

		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		got = kept + (size_t)n;
		whole = got / sizeof(entries[0]);
		for (size_t i = 0; i < whole; i++) {
			int r = visit(arrays, visitor, &entries[i]);

			if (r < 0)
				return r;
		}
		kept = got % sizeof(entries[0]);
		memmove(entries, &entries[whole], kept);
	}
}

int in_flight_visit(const struct arrays *arrays, int link_fd, const struct source_visitor *visitor)
{
	int fd = bpf_iter_create(link_fd);
	int r;

	if (fd < 0) { /* no descriptor is left, say: no reason to lose the counters as well */
		log_warn("calls in flight are not shown", "err", strerror(errno));
		return 0;
	}
	r = visit_all(arrays, fd, visitor);
	(void)close(fd);
	return r;
}
