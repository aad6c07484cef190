/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One read of a source, immutable once it is folded (fold.h), and shared by all scrapes that ask
 * for it. Knows source, clock and process; nothing of metrics.
 */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include <stdatomic.h>
#include <stdint.h>

#include "clock.h"
#include "process.h"
#include "source.h"
#include "tuple.h"

/* One row of the source, as it was read. */
struct snapshot_row {
	uint64_t id;
	const struct syscall *call; /* NULL: gaps before the calls of a family */
	const char *family;	    /* of the gaps */
	uint32_t name;		    /* which of the snapshot's names it has */
	struct ior_row counts;
};

/* What is shown: fold.h says of which tuples. */
struct series {
	const struct syscall *call;
	const struct tuple *tuple; /* one of the snapshot's */
	struct ior_row counts;
	uint64_t calls;		  /* sum of the slots */
	uint64_t created_wall_ns; /* since the epoch: it counts from then on */
};

struct error_count {
	const struct syscall *call;
	unsigned int slot; /* ior_errno_slot(); all that have no name of their own are slot 0 */
	uint64_t count;
};

/* Threads of one tuple that are inside one call. */
struct in_flight {
	const struct syscall *call;
	const struct tuple *tuple; /* one of the snapshot's */
	uint64_t count;
	uint64_t oldest_ns; /* age of the oldest */
};

/* The same as it was read, without a tuple of the snapshot. */
struct snapshot_threads {
	struct in_flight sum;
	struct tuple name;
};

/* Gaps before the calls of one family by one tuple: slots and sum_ns of the counts. */
struct gap {
	const char *family;
	const struct tuple *tuple; /* one of the snapshot's */
	struct ior_row counts;
	uint64_t created_wall_ns;
};

/* Why series lost their place (metric ior_series_evicted_total). */
enum evicted { EVICTED_DISPLACED, EVICTED_IDLE, EVICTED_REASONS };

/* What is read for a snapshot: of the exporter's own process, and of the source. */
enum reading { READING_PROCESS, READING_SOURCE, READINGS };

struct snapshot {
	atomic_uint refs;
	atomic_uint *alive; /* see snapshot_count(); or NULL */
	bool up;	    /* the read worked; if not, there are no series */
	unsigned int by;    /* enum by: the labels that tuples have */
	uint64_t number;    /* 1 for the first of an app, and so on; else 0 */

	/* As read, in no order; the fold takes them over. Containers of names are the source's. */
	struct snapshot_row *rows;
	size_t rows_n, rows_cap;
	struct tuple *names; /* of the rows, as many */
	size_t names_cap;
	struct snapshot_threads *threads; /* none twice */
	size_t threads_n, threads_cap;

	/* As shown, which is the snapshot's own. */
	struct tuple *tuples; /* in order; none twice */
	size_t tuples_n;
	struct container *containers; /* of the tuples, in no order; NULL: not --by container */
	struct series *series;	      /* by system call (family, name), then tuple; no name twice */
	size_t series_n;
	struct error_count *errors; /* by system call, then slot; none twice */
	size_t errors_n, errors_cap;
	struct in_flight *in_flight; /* by system call, then tuple; none twice */
	size_t in_flight_n;
	struct gap *gaps; /* by family, then tuple; none twice */
	size_t gaps_n;
	struct source_status status;
	uint64_t observations;		   /* all calls */
	uint64_t overflow;		   /* those whose names the source itself did not keep */
	uint64_t evicted[EVICTED_REASONS]; /* series */
	struct process_status process;	   /* at the same time; its app's to fill, as: */
	uint64_t failures[READINGS];	   /* so far */
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

/* Sorts n elements of `size` bytes and adds up those that compare equal. Returns how many are left.
 */
size_t snapshot_sort(void *all, size_t n, size_t size, int (*compare)(const void *, const void *),
		     void (*add)(void *to, const void *from));

/* Adds a struct in_flight to another of the same name. */
void snapshot_add_in_flight(void *to, const void *from);

/* Frees what is only as read: the fold has it now. */
void snapshot_drop_read(struct snapshot *snapshot);

/* Empties it: it is not up. */
void snapshot_fail(struct snapshot *snapshot);

/* Adds it to *alive, until it is freed; *alive must live longer. */
void snapshot_count(struct snapshot *snapshot, atomic_uint *alive);

/* Both are safe from any thread. unref takes NULL. */
struct snapshot *snapshot_ref(struct snapshot *snapshot);
void snapshot_unref(struct snapshot *snapshot);

#endif
