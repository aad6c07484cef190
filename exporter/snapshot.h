/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One read of a source, immutable once it is folded (fold.h), and shared by all scrapes that ask
 * for it. Knows source and clock; nothing of metrics.
 */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include <stdatomic.h>
#include <stdint.h>

#include "clock.h"
#include "source.h"

/* One row of the source, as it was read. */
struct snapshot_row {
	uint64_t id;
	const struct syscall *call; /* NULL: gaps before the calls of a family */
	const char *family;	    /* of the gaps */
	struct ior_row counts;
	char comm[LABEL_SIZE];
};

/* What is shown: fold.h says of which comms. */
struct series {
	const struct syscall *call;
	struct ior_row counts;
	uint64_t calls;		  /* sum of the slots */
	uint64_t created_wall_ns; /* since the epoch: it counts from then on */
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
	uint64_t created_wall_ns;
	char comm[LABEL_SIZE];
};

/* Why series lost their place (metric ior_series_evicted_total). */
enum evicted { EVICTED_DISPLACED, EVICTED_IDLE, EVICTED_REASONS };

struct snapshot {
	atomic_uint refs;
	atomic_uint *alive;	   /* see snapshot_count(); or NULL */
	bool up;		   /* the read worked; if not, there are no series */
	struct snapshot_row *rows; /* as read, in no order; the fold takes them over */
	size_t rows_n, rows_cap;
	struct series *series; /* by system call (family, name), then comm; no name twice */
	size_t series_n;
	struct error_count *errors; /* by system call, then slot; none twice */
	size_t errors_n, errors_cap;
	struct in_flight *in_flight; /* by system call, then comm; none twice */
	size_t in_flight_n, in_flight_cap;
	struct gap *gaps; /* by family, then comm; none twice */
	size_t gaps_n;
	struct source_status status;
	uint64_t observations;		   /* all calls */
	uint64_t overflow;		   /* those that the source itself has under LABEL_OTHER */
	uint64_t evicted[EVICTED_REASONS]; /* series */
	uint64_t taken_ns;		   /* monotonic, when the read began */
	uint64_t taken_wall_ns;		   /* since the epoch */
	uint64_t took_ns;		   /* reading and folding */
};

/* How many there may be at a time: a scrape that does not read its page holds an old one. */
#define SNAPSHOTS_MAX 3

/* Reads the source once; its rows are not yet series: see fold_take(). source may be NULL (not
 * attached yet): the snapshot is then not `up`. When the read fails, *ret is a snapshot without
 * series that is not `up`, and the return is the error; without memory even for that, *ret is NULL
 * and the return -ENOMEM. The caller owns one reference. */
int snapshot_take(struct source *source, const struct clock *clock, struct snapshot **ret);

/* Sorts the calls in flight, and adds up those of one name: their labels have changed. */
void snapshot_sort_in_flight(struct snapshot *snapshot);

/* Empties it: it is not up. */
void snapshot_fail(struct snapshot *snapshot);

/* Adds it to *alive, until it is freed; *alive must live longer. */
void snapshot_count(struct snapshot *snapshot, atomic_uint *alive);

/* Both are safe from any thread. unref takes NULL. */
struct snapshot *snapshot_ref(struct snapshot *snapshot);
void snapshot_unref(struct snapshot *snapshot);

#endif
