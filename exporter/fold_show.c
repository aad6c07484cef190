/* SPDX-License-Identifier: Apache-2.0 */
/* What a snapshot shows of the fold: copies, sorted as the page is. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fold_table.h"
#include "rewrite.h"

int fold_show_reserve(struct fold *fold, struct snapshot *snapshot)
{
	size_t series_n = fold->other.series_n;
	int r = 0;

	for (const struct fold_tuple *tuple = fold->tuples; tuple; tuple = tuple->next)
		series_n += tuple->series_n;
	/* some are gaps, which are few */
	snapshot->series = calloc(series_n + 1, sizeof(*snapshot->series));
	snapshot->gaps = calloc(series_n + 1, sizeof(*snapshot->gaps));
	if (!snapshot->series || !snapshot->gaps)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < snapshot->in_flight_n; i++) {
		if (fold->rewrites)
			rewrites_apply(fold->rewrites, snapshot->in_flight[i].comm);
		r = fold_places_offer(fold, snapshot->in_flight[i].comm, snapshot->taken_ns);
	}
	return r;
}

static void show_series(struct snapshot *snapshot, const struct fold_tuple *tuple,
			const struct fold_series *from)
{
	if (from->call) {
		struct series *to = &snapshot->series[snapshot->series_n++];

		to->call = from->call;
		to->counts = from->counts;
		to->calls = fold_calls(&from->counts);
		to->created_wall_ns = from->created_wall_ns;
		memcpy(to->comm, tuple->label, sizeof(to->comm));
	} else {
		struct gap *to = &snapshot->gaps[snapshot->gaps_n++];

		to->family = from->family;
		to->counts = from->counts;
		to->created_wall_ns = from->created_wall_ns;
		memcpy(to->comm, tuple->label, sizeof(to->comm));
	}
}

static int compare_series(const void *a, const void *b)
{
	const struct series *x = a, *y = b;

	if (x->call != y->call)
		return x->call < y->call ? -1 : 1;
	return strcmp(x->comm, y->comm);
}

static int compare_gaps(const void *a, const void *b)
{
	const struct gap *x = a, *y = b;
	int r = strcmp(x->family, y->family);

	return r ? r : strcmp(x->comm, y->comm);
}

static void label_in_flight(const struct fold *fold, struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->in_flight_n; i++) {
		struct in_flight *entry = &snapshot->in_flight[i];
		const struct fold_tuple *tuple = fold_table_find(fold, entry->comm);

		if (!tuple || tuple->place == PLACE_NONE)
			memcpy(entry->comm, LABEL_OTHER, sizeof(LABEL_OTHER));
	}
	snapshot_sort_in_flight(snapshot);
}

void fold_show(struct fold *fold, struct snapshot *snapshot)
{
	for (const struct fold_series *series = fold->other.series; series; series = series->next)
		show_series(snapshot, &fold->other, series);
	for (const struct fold_tuple *tuple = fold->tuples; tuple; tuple = tuple->next)
		for (const struct fold_series *series = tuple->series; series;
		     series = series->next)
			show_series(snapshot, tuple, series);
	qsort(snapshot->series, snapshot->series_n, sizeof(*snapshot->series), compare_series);
	qsort(snapshot->gaps, snapshot->gaps_n, sizeof(*snapshot->gaps), compare_gaps);
	label_in_flight(fold, snapshot);
}
