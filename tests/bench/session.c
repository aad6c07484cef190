/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMITED_WORKS (WORK_GETPPID_2CPUS + 1)
#define SAMPLES 5	/* a visit, for each workload with a limit */
#define SAMPLES_INFO 2	/* for the other workloads */
#define SAMPLES_PEER 20 /* a peer has one visit only */
#define PEER_SESSIONS 4 /* sessions that a peer takes part in: it takes seconds to start */

/* One loaded copy. */
struct copy {
	const struct contender *contender;
	struct result *result;
	struct loaded loaded;
	double *samples[WORKS];
	size_t nr[WORKS], max;
};

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double quantile(double *values, size_t nr, double q)
{
	double at = q * (double)(nr - 1), low = floor(at);
	size_t i = (size_t)low;

	qsort(values, nr, sizeof(*values), compare);
	return i + 1 < nr ? values[i] + (at - low) * (values[i + 1] - values[i]) : values[i];
}

static void take_samples(struct copy *copy)
{
	for (enum work work = 0; work < WORKS; work++) {
		unsigned int n = copy->contender->is_peer ? SAMPLES_PEER : SAMPLES;

		if (!work_possible(work) || (work >= LIMITED_WORKS && !copy->contender->all_works))
			continue;
		if (work >= LIMITED_WORKS)
			n = SAMPLES_INFO;
		(void)work_sample(work, true);
		while (n-- && copy->nr[work] < copy->max)
			copy->samples[work][copy->nr[work]++] = work_sample(work, false);
	}
}

static void drop(struct copy *copy, const char *what, int r)
{
	snprintf(copy->result->why, WHY_SIZE, "%s: %s", what, strerror(-r));
}

static void visit_peer(struct copy *copy)
{
	char why[WHY_SIZE];
	pid_t pid;

	if (peer_start(copy->contender->peer, &pid, why, sizeof(why))) {
		snprintf(copy->result->why, WHY_SIZE, "%s", why);
		return;
	}
	take_samples(copy);
	peer_stop(pid);
}

static void visit(struct copy *copy)
{
	size_t before[WORKS];
	unsigned int others;
	int r;

	copy->result->visits++;
	if (copy->contender->is_peer) {
		visit_peer(copy);
		return;
	}
	r = design_attach(&copy->loaded, copy->contender->design);
	if (r) {
		drop(copy, "cannot attach", r);
		return;
	}
	memcpy(before, copy->nr, sizeof(before));
	others = design_others(&copy->loaded);
	take_samples(copy);
	others += design_others(&copy->loaded);
	if (others) {
		memcpy(copy->nr, before, sizeof(before));
		copy->result->disturbed++;
	}
	design_detach(&copy->loaded);
}

/* A permutation of the copies; every session has its own. */
static void shuffle(struct copy **copies, size_t nr, unsigned int *seed)
{
	while (nr > 1) {
		size_t i = (size_t)rand_r(seed) % nr--;
		struct copy *last = copies[nr];

		copies[nr] = copies[i];
		copies[i] = last;
	}
}

/* Those that take part in the session, loaded in a shuffled order, to differ in place. */
static int load(const struct contest *contest, struct copy **copies, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		struct copy *copy = copies[i];
		int r = 0;

		copy->max = (size_t)SAMPLES * contest->rounds + SAMPLES_PEER;
		for (enum work work = 0; work < WORKS; work++) {
			copy->samples[work] = calloc(copy->max, sizeof(double));
			if (!copy->samples[work])
				return -ENOMEM;
		}
		if (!copy->contender->is_peer)
			r = design_load(&copy->loaded, copy->contender->design,
					copy->contender->path);
		if (r) {
			drop(copy, "cannot load", r);
			return r;
		}
	}
	return 0;
}

static bool takes_part(const struct contest *contest, size_t contender, unsigned int index)
{
	unsigned int step = contest->sessions / PEER_SESSIONS;

	if (contest->contenders[contender].left_out || contest->results[contender].why[0])
		return false;
	return !contest->contenders[contender].is_peer || !step || index % step == 0;
}

static int visit_all(struct contest *contest, struct copy **copies, size_t nr, unsigned int *seed)
{
	int r;

	shuffle(copies, nr, seed);
	r = load(contest, copies, nr);
	for (unsigned int round = 0; !r && round < contest->rounds; round++) {
		shuffle(copies, nr, seed);
		for (size_t i = 0; i < nr; i++) {
			bool once = copies[i]->contender->is_peer;

			if (!copies[i]->result->why[0] && (!once || !round))
				visit(copies[i]);
		}
	}
	return r;
}

int session_run(struct contest *contest, unsigned int index)
{
	struct copy *all = calloc(contest->nr, sizeof(*all));
	struct copy **copies = calloc(contest->nr, sizeof(*copies));
	unsigned int seed = contest->seed + index;
	size_t nr = 0;
	int r = all && copies ? work_open() : -ENOMEM;

	for (size_t c = 0; !r && c < contest->nr; c++) {
		if (!takes_part(contest, c, index))
			continue;
		copies[nr] = &all[c];
		copies[nr]->contender = &contest->contenders[c];
		copies[nr++]->result = &contest->results[c];
	}
	if (!r)
		r = visit_all(contest, copies, nr, &seed);
	for (size_t i = 0; i < nr; i++) {
		for (enum work work = 0; work < WORKS; work++) {
			if (copies[i]->nr[work])
				copies[i]->result->ns[index][work] = quantile(
					copies[i]->samples[work], copies[i]->nr[work], 0.1);
			free(copies[i]->samples[work]);
		}
		design_unload(&copies[i]->loaded);
	}
	work_close();
	free(copies);
	free(all);
	return r;
}
