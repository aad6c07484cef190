/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contest: sessions, each in a process of its own that loads one copy of every contender and
 * visits them round by round in a shuffled order: attach, warm up, take samples, detach.
 *
 * Where the kernel happens to place a program, its memory and the process that is measured moves
 * its cost by up to 100 ns, in steps and for good. So one copy says nothing, and copies in one
 * process share their luck; many sessions draw it anew.
 */
#ifndef BENCH_CONTEST_H
#define BENCH_CONTEST_H

#include <stdbool.h>
#include <stddef.h>

#include "design.h"
#include "peer.h"
#include "work.h"

#define SESSIONS_MAX 64
#define WHY_SIZE 128

struct contender {
	const char *name;
	enum design design;
	const char *path; /* of the object; NULL: the design's own */
	bool is_peer;	  /* another program, visited once in a few of the sessions */
	enum peer peer;
	bool all_works; /* also those without a limit */
	bool left_out;
};

struct contest {
	const struct contender *contenders; /* the first one is no tracer at all */
	size_t nr;
	unsigned int sessions, rounds, seed;
	struct result *results; /* shared with the sessions */
};

/* Returns 0 or -errno; a contender that could not run has a reason, contest_why(). */
int contest_run(struct contest *contest);
void contest_close(struct contest *contest);

/* Why a contender was dropped, "" if it was not. */
const char *contest_why(const struct contest *contest, size_t contender);
unsigned int contest_disturbed(const struct contest *contest, unsigned int *ret_visits);

/* Nanoseconds a call: the 10th percentile of a session's samples, less that of no tracer in the
 * same session unless the contender is 0; over the sessions the median and the quartiles. */
struct estimate {
	double ns, low, high;
};
/* False if there are no samples. */
bool contest_estimate(const struct contest *contest, size_t contender, enum work work,
		      struct estimate *ret);

/* What one adds against what another one adds. Compared within each session, whose rounds are
 * interleaved, for a machine that is shared is slow for minutes at a time; then the median of the
 * sessions and the quartiles. */
struct comparison {
	double ratio, low, high;
	double more_ns; /* the median of the differences */
};
/* False if no session has both. */
bool contest_compare(const struct contest *contest, size_t who, size_t base, enum work work,
		     struct comparison *ret);

#endif
