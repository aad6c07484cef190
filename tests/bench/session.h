/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One session of the contest (contest.h), in the process that calls it.
 */
#ifndef BENCH_SESSION_H
#define BENCH_SESSION_H

#include "contest.h"

/* What the sessions found of one contender; in memory that they share with their parent. */
struct result {
	double ns[SESSIONS_MAX][WORKS]; /* 0: nothing */
	char why[WHY_SIZE];
	unsigned int visits;
	unsigned int disturbed; /* visits without use, since others traced too */
};

/* Runs session `index` and writes what it finds into contest->results. Returns 0 or -errno. */
int session_run(struct contest *contest, unsigned int index);

/* The quantile q of values, which are sorted in place. */
double quantile(double *values, size_t nr, double q);

#endif
