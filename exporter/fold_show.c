/* SPDX-License-Identifier: Apache-2.0 */
/* What a snapshot shows of the fold: copies, sorted as the page is. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fold_table.h"
#include "rewrite.h"

/* Those with series, and those that calls in flight may be shown under. */
static bool is_shown(const struct fold_tuple *tuple)
{
	return tuple->series || tuple->place != PLACE_NONE;
}

/* Threads may be all that there is of a tuple. */
static int offer_places(struct fold *fold, struct snapshot *snapshot)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < snapshot->threads_n; i++) {
		struct tuple *name = &snapshot->threads[i].name;

		if (fold->rewrites && name->comm[0])
			rewrites_apply(fold->rewrites, name->comm);
		r = fold_places_offer(fold, name, snapshot->taken_ns);
	}
	return r;
}

int fold_show_reserve(struct fold *fold, struct snapshot *snapshot)
{
	size_t series_n = fold->other.series_n, tuples_n = 1;

	if (offer_places(fold, snapshot) < 0)
		return -ENOMEM;
	for (const struct fold_tuple *tuple = fold->tuples; tuple; tuple = tuple->next) {
		series_n += tuple->series_n;
		tuples_n += is_shown(tuple);
	}
	snapshot->tuples = calloc(tuples_n, sizeof(*snapshot->tuples));
	if (snapshot->by & BY_CONTAINER)
		snapshot->containers = calloc(tuples_n, sizeof(*snapshot->containers));
	/* some are gaps, which are few */
	snapshot->series = calloc(series_n + 1, sizeof(*snapshot->series));
	snapshot->gaps = calloc(series_n + 1, sizeof(*snapshot->gaps));
	snapshot->in_flight = calloc(snapshot->threads_n + 1, sizeof(*snapshot->in_flight));
	if (!snapshot->tuples || (snapshot->by & BY_CONTAINER && !snapshot->containers) ||
	    !snapshot->series || !snapshot->gaps || !snapshot->in_flight)
		return -ENOMEM;
	return 0;
}

/* ---- tuples ---- */

static int compare_tuples(const void *a, const void *b)
{
	return tuple_compare(a, b);
}

/* Its container is copied as well: the fold may forget it before the snapshot goes. */
static void show_tuple(struct snapshot *snapshot, const struct tuple *from)
{
	struct tuple *to = &snapshot->tuples[snapshot->tuples_n];

	*to = *from;
	if (from->container) {
		snapshot->containers[snapshot->tuples_n] = *from->container;
		to->container = &snapshot->containers[snapshot->tuples_n];
	}
	snapshot->tuples_n++;
}

static void show_tuples(const struct fold *fold, struct snapshot *snapshot)
{
	show_tuple(snapshot, &fold->other.labels);
	for (const struct fold_tuple *tuple = fold->tuples; tuple; tuple = tuple->next)
		if (is_shown(tuple))
			show_tuple(snapshot, &tuple->labels);
	qsort(snapshot->tuples, snapshot->tuples_n, sizeof(*snapshot->tuples), compare_tuples);
}

/* The snapshot's own, which is there. */
static const struct tuple *shown(const struct snapshot *snapshot, const struct fold_tuple *tuple)
{
	return bsearch(&tuple->labels, snapshot->tuples, snapshot->tuples_n,
		       sizeof(*snapshot->tuples), compare_tuples);
}

/* ---- what they counted ---- */

static void show_series(struct snapshot *snapshot, const struct tuple *tuple,
			const struct fold_series *from)
{
	if (from->call)
		snapshot->series[snapshot->series_n++] = (struct series){
			.call = from->call,
			.tuple = tuple,
			.counts = from->counts,
			.calls = fold_calls(&from->counts),
			.created_wall_ns = from->created_wall_ns,
		};
	else
		snapshot->gaps[snapshot->gaps_n++] = (struct gap){
			.family = from->family,
			.tuple = tuple,
			.counts = from->counts,
			.created_wall_ns = from->created_wall_ns,
		};
}

static void show_all_of(struct snapshot *snapshot, const struct fold_tuple *tuple)
{
	const struct tuple *labels = tuple->series ? shown(snapshot, tuple) : NULL;

	for (const struct fold_series *series = tuple->series; series; series = series->next)
		show_series(snapshot, labels, series);
}

/* Tuples are sorted, so that their order is that of their addresses. */
static int compare_addresses(const void *a, const void *b)
{
	return (a > b) - (a < b);
}

static int compare_series(const void *a, const void *b)
{
	const struct series *x = a, *y = b;
	int r = compare_addresses(x->call, y->call);

	return r ? r : compare_addresses(x->tuple, y->tuple);
}

static int compare_gaps(const void *a, const void *b)
{
	const struct gap *x = a, *y = b;
	int r = strcmp(x->family, y->family);

	return r ? r : compare_addresses(x->tuple, y->tuple);
}

static int compare_in_flight(const void *a, const void *b)
{
	const struct in_flight *x = a, *y = b;
	int r = compare_addresses(x->call, y->call);

	return r ? r : compare_addresses(x->tuple, y->tuple);
}

static void show_in_flight(const struct fold *fold, struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->threads_n; i++) {
		const struct snapshot_threads *threads = &snapshot->threads[i];
		const struct fold_tuple *tuple = fold_table_find(fold, &threads->name);
		const bool own = tuple && tuple->place != PLACE_NONE;

		snapshot->in_flight[i] = threads->sum;
		snapshot->in_flight[i].tuple = shown(snapshot, own ? tuple : &fold->other);
	}
	snapshot->in_flight_n = snapshot_sort(snapshot->in_flight, snapshot->threads_n,
					      sizeof(*snapshot->in_flight), compare_in_flight,
					      snapshot_add_in_flight);
}

void fold_show(struct fold *fold, struct snapshot *snapshot)
{
	show_tuples(fold, snapshot);
	show_all_of(snapshot, &fold->other);
	for (const struct fold_tuple *tuple = fold->tuples; tuple; tuple = tuple->next)
		show_all_of(snapshot, tuple);
	qsort(snapshot->series, snapshot->series_n, sizeof(*snapshot->series), compare_series);
	qsort(snapshot->gaps, snapshot->gaps_n, sizeof(*snapshot->gaps), compare_gaps);
	show_in_flight(fold, snapshot);
}
