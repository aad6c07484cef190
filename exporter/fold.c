/* SPDX-License-Identifier: Apache-2.0 */
#include "fold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fold_table.h"
#include "rewrite.h"

struct fold *fold_new(const struct fold_options *options, struct rewrites *rewrites)
{
	struct fold *fold = calloc(1, sizeof(*fold));

	if (!fold)
		return NULL;
	fold->options = *options;
	fold->rewrites = rewrites;
	return fold;
}

void fold_set(struct fold *fold, const struct fold_options *options, struct rewrites *rewrites)
{
	fold->options = *options;
	fold->rewrites = rewrites;
	fold->new_rules = true;
}

void fold_free(struct fold *fold)
{
	if (!fold)
		return;
	fold_table_free(fold);
	free(fold);
}

/* ---- counts ---- */

#define WORDS (sizeof(struct ior_row) / sizeof(__u64))

/* Counters wrap as they grow, and so does their difference. before NULL: the row was not there. */
static struct ior_row grown(const struct ior_row *after, const struct ior_row *before)
{
	const __u64 *a = (const __u64 *)after, *b = (const __u64 *)before;
	struct ior_row ret = { 0 };
	__u64 *to = (__u64 *)&ret;

	for (size_t i = 0; i < WORDS; i++)
		to[i] = a[i] - (b ? b[i] : 0);
	return ret;
}

static void add(struct ior_row *to, const struct ior_row *from)
{
	const __u64 *more = (const __u64 *)from;
	__u64 *sum = (__u64 *)to;

	for (size_t i = 0; i < WORDS; i++)
		sum[i] += more[i];
}

uint64_t fold_calls(const struct ior_row *counts)
{
	uint64_t calls = 0;

	for (size_t i = 0; i < IOR_SLOTS; i++)
		calls += counts->slot[i];
	return calls;
}

/* ---- the rows of this read beside those of the one before ---- */

static int compare_ids(const void *a, const void *b)
{
	const struct snapshot_row *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* The kernel's come in order already. */
static void sort_rows(struct snapshot *snapshot)
{
	for (size_t i = 1; i < snapshot->rows_n; i++)
		if (snapshot->rows[i - 1].id > snapshot->rows[i].id) {
			qsort(snapshot->rows, snapshot->rows_n, sizeof(*snapshot->rows),
			      compare_ids);
			return;
		}
}

/* Of whom a row counts, by its name and the rules; *ret stays NULL if the source has it without
 * one.
 */
static int find_owner(struct fold *fold, struct tuple *name, struct fold_tuple **ret)
{
	if (tuple_is_other(name))
		return 0;
	if (fold->rewrites && name->comm[0])
		rewrites_apply(fold->rewrites, name->comm);
	*ret = fold_table_tuple(fold, name);
	return *ret ? 0 : -ENOMEM;
}

/* Whose the rows are, what they had counted, and whether it is more now. */
static int match(struct fold *fold, struct snapshot *snapshot, struct fold_row *owners)
{
	int r = 0;

	for (size_t i = 0, j = 0; r == 0 && i < snapshot->rows_n; i++) {
		const struct snapshot_row *row = &snapshot->rows[i];
		struct fold_tuple *old = NULL;

		owners[i].grows = true;
		while (j < fold->rows_n && fold->rows[j].id < row->id)
			j++;
		if (j < fold->rows_n && fold->rows[j].id == row->id) {
			old = fold->owners[j].tuple;
			owners[i].tuple = old;
			owners[i].before = &fold->rows[j].counts;
			owners[i].grows =
				memcmp(&row->counts, owners[i].before, sizeof(row->counts));
			if (!fold->new_rules)
				continue;
		}
		r = find_owner(fold, &snapshot->names[row->name], &owners[i].tuple);
		if (old && old != owners[i].tuple)
			old->heir = owners[i].tuple;
	}
	return r;
}

/* What the tuples did since the read before. */
static void sum_up(struct fold *fold, const struct snapshot *snapshot,
		   const struct fold_row *owners)
{
	for (struct fold_tuple *tuple = fold->tuples; tuple; tuple = tuple->next) {
		tuple->new_calls = tuple->new_ns = 0;
		tuple->active = false;
	}
	for (size_t i = 0; i < snapshot->rows_n; i++) {
		const struct snapshot_row *row = &snapshot->rows[i];
		struct fold_tuple *tuple = owners[i].tuple;
		struct ior_row more;

		if (!tuple)
			continue;
		tuple->seen = fold->reads;
		tuple->active |= owners[i].grows;
		if (!owners[i].grows || !row->call)
			continue;
		more = grown(&row->counts, owners[i].before);
		tuple->new_calls += fold_calls(&more);
		if (!row->call->wait)
			tuple->new_ns += more.sum_ns;
	}
}

/* ---- where they are counted ---- */

static struct fold_tuple *owner(struct fold *fold, struct fold_tuple *tuple)
{
	return tuple && tuple->place == PLACE_OWN ? tuple : &fold->other;
}

/* Makes the series that are going to grow or to be shown. Those that count from the start on began
 * at the read before: their first calls came since. */
static int prepare(struct fold *fold, const struct snapshot *snapshot, struct fold_row *owners)
{
	const uint64_t begun = fold->last_wall_ns ?: snapshot->taken_wall_ns;

	for (size_t i = 0; i < snapshot->rows_n; i++) {
		const struct snapshot_row *row = &snapshot->rows[i];
		struct fold_tuple *tuple = owners[i].tuple;
		const bool waits = tuple && tuple->place == PLACE_WAITING;

		if (waits && !fold_table_series(fold, tuple, row, snapshot->taken_wall_ns))
			return -ENOMEM;
		if (!owners[i].grows)
			continue;
		owners[i].to = fold_table_series(fold, owner(fold, tuple), row, begun);
		if (!owners[i].to)
			return -ENOMEM;
	}
	return 0;
}

/* Cannot fail: what it adds to is there. */
static void commit(struct fold *fold, struct snapshot *snapshot, struct fold_row *owners)
{
	for (size_t i = 0; i < snapshot->rows_n; i++) {
		const struct snapshot_row *row = &snapshot->rows[i];
		struct ior_row more;

		if (!owners[i].tuple && row->call && snapshot->by != BY_NONE)
			snapshot->overflow += fold_calls(&row->counts);
		if (!owners[i].to)
			continue;
		more = grown(&row->counts, owners[i].before);
		add(&owners[i].to->counts, &more);
		owner(fold, owners[i].tuple)->added_ns = snapshot->taken_ns;
		if (row->call)
			fold->observations += fold_calls(&more);
	}
	for (struct fold_tuple *tuple = fold->tuples; tuple; tuple = tuple->next)
		tuple->known = true;
	free(fold->rows);
	free(fold->owners);
	fold->rows = snapshot->rows;
	fold->rows_n = snapshot->rows_n;
	fold->owners = owners;
	fold->new_rules = false;
	fold->last_wall_ns = snapshot->taken_wall_ns;
	snapshot->rows = NULL;
	snapshot->observations = fold->observations;
	memcpy(snapshot->evicted, fold->evicted, sizeof(snapshot->evicted));
}

int fold_apply(struct fold *fold, struct snapshot *snapshot)
{
	struct fold_row *owners = calloc(snapshot->rows_n + 1, sizeof(*owners));
	int r;

	if (!owners)
		return -ENOMEM;
	fold->reads++;
	tuple_set_other(&fold->other.labels, snapshot->by);
	sort_rows(snapshot);
	r = match(fold, snapshot, owners);
	if (!r) {
		sum_up(fold, snapshot, owners);
		r = fold_places_update(fold, snapshot->taken_ns);
	}
	r = r ?: prepare(fold, snapshot, owners);
	if (!r)
		r = fold_show_reserve(fold, snapshot);
	if (r < 0) {
		free(owners);
		return r;
	}
	commit(fold, snapshot, owners);
	fold_table_sweep(fold, snapshot->taken_ns);
	fold_show(fold, snapshot);
	snapshot_drop_read(snapshot);
	return 0;
}

int fold_take(struct fold *fold, struct source *source, const struct clock *clock,
	      struct snapshot **ret)
{
	int r = snapshot_take(source, clock, ret);

	if (r < 0 || !(*ret)->up)
		return r;
	r = fold_apply(fold, *ret);
	if (r < 0)
		snapshot_fail(*ret);
	(*ret)->took_ns = clock->monotonic_ns(clock->arg) - (*ret)->taken_ns;
	return r;
}
