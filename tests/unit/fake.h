/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A source over arrays and a clock that is set by hand. Neither allocates: a test's failing
 * allocation is always one of the code under test.
 */
#ifndef FAKE_H
#define FAKE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "fold.h"
#include "source.h"

/* By container, a comm is written "COMM@ID", and its container has this ID and the pod_uid
 * "pod-ID". A row of comm LABEL_OTHER is one whose names the source did not keep; it is
 * delivered under some that mean nothing. */
struct fake_row {
	const char *comm;
	const char *syscall; /* its name */
	struct ior_row counts;
};

struct fake_error {
	const char *syscall;
	unsigned int slot;
	uint64_t count;
};

/* A thread inside a call. */
struct fake_thread {
	const char *comm;
	const char *syscall;
	uint64_t age_ns;
};

/* Gaps before the calls of a family. */
struct fake_gap {
	const char *comm;
	const char *family;
	struct ior_row counts;
};

#define FAKE_CONTAINERS 8

struct fake_source {
	struct source source;
	const struct fake_row *rows;
	size_t rows_n;
	const struct fake_error *errors;
	size_t errors_n;
	const struct fake_thread *threads;
	size_t threads_n;
	const struct fake_gap *gaps;
	size_t gaps_n;
	struct source_status status;
	int failure;		  /* 0, or the errno that a read returns ... */
	size_t failure_at;	  /* ... after this many rows */
	struct ior_filter filter; /* the last one that was set ... */
	unsigned int filters_n;	  /* ... and how many were */
	int filter_failure;	  /* 0, or the errno that setting one returns */
	atomic_uint reads_n;	  /* so far, failed ones too */
	atomic_uint closed_n;
	unsigned int reclaims_n; /* so far, and when the last one was */
	uint64_t reclaimed_ns;
	int reclaim_failure; /* what it returns */
	/* those of this read; those of the one before are spoilt */
	struct container containers[2][FAKE_CONTAINERS];
};

/* A source of these rows, by comm; more may be set afterwards, and what they are by. */
void fake_source_init(struct fake_source *ret, const struct fake_row *rows, size_t rows_n);

/* A row whose only call took `ns`. */
struct ior_row fake_call(uint64_t ns);

struct fake_clock {
	struct clock clock;
	_Atomic uint64_t now_ns; /* a server's threads look too */
	uint64_t wall_ns;
	uint64_t tick_ns; /* passes after each look at the monotonic clock */
};

void fake_clock_init(struct fake_clock *ret);

/* fold_take() of a fold that is new and has places for all. */
int fake_take(struct source *source, const struct clock *clock, struct snapshot **ret);

#endif
