/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One read of a source, sorted and immutable, shared by all scrapes that ask for it. Knows source
 * and clock; nothing of metrics.
 */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include <stdatomic.h>
#include <stdint.h>

#include "clock.h"
#include "source.h"

struct series {
	const struct syscall *call;
	struct ior_row counts;
	uint64_t calls; /* sum of the slots */
	char comm[LABEL_SIZE];
};

struct error_count {
	const struct syscall *call;
	unsigned int slot; /* ior_errno_slot(); all that have no name of their own are slot 0 */
	uint64_t count;
};

/* Threads of one comm that are inside one call. */
struct in_flight {
	const struct syscall *call;
	uint64_t count;
	uint64_t oldest_ns; /* age of the oldest */
	char comm[LABEL_SIZE];
};

/* Gaps before the calls of one family by one comm: slots and sum_ns of the counts. */
struct gap {
	const char *family;
	struct ior_row counts;
	char comm[LABEL_SIZE];
};

struct snapshot {
	atomic_uint refs;
	atomic_uint *alive;    /* see snapshot_count(); or NULL */
	bool up;	       /* the read worked; if not, there are no series */
	struct series *series; /* by system call (family, name), then comm; no name twice */
	size_t series_n, series_cap;
	struct error_count *errors; /* by system call, then slot; none twice */
	size_t errors_n, errors_cap;
	struct in_flight *in_flight; /* by system call, then comm; none twice */
	size_t in_flight_n, in_flight_cap;
	struct gap *gaps; /* by family, then comm; none twice */
	size_t gaps_n, gaps_cap;
	struct source_status status;
	uint64_t observations;	/* all calls */
	uint64_t overflow;	/* those under LABEL_OTHER */
	uint64_t taken_ns;	/* monotonic, when the read began */
	uint64_t taken_wall_ns; /* since the epoch */
	uint64_t took_ns;	/* reading and sorting */
};

/* How many there may be at a time: a scrape that does not read its page holds an old one. */
#define SNAPSHOTS_MAX 3

/* Reads the source once. source may be NULL (not attached yet): the snapshot is then not `up`.
 * When the read fails, *ret is a snapshot without series that is not `up`, and the return is the
 * error; without memory even for that, *ret is NULL and the return -ENOMEM. The caller owns one
 * reference. */
int snapshot_take(struct source *source, const struct clock *clock, struct snapshot **ret);

/* Adds it to *alive, until it is freed; *alive must live longer. */
void snapshot_count(struct snapshot *snapshot, atomic_uint *alive);

/* Both are safe from any thread. unref takes NULL. */
struct snapshot *snapshot_ref(struct snapshot *snapshot);
void snapshot_unref(struct snapshot *snapshot);

#endif
