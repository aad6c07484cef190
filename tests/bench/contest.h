/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contest: every contender is loaded once in several copies, then visited round by round in a
 * shuffled order: attach, warm up, take samples, detach. Several copies, since where the kernel
 * happens to place a program and its memory moves its cost by 25 ns either way.
 */
#ifndef BENCH_CONTEST_H
#define BENCH_CONTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "peer.h"
#include "tracer.h"
#include "work.h"

#define SAMPLES 5      /* a visit, for each workload with a limit */
#define SAMPLES_INFO 2 /* for the other workloads */
#define COPIES 5

/* The samples of one workload, in nanoseconds a call. */
struct samples {
	double *ns;
	size_t nr, max;
};

struct copy {
	struct tracer tracer;
	struct samples samples[WORKS];
	unsigned int round; /* a peer's: the one round of its visit */
};

/* Another program is started for each copy anew, and so is visited once only. */
struct contender {
	const char *name;
	enum design design;
	const char *path; /* of the object, else NULL: the design's own */
	bool is_peer;
	enum peer peer;
	bool all_works; /* also those without a limit */
	struct copy copies[COPIES];
	char why[128]; /* not empty: dropped, for this reason */
};

struct contest {
	struct contender *contenders;
	size_t nr;
	unsigned int rounds, seed;
	unsigned int visits, disturbed; /* visits made; without use, since others traced too */
};

/* Loads all. Returns 0 or -errno, then the contender at fault says why. */
int contest_open(struct contest *contest);
int contest_run(struct contest *contest);
void contest_close(struct contest *contest);

/* Nanoseconds a call: the 10th percentile of a copy's samples; over the copies the median, least
 * and most. */
struct estimate {
	double ns, min, max;
};
/* False if there are no samples. */
bool contest_estimate(const struct contender *contender, enum work work, struct estimate *ret);

#endif
