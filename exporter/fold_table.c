/* SPDX-License-Identifier: Apache-2.0 */
#include "fold_table.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

static int compare_labels(const void *a, const void *b)
{
	const struct fold_comm *x = a, *y = b;

	return strcmp(x->label, y->label);
}

static void set_label(struct fold_comm *comm, const char *label)
{
	(void)strncpy(comm->label, label, sizeof(comm->label) - 1);
	comm->label[sizeof(comm->label) - 1] = '\0';
}

struct fold_comm *fold_table_find(const struct fold *fold, const char *label)
{
	struct fold_comm key = { .place = PLACE_NONE };
	struct fold_comm *const *found;

	set_label(&key, label);
	found = tfind(&key, &fold->by_label, compare_labels);
	return found ? *found : NULL;
}

struct fold_comm *fold_table_comm(struct fold *fold, const char *label)
{
	struct fold_comm *comm = fold_table_find(fold, label);

	if (comm)
		return comm;
	comm = calloc(1, sizeof(*comm));
	if (!comm)
		return NULL;
	set_label(comm, label);
	if (!tsearch(comm, &fold->by_label, compare_labels)) {
		free(comm);
		return NULL;
	}
	comm->next = fold->comms;
	fold->comms = comm;
	return comm;
}

static bool is_of(const struct fold_series *series, const struct snapshot_row *row)
{
	return series->call == row->call && (row->call || !strcmp(series->family, row->family));
}

struct fold_series *fold_table_series(struct fold *fold, struct fold_comm *comm,
				      const struct snapshot_row *row, uint64_t created)
{
	/* everybody's calls meet in its series, so these are found by number */
	const bool by_call = comm == &fold->other && row->call;
	struct fold_series *series = by_call ? fold->other_by_call[row->call - syscalls] :
					       comm->series;

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
	series->next = comm->series;
	comm->series = series;
	comm->series_n++;
	if (by_call)
		fold->other_by_call[row->call - syscalls] = series;
	return series;
}

void fold_table_drop_series(struct fold_comm *comm)
{
	while (comm->series) {
		struct fold_series *next = comm->series->next;

		free(comm->series);
		comm->series = next;
	}
	comm->series_n = 0;
}

static bool is_over(const struct fold *fold, const struct fold_comm *comm, uint64_t now_ns)
{
	return comm->place == PLACE_NONE && !comm->series && comm->seen != fold->reads &&
	       (!comm->dropped_ns || now_ns - comm->dropped_ns >= fold->options.linger_ns);
}

void fold_table_sweep(struct fold *fold, uint64_t now_ns)
{
	struct fold_comm **at = &fold->comms;

	while (*at) {
		struct fold_comm *comm = *at;

		if (!is_over(fold, comm, now_ns)) {
			at = &comm->next;
			continue;
		}
		*at = comm->next;
		(void)tdelete(comm, &fold->by_label, compare_labels);
		free(comm);
	}
}

static void keep(void *node)
{
	(void)node;
}

void fold_table_free(struct fold *fold)
{
	tdestroy(fold->by_label, keep);
	while (fold->comms) {
		struct fold_comm *next = fold->comms->next;

		fold_table_drop_series(fold->comms);
		free(fold->comms);
		fold->comms = next;
	}
	fold_table_drop_series(&fold->other);
	free(fold->rows);
	free(fold->owners);
}
