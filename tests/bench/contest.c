/* SPDX-License-Identifier: Apache-2.0 */
#include "contest.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMITED_WORKS (WORK_GETPPID_2CPUS + 1)

struct draw {
	struct contender *contender;
	struct copy *copy;
};

static bool uses(const struct contender *contender, enum work work)
{
	return work_possible(work) && (work < LIMITED_WORKS || contender->all_works);
}

static int open_copy(struct contest *contest, struct contender *contender, unsigned int i)
{
	struct copy *copy = &contender->copies[i];
	int r;

	copy->round = contest->rounds * i / COPIES;
	for (enum work work = 0; work < WORKS; work++) {
		struct samples *samples = &copy->samples[work];

		samples->max = (size_t)SAMPLES * (contest->rounds + 4);
		samples->ns = calloc(samples->max, sizeof(*samples->ns));
		if (!samples->ns)
			return -ENOMEM;
	}
	r = contender->is_peer ? 0 : tracer_load(&copy->tracer, contender->design, contender->path);
	if (r)
		snprintf(contender->why, sizeof(contender->why), "cannot load: %s", strerror(-r));
	return r;
}

/* The first copies of all, then the second ones, so that neighbours differ in design. */
int contest_open(struct contest *contest)
{
	for (unsigned int i = 0; i < COPIES; i++) {
		for (size_t c = 0; c < contest->nr; c++) {
			struct contender *contender = &contest->contenders[c];
			int r = contender->why[0] ? 0 : open_copy(contest, contender, i);

			if (r)
				return r;
		}
	}
	return 0;
}

void contest_close(struct contest *contest)
{
	for (size_t c = 0; c < contest->nr; c++) {
		for (unsigned int i = 0; i < COPIES; i++) {
			struct copy *copy = &contest->contenders[c].copies[i];

			tracer_unload(&copy->tracer);
			for (enum work work = 0; work < WORKS; work++)
				free(copy->samples[work].ns);
		}
	}
}

static void take_samples(struct contender *contender, struct copy *copy)
{
	/* a peer has one visit only */
	unsigned int times = contender->is_peer ? 4 : 1;

	for (enum work work = 0; work < WORKS; work++) {
		struct samples *samples = &copy->samples[work];
		unsigned int n = work < LIMITED_WORKS ? SAMPLES * times : SAMPLES_INFO;

		if (!uses(contender, work))
			continue;
		(void)work_sample(work, true);
		while (n-- && samples->nr < samples->max)
			samples->ns[samples->nr++] = work_sample(work, false);
	}
}

static void forget_samples(struct copy *copy, const size_t nr[WORKS])
{
	for (enum work work = 0; work < WORKS; work++)
		copy->samples[work].nr = nr[work];
}

static void visit_tracer(struct contest *contest, struct contender *contender, struct copy *copy)
{
	size_t before[WORKS];
	unsigned int others;
	int r = tracer_attach(&copy->tracer, contender->design);

	if (r) {
		snprintf(contender->why, sizeof(contender->why), "cannot attach: %s", strerror(-r));
		return;
	}
	for (enum work work = 0; work < WORKS; work++)
		before[work] = copy->samples[work].nr;
	others = tracer_others(&copy->tracer);
	take_samples(contender, copy);
	others += tracer_others(&copy->tracer);
	if (others) {
		forget_samples(copy, before);
		contest->disturbed++;
	}
	tracer_detach(&copy->tracer);
}

static void visit(struct contest *contest, struct contender *contender, struct copy *copy)
{
	pid_t pid;

	contest->visits++;
	if (!contender->is_peer) {
		visit_tracer(contest, contender, copy);
		return;
	}
	if (peer_start(contender->peer, &pid, contender->why, sizeof(contender->why)))
		return;
	contender->why[0] = '\0';
	take_samples(contender, copy);
	peer_stop(pid);
}

/* Visits those of the round in an order of chance: draws one at a time from what is left. */
static void run_round(struct contest *contest, unsigned int round, struct draw *draws)
{
	size_t left = 0;

	for (size_t c = 0; c < contest->nr; c++) {
		struct contender *contender = &contest->contenders[c];

		for (unsigned int i = 0; i < COPIES; i++) {
			struct copy *copy = &contender->copies[i];

			if (!contender->is_peer || copy->round == round)
				draws[left++] = (struct draw){ contender, copy };
		}
	}
	while (left) {
		size_t i = (size_t)rand_r(&contest->seed) % left;

		if (!draws[i].contender->why[0])
			visit(contest, draws[i].contender, draws[i].copy);
		draws[i] = draws[--left];
	}
}

int contest_run(struct contest *contest)
{
	struct draw *draws = calloc(contest->nr * COPIES, sizeof(*draws));

	if (!draws)
		return -ENOMEM;
	for (unsigned int round = 0; round < contest->rounds; round++) {
		run_round(contest, round, draws);
		fprintf(stderr, "\r  round %u of %u ", round + 1, contest->rounds);
	}
	fprintf(stderr, "\r%30s\r", "");
	free(draws);
	return 0;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts in place. */
static double quantile(double *values, size_t nr, double q)
{
	double at = q * (double)(nr - 1), low = floor(at);
	size_t i = (size_t)low;

	qsort(values, nr, sizeof(*values), compare);
	return i + 1 < nr ? values[i] + (at - low) * (values[i + 1] - values[i]) : values[i];
}

bool contest_estimate(const struct contender *contender, enum work work, struct estimate *ret)
{
	double ns[COPIES];
	size_t nr = 0;

	for (unsigned int i = 0; i < COPIES; i++) {
		const struct samples *samples = &contender->copies[i].samples[work];

		if (samples->nr)
			ns[nr++] = quantile(samples->ns, samples->nr, 0.1);
	}
	if (!nr)
		return false;
	ret->ns = quantile(ns, nr, 0.5);
	ret->min = ns[0];
	ret->max = ns[nr - 1];
	return true;
}
