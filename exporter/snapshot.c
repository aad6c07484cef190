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
	struct snapshot_row *taken;
	int r = grow((void **)&snapshot->rows, snapshot->rows_n, &snapshot->rows_cap,
		     sizeof(*snapshot->rows));

	if (r < 0)
		return r;
	taken = &snapshot->rows[snapshot->rows_n++];
	taken->id = row->id;
	taken->call = row->call;
	taken->family = row->family;
	taken->counts = *row->counts;
	(void)strncpy(taken->comm, row->comm, sizeof(taken->comm) - 1);
	taken->comm[sizeof(taken->comm) - 1] = '\0';
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

static int compare_in_flight(const void *a, const void *b)
{
	const struct in_flight *x = a, *y = b;

	if (x->call != y->call)
		return x->call < y->call ? -1 : 1;
	return strcmp(x->comm, y->comm);
}

void snapshot_sort_in_flight(struct snapshot *snapshot)
{
	struct in_flight *all = snapshot->in_flight;
	size_t n = 0;

	if (!snapshot->in_flight_n)
		return;
	qsort(all, snapshot->in_flight_n, sizeof(*all), compare_in_flight);
	for (size_t i = 1; i < snapshot->in_flight_n; i++) {
		if (compare_in_flight(&all[n], &all[i])) {
			all[++n] = all[i];
			continue;
		}
		all[n].count += all[i].count;
		if (all[i].oldest_ns > all[n].oldest_ns)
			all[n].oldest_ns = all[i].oldest_ns;
	}
	snapshot->in_flight_n = n + 1;
}

/* A machine may have a million threads, but they are in few calls under few names: what is full
 * is added up before it grows. */
static int take_in_flight(void *arg, const char *comm, const struct syscall *call, uint64_t age_ns)
{
	struct snapshot *snapshot = arg;
	struct in_flight *entry;
	int r = 0;

	if (snapshot->in_flight_n == snapshot->in_flight_cap) {
		snapshot_sort_in_flight(snapshot);
		if (snapshot->in_flight_n >= snapshot->in_flight_cap / 2)
			r = grow((void **)&snapshot->in_flight, snapshot->in_flight_cap,
				 &snapshot->in_flight_cap, sizeof(*snapshot->in_flight));
	}
	if (r < 0)
		return r;
	entry = &snapshot->in_flight[snapshot->in_flight_n++];
	*entry = (struct in_flight){ .call = call, .count = 1, .oldest_ns = age_ns };
	(void)strncpy(entry->comm, comm, sizeof(entry->comm) - 1);
	return 0;
}

static void sort_errors(struct snapshot *snapshot)
{
	struct error_count *all = snapshot->errors;
	size_t n = 0;

	if (!snapshot->errors_n)
		return;
	qsort(all, snapshot->errors_n, sizeof(*all), compare_errors);
	for (size_t i = 1; i < snapshot->errors_n; i++) {
		if (compare_errors(&all[n], &all[i]) == 0)
			all[n].count += all[i].count;
		else
			all[++n] = all[i];
	}
	snapshot->errors_n = n + 1;
}

static void drop_contents(struct snapshot *snapshot)
{
	free(snapshot->rows);
	free(snapshot->series);
	free(snapshot->errors);
	free(snapshot->in_flight);
	free(snapshot->gaps);
	snapshot->rows = NULL;
	snapshot->series = NULL;
	snapshot->errors = NULL;
	snapshot->in_flight = NULL;
	snapshot->gaps = NULL;
	snapshot->rows_n = snapshot->rows_cap = 0;
	snapshot->gaps_n = 0;
	snapshot->in_flight_n = snapshot->in_flight_cap = 0;
	snapshot->series_n = 0;
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
	r = source_read(source, &visitor, &snapshot->status);
	if (r < 0) {
		drop_contents(snapshot);
	} else {
		sort_errors(snapshot);
		snapshot_sort_in_flight(snapshot);
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
