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
	struct series *series;
	int r = grow((void **)&snapshot->series, snapshot->series_n, &snapshot->series_cap,
		     sizeof(*snapshot->series));

	if (r < 0)
		return r;
	series = &snapshot->series[snapshot->series_n++];
	series->call = row->call;
	series->counts = *row->counts;
	series->calls = 0;
	for (size_t i = 0; i < IOR_SLOTS; i++)
		series->calls += row->counts->slot[i];
	(void)strncpy(series->comm, row->comm, sizeof(series->comm) - 1);
	series->comm[sizeof(series->comm) - 1] = '\0';
	snapshot->observations += series->calls;
	if (!strcmp(series->comm, LABEL_OTHER))
		snapshot->overflow += series->calls;
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

static int take_gap(void *arg, const char *comm, const char *family, const struct ior_row *counts)
{
	struct snapshot *snapshot = arg;
	struct gap *gap;
	int r = grow((void **)&snapshot->gaps, snapshot->gaps_n, &snapshot->gaps_cap,
		     sizeof(*snapshot->gaps));

	if (r < 0)
		return r;
	gap = &snapshot->gaps[snapshot->gaps_n++];
	*gap = (struct gap){ .family = family, .counts = *counts };
	(void)strncpy(gap->comm, comm, sizeof(gap->comm) - 1);
	return 0;
}

static int compare_series(const void *a, const void *b)
{
	const struct series *x = a, *y = b;

	if (x->call != y->call)
		return x->call < y->call ? -1 : 1;
	return strcmp(x->comm, y->comm);
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

static int compare_gaps(const void *a, const void *b)
{
	const struct gap *x = a, *y = b;
	int r = strcmp(x->family, y->family);

	return r ? r : strcmp(x->comm, y->comm);
}

static void sort_in_flight(struct snapshot *snapshot)
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
		sort_in_flight(snapshot);
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

static void add_counts(struct ior_row *to, const struct ior_row *from)
{
	uint64_t *sum = (uint64_t *)to;
	const uint64_t *more = (const uint64_t *)from;

	for (size_t i = 0; i < sizeof(*to) / sizeof(*sum); i++)
		sum[i] += more[i];
}

/* Sorts, and adds up what has the same name: different numbers can be the same call (all numbers
 * that no table knows are "unknown"). */
static void sort_series(struct snapshot *snapshot)
{
	struct series *all = snapshot->series;
	size_t n = 0;

	if (!snapshot->series_n)
		return;
	qsort(all, snapshot->series_n, sizeof(*all), compare_series);
	for (size_t i = 1; i < snapshot->series_n; i++) {
		if (compare_series(&all[n], &all[i]) == 0) {
			add_counts(&all[n].counts, &all[i].counts);
			all[n].calls += all[i].calls;
		} else if (++n != i) {
			all[n] = all[i];
		}
	}
	snapshot->series_n = n + 1;
}

/* Two rows of one name: a comm that two programs interned at once, as with series. */
static void sort_gaps(struct snapshot *snapshot)
{
	struct gap *all = snapshot->gaps;
	size_t n = 0;

	if (!snapshot->gaps_n)
		return;
	qsort(all, snapshot->gaps_n, sizeof(*all), compare_gaps);
	for (size_t i = 1; i < snapshot->gaps_n; i++) {
		if (compare_gaps(&all[n], &all[i]) == 0)
			add_counts(&all[n].counts, &all[i].counts);
		else if (++n != i)
			all[n] = all[i];
	}
	snapshot->gaps_n = n + 1;
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
	free(snapshot->series);
	free(snapshot->errors);
	free(snapshot->in_flight);
	free(snapshot->gaps);
	snapshot->series = NULL;
	snapshot->errors = NULL;
	snapshot->in_flight = NULL;
	snapshot->gaps = NULL;
	snapshot->gaps_n = snapshot->gaps_cap = 0;
	snapshot->in_flight_n = snapshot->in_flight_cap = 0;
	snapshot->series_n = snapshot->series_cap = 0;
	snapshot->errors_n = snapshot->errors_cap = 0;
	snapshot->observations = snapshot->overflow = 0;
	snapshot->status = (struct source_status){ 0 };
}

int snapshot_take(struct source *source, const struct clock *clock, struct snapshot **ret)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	const struct source_visitor visitor = { take_row, take_error, snapshot, take_in_flight,
						take_gap };
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
		sort_series(snapshot);
		sort_errors(snapshot);
		sort_in_flight(snapshot);
		sort_gaps(snapshot);
		snapshot->up = true;
	}
	snapshot->took_ns = clock->monotonic_ns(clock->arg) - snapshot->taken_ns;
	return r;
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
