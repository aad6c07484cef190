/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who has a place. A tuple's score is the larger of its shares of the calls and of the time outside
 * of calls that mostly wait (sleepers own nearly all time, and would own the places), both as means
 * over about five minutes. One without a place displaces the lowest of those with one if it is
 * clearly above it, for two of about the same score must not take turns: each change costs a set of
 * series. A place is kept for `linger` at least, as long as the series of one that lost it may
 * stay: so besides those with a place no more than as many are shown, but for `linger` after
 * fold_set() took places away.
 */
#include <errno.h>
#include <stdlib.h>

#include "fold_table.h"

#define MEAN_SECONDS 300.0
#define CLEARLY_ABOVE 1.25
#define LEAST_SCORE 0.001

static bool has_place(const struct fold_tuple *tuple)
{
	return tuple->place != PLACE_NONE;
}

static void give_place(struct fold *fold, struct fold_tuple *tuple, enum place place,
		       uint64_t now_ns)
{
	tuple->place = place;
	tuple->since_ns = now_ns;
	fold->places++;
}

static void take_place(struct fold *fold, struct fold_tuple *tuple, enum evicted reason)
{
	tuple->place = PLACE_NONE;
	fold->places--;
	fold->evicted[reason] += tuple->series_n;
}

/* One that was counted before is shown first. */
static void admit(struct fold *fold, struct fold_tuple *tuple, uint64_t now_ns)
{
	give_place(fold, tuple, tuple->known ? PLACE_WAITING : PLACE_OWN, now_ns);
}

/* A tuple that new rules left without a row hands what it did, and its place, to one that has its
 * rows now. */
static void pass_on(struct fold *fold, uint64_t now_ns)
{
	for (struct fold_tuple *tuple = fold->tuples; tuple; tuple = tuple->next) {
		struct fold_tuple *heir = tuple->heir;

		tuple->heir = NULL;
		if (!heir || tuple->seen == fold->reads)
			continue;
		heir->calls += tuple->calls;
		heir->time += tuple->time;
		tuple->calls = tuple->time = 0;
		if (!has_place(tuple))
			continue;
		take_place(fold, tuple, EVICTED_DISPLACED);
		if (!has_place(heir))
			admit(fold, heir, now_ns);
	}
}

static void score_all(struct fold *fold, uint64_t now_ns)
{
	const double seconds = fold->scored_ns ? (double)(now_ns - fold->scored_ns) / 1e9 : 0;
	const double remain = MEAN_SECONDS / (MEAN_SECONDS + seconds); /* about exp() of it */
	double calls = 0, time = 0;

	for (struct fold_tuple *tuple = fold->tuples; tuple; tuple = tuple->next) {
		tuple->calls = tuple->calls * remain + (double)tuple->new_calls;
		tuple->time = tuple->time * remain + (double)tuple->new_ns;
		calls += tuple->calls;
		time += tuple->time;
	}
	for (struct fold_tuple *tuple = fold->tuples; tuple; tuple = tuple->next) {
		double of_calls = calls > 0 ? tuple->calls / calls : 0;
		double of_time = time > 0 ? tuple->time / time : 0;

		tuple->score = of_calls > of_time ? of_calls : of_time;
	}
	fold->scored_ns = now_ns;
}

/* What time alone changes. */
static void age_all(struct fold *fold, uint64_t now_ns)
{
	const struct fold_options *options = &fold->options;

	for (struct fold_tuple *tuple = fold->tuples; tuple; tuple = tuple->next) {
		if (tuple->active || !tuple->active_ns)
			tuple->active_ns = now_ns;
		if (has_place(tuple) && options->idle_ns &&
		    now_ns - tuple->active_ns >= options->idle_ns)
			take_place(fold, tuple, EVICTED_IDLE);
		if (tuple->place == PLACE_WAITING && now_ns - tuple->since_ns >= options->linger_ns)
			tuple->place = PLACE_OWN;
	}
}

static int compare_scores(const void *a, const void *b)
{
	const struct fold_tuple *const *x = a, *const *y = b;

	return ((*x)->score > (*y)->score) - ((*x)->score < (*y)->score);
}

/* After --comm.top was lowered: at once, for places that turn over one by one would take long. */
static int displace_surplus(struct fold *fold)
{
	struct fold_tuple **all;
	size_t n = 0;

	if (!fold->options.top || fold->places <= fold->options.top)
		return 0;
	all = calloc(fold->places, sizeof(struct fold_tuple *));
	if (!all)
		return -ENOMEM;
	for (struct fold_tuple *tuple = fold->tuples; tuple; tuple = tuple->next)
		if (has_place(tuple))
			all[n++] = tuple;
	qsort(all, n, sizeof(struct fold_tuple *), compare_scores);
	for (size_t i = 0; fold->places > fold->options.top; i++)
		take_place(fold, all[i], EVICTED_DISPLACED);
	free(all);
	return 0;
}

/* Last, for a tuple that gets its place back goes on with its series. */
static void drop_old(struct fold *fold, uint64_t now_ns)
{
	for (struct fold_tuple *tuple = fold->tuples; tuple; tuple = tuple->next) {
		if (has_place(tuple) || !tuple->series ||
		    now_ns - tuple->added_ns < fold->options.linger_ns)
			continue;
		fold_table_drop_series(tuple);
		tuple->dropped_ns = now_ns;
	}
}

/* The highest of those that want a place: they did something. */
static struct fold_tuple *highest_without(const struct fold *fold)
{
	struct fold_tuple *highest = NULL;

	for (struct fold_tuple *tuple = fold->tuples; tuple; tuple = tuple->next)
		if (!has_place(tuple) && tuple->active &&
		    (!highest || tuple->score > highest->score))
			highest = tuple;
	return highest;
}

/* The lowest of those whose place may be taken: they had it for a while. */
static struct fold_tuple *lowest_with(const struct fold *fold, uint64_t now_ns)
{
	struct fold_tuple *lowest = NULL;

	for (struct fold_tuple *tuple = fold->tuples; tuple; tuple = tuple->next)
		if (tuple->place == PLACE_OWN &&
		    now_ns - tuple->since_ns >= fold->options.linger_ns &&
		    (!lowest || tuple->score < lowest->score))
			lowest = tuple;
	return lowest;
}

static void admit_everybody(struct fold *fold, uint64_t now_ns)
{
	for (struct fold_tuple *tuple = fold->tuples; tuple; tuple = tuple->next)
		if (!has_place(tuple) && tuple->active)
			admit(fold, tuple, now_ns);
}

static void admit_highest(struct fold *fold, uint64_t now_ns)
{
	const uint64_t top = fold->options.top;
	struct fold_tuple *high, *low;

	while (fold->places < top && (high = highest_without(fold)))
		admit(fold, high, now_ns);
	for (;;) {
		high = highest_without(fold);
		low = lowest_with(fold, now_ns);
		if (!high || !low || high->score < CLEARLY_ABOVE * low->score + LEAST_SCORE)
			return;
		take_place(fold, low, EVICTED_DISPLACED);
		give_place(fold, high, PLACE_WAITING, now_ns);
	}
}

int fold_places_offer(struct fold *fold, const struct tuple *labels, uint64_t now_ns)
{
	struct fold_tuple *tuple = fold_table_find(fold, labels);

	if (tuple)
		tuple->active_ns = now_ns;
	if (fold->options.top && fold->places >= fold->options.top)
		return 0;
	if (tuple || tuple_is_other(labels))
		return 0;
	tuple = fold_table_tuple(fold, labels);
	if (!tuple)
		return -ENOMEM;
	tuple->known = true;
	tuple->active_ns = now_ns;
	give_place(fold, tuple, PLACE_OWN, now_ns);
	return 0;
}

int fold_places_update(struct fold *fold, uint64_t now_ns)
{
	int r;

	pass_on(fold, now_ns);
	score_all(fold, now_ns);
	age_all(fold, now_ns);
	r = displace_surplus(fold);
	if (r < 0)
		return r;
	if (fold->options.top)
		admit_highest(fold, now_ns);
	else
		admit_everybody(fold, now_ns);
	drop_old(fold, now_ns);
	return 0;
}
