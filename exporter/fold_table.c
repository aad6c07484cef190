/* SPDX-License-Identifier: Apache-2.0 */
#include "fold_table.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

/* Of struct tuple, which all that is in the tree begins with. */
static int compare_labels(const void *a, const void *b)
{
	return tuple_compare(a, b);
}

struct fold_tuple *fold_table_find(const struct fold *fold, const struct tuple *labels)
{
	struct fold_tuple *const *found = tfind(labels, &fold->by_labels, compare_labels);

	return found ? *found : NULL;
}

static void free_tuple(struct fold_tuple *tuple)
{
	if (tuple)
		free(tuple->container);
	free(tuple);
}

/* With labels of its own. */
static struct fold_tuple *make_tuple(const struct tuple *labels)
{
	struct fold_tuple *tuple = calloc(1, sizeof(*tuple));

	if (!tuple)
		return NULL;
	tuple->labels = *labels;
	if (!labels->container)
		return tuple;
	tuple->container = malloc(sizeof(*tuple->container));
	if (!tuple->container) {
		free(tuple);
		return NULL;
	}
	*tuple->container = *labels->container;
	tuple->labels.container = tuple->container;
	return tuple;
}

struct fold_tuple *fold_table_tuple(struct fold *fold, const struct tuple *labels)
{
	struct fold_tuple *tuple = fold_table_find(fold, labels);

	if (tuple)
		return tuple;
	tuple = make_tuple(labels);
	if (!tuple || !tsearch(tuple, &fold->by_labels, compare_labels)) {
		free_tuple(tuple);
		return NULL;
	}
	tuple->next = fold->tuples;
	fold->tuples = tuple;
	return tuple;
}

static bool is_of(const struct fold_series *series, const struct snapshot_row *row)
{
	return series->call == row->call && (row->call || !strcmp(series->family, row->family));
}

struct fold_series *fold_table_series(struct fold *fold, struct fold_tuple *tuple,
				      const struct snapshot_row *row, uint64_t created)
{
	/* everybody's calls meet in its series, so these are found by number */
	const bool by_call = tuple == &fold->other && row->call;
	struct fold_series *series = by_call ? fold->other_by_call[row->call - syscalls] :
					       tuple->series;

	while (!by_call && series && !is_of(series, row))
		series = series->next;
	if (series)
		return series;
	series = calloc(1, sizeof(*series));
	if (!series)
		return NULL;
	series->call = row->call;
	series->family = row->family;
	series->created_wall_ns = created;
	series->next = tuple->series;
	tuple->series = series;
	tuple->series_n++;
	if (by_call)
		fold->other_by_call[row->call - syscalls] = series;
	return series;
}

void fold_table_drop_series(struct fold_tuple *tuple)
{
	while (tuple->series) {
		struct fold_series *next = tuple->series->next;

		free(tuple->series);
		tuple->series = next;
	}
	tuple->series_n = 0;
}

static bool is_over(const struct fold *fold, const struct fold_tuple *tuple, uint64_t now_ns)
{
	return tuple->place == PLACE_NONE && !tuple->series && tuple->seen != fold->reads &&
	       (!tuple->dropped_ns || now_ns - tuple->dropped_ns >= fold->options.linger_ns);
}

void fold_table_sweep(struct fold *fold, uint64_t now_ns)
{
	struct fold_tuple **at = &fold->tuples;

	while (*at) {
		struct fold_tuple *tuple = *at;

		if (!is_over(fold, tuple, now_ns)) {
			at = &tuple->next;
			continue;
		}
		*at = tuple->next;
		(void)tdelete(tuple, &fold->by_labels, compare_labels);
		free_tuple(tuple);
	}
}

static void keep(void *node)
{
	(void)node;
}

void fold_table_free(struct fold *fold)
{
	tdestroy(fold->by_labels, keep);
	while (fold->tuples) {
		struct fold_tuple *next = fold->tuples->next;

		fold_table_drop_series(fold->tuples);
		free_tuple(fold->tuples);
		fold->tuples = next;
	}
	fold_table_drop_series(&fold->other);
	free(fold->rows);
	free(fold->owners);
}
