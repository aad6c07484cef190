/* SPDX-License-Identifier: Apache-2.0 */
#include "snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 256

/* Doubles an array when it is full. */
static int grow(void **array, size_t n, size_t *cap, size_t size)
{
	size_t larger = *cap ? *cap * 2 : FIRST_CAP;
	void *grown;

	if (n < *cap)
		return 0;
	grown = reallocarray(*array, larger, size);
	if (!grown)
		return -ENOMEM;
	*array = grown;
	*cap = larger;
	return 0;
}

static int take_row(void *arg, const struct source_row *row)
{
	struct snapshot *snapshot = arg;
	struct tuple *name;
	int r = grow((void **)&snapshot->rows, snapshot->rows_n, &snapshot->rows_cap,
		     sizeof(*snapshot->rows));

	r = r	  ?:
		    grow((void **)&snapshot->names, snapshot->rows_n, &snapshot->names_cap,
			 sizeof(*snapshot->names));
	if (r < 0)
		return r;
	name = &snapshot->names[snapshot->rows_n];
	if (row->other)
		tuple_set_other(name, snapshot->by);
	else
		tuple_set(name, snapshot->by, row->comm, row->container);
	snapshot->rows[snapshot->rows_n] = (struct snapshot_row){
		.id = row->id,
		.call = row->call,
		.family = row->family,
		.name = (uint32_t)snapshot->rows_n,
		.counts = *row->counts,
	};
	snapshot->rows_n++;
	return 0;
}

static int take_error(void *arg, const struct syscall *call, unsigned int slot, uint64_t count)
{
	struct snapshot *snapshot = arg;
	int r = grow((void **)&snapshot->errors, snapshot->errors_n, &snapshot->errors_cap,
		     sizeof(*snapshot->errors));

	if (r < 0)
		return r;
	if (errno_slot_name(slot) == errno_slot_name(0))
		slot = 0;
	snapshot->errors[snapshot->errors_n++] = (struct error_count){ call, slot, count };
	return 0;
}

static int compare_errors(const void *a, const void *b)
{
	const struct error_count *x = a, *y = b;

	if (x->call != y->call)
		return x->call < y->call ? -1 : 1;
	return (x->slot > y->slot) - (x->slot < y->slot);
}

static void add_error(void *to, const void *from)
{
	((struct error_count *)to)->count += ((const struct error_count *)from)->count;
}

static int compare_threads(const void *a, const void *b)
{
	const struct snapshot_threads *x = a, *y = b;

	if (x->sum.call != y->sum.call)
		return x->sum.call < y->sum.call ? -1 : 1;
	return tuple_compare(&x->name, &y->name);
}

void snapshot_add_in_flight(void *to, const void *from)
{
	const struct in_flight *more = from;
	struct in_flight *sum = to;

	sum->count += more->count;
	if (more->oldest_ns > sum->oldest_ns)
		sum->oldest_ns = more->oldest_ns;
}

size_t snapshot_sort(void *all, size_t n, size_t size, int (*compare)(const void *, const void *),
		     void (*add)(void *to, const void *from))
{
	char *last = all;

	if (!n)
		return 0;
	qsort(all, n, size, compare);
	for (char *at = last + size; at < (char *)all + n * size; at += size) {
		if (!compare(last, at)) {
			add(last, at);
			continue;
		}
		last += size;
		if (last != at)
			memcpy(last, at, size);
	}
	return (size_t)(last - (char *)all) / size + 1;
}

/* What they count is their first member. */
static void sort_threads(struct snapshot *snapshot)
{
	snapshot->threads_n = snapshot_sort(snapshot->threads, snapshot->threads_n,
					    sizeof(*snapshot->threads), compare_threads,
					    snapshot_add_in_flight);
}

/* A machine may have a million threads, but they are in few calls under few names: what is full
 * is added up before it grows. */
static int take_in_flight(void *arg, const char *comm, const struct container *container,
			  const struct syscall *call, uint64_t age_ns)
{
	struct snapshot *snapshot = arg;
	struct snapshot_threads *entry;
	int r = 0;

	if (snapshot->threads_n == snapshot->threads_cap) {
		sort_threads(snapshot);
		if (snapshot->threads_n >= snapshot->threads_cap / 2)
			r = grow((void **)&snapshot->threads, snapshot->threads_cap,
				 &snapshot->threads_cap, sizeof(*snapshot->threads));
	}
	if (r < 0)
		return r;
	entry = &snapshot->threads[snapshot->threads_n++];
	entry->sum = (struct in_flight){ .call = call, .count = 1, .oldest_ns = age_ns };
	tuple_set(&entry->name, snapshot->by, comm, container);
	return 0;
}

void snapshot_drop_read(struct snapshot *snapshot)
{
	free(snapshot->rows);
	free(snapshot->names);
	free(snapshot->threads);
	snapshot->rows = NULL;
	snapshot->names = NULL;
	snapshot->threads = NULL;
	snapshot->rows_n = snapshot->rows_cap = 0;
	snapshot->names_cap = 0;
	snapshot->threads_n = snapshot->threads_cap = 0;
}

static void drop_contents(struct snapshot *snapshot)
{
	snapshot_drop_read(snapshot);
	free(snapshot->tuples);
	free(snapshot->containers);
	free(snapshot->series);
	free(snapshot->errors);
	free(snapshot->in_flight);
	free(snapshot->gaps);
	snapshot->tuples = NULL;
	snapshot->containers = NULL;
	snapshot->series = NULL;
	snapshot->errors = NULL;
	snapshot->in_flight = NULL;
	snapshot->gaps = NULL;
	snapshot->tuples_n = snapshot->series_n = 0;
	snapshot->in_flight_n = snapshot->gaps_n = 0;
	snapshot->errors_n = snapshot->errors_cap = 0;
	snapshot->observations = snapshot->overflow = 0;
	snapshot->status = (struct source_status){ 0 };
}

int snapshot_take(struct source *source, const struct clock *clock, struct snapshot **ret)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	const struct source_visitor visitor = { take_row, take_error, snapshot, take_in_flight };
	int r = 0;

	*ret = snapshot;
	if (!snapshot)
		return -ENOMEM;
	atomic_init(&snapshot->refs, 1);
	snapshot->taken_ns = clock->monotonic_ns(clock->arg);
	snapshot->taken_wall_ns = clock->realtime_ns(clock->arg);
	if (!source)
		return 0;
	snapshot->by = source->info.by;
	r = source_read(source, &visitor, &snapshot->status);
	if (r < 0) {
		drop_contents(snapshot);
	} else {
		snapshot->errors_n = snapshot_sort(snapshot->errors, snapshot->errors_n,
						   sizeof(*snapshot->errors), compare_errors,
						   add_error);
		sort_threads(snapshot);
		snapshot->up = true;
	}
	snapshot->took_ns = clock->monotonic_ns(clock->arg) - snapshot->taken_ns;
	return r;
}

void snapshot_fail(struct snapshot *snapshot)
{
	drop_contents(snapshot);
	snapshot->up = false;
}

void snapshot_count(struct snapshot *snapshot, atomic_uint *alive)
{
	atomic_fetch_add(alive, 1);
	snapshot->alive = alive;
}

struct snapshot *snapshot_ref(struct snapshot *snapshot)
{
	atomic_fetch_add(&snapshot->refs, 1);
	return snapshot;
}

void snapshot_unref(struct snapshot *snapshot)
{
	if (!snapshot || atomic_fetch_sub(&snapshot->refs, 1) != 1)
		return;
	drop_contents(snapshot);
	if (snapshot->alive)
		atomic_fetch_sub(snapshot->alive, 1);
	free(snapshot);
}
