/* SPDX-License-Identifier: Apache-2.0 */
#include "fake.h"

#include <assert.h>
#include <stdio.h>

#include "ior.h"

static int visit_rows(const struct fake_source *fake, const struct source_visitor *visitor)
{
	for (size_t i = 0; i < fake->rows_n; i++) {
		const struct source_row row = {
			.id = i,
			.comm = fake->rows[i].comm,
			.call = syscall_by_name(fake->rows[i].syscall),
			.counts = &fake->rows[i].counts,
		};
		int r;

		assert(row.call);
		if (fake->failure && i == fake->failure_at)
			return fake->failure;
		r = visitor->row(visitor->arg, &row);
		if (r < 0)
			return r;
	}
	return fake->failure;
}

static int visit_threads(const struct fake_source *fake, const struct source_visitor *visitor)
{
	int r = 0;

	for (size_t i = 0; r == 0 && visitor->in_flight && i < fake->threads_n; i++) {
		const struct fake_thread *thread = &fake->threads[i];

		r = visitor->in_flight(visitor->arg, thread->comm, syscall_by_name(thread->syscall),
				       thread->age_ns);
	}
	return r;
}

static int visit_gaps(const struct fake_source *fake, const struct source_visitor *visitor)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < fake->gaps_n; i++) {
		const struct source_row row = {
			.id = fake->rows_n + i,
			.comm = fake->gaps[i].comm,
			.family = fake->gaps[i].family,
			.counts = &fake->gaps[i].counts,
		};

		r = visitor->row(visitor->arg, &row);
	}
	return r;
}

static int fake_read(struct source *source, const struct source_visitor *visitor,
		     struct source_status *ret)
{
	struct fake_source *fake = (struct fake_source *)source;
	int r;

	atomic_fetch_add(&fake->reads_n, 1);
	r = visit_rows(fake, visitor);
	for (size_t i = 0; r == 0 && i < fake->errors_n; i++) {
		const struct fake_error *error = &fake->errors[i];

		r = visitor->error(visitor->arg, syscall_by_name(error->syscall), error->slot,
				   error->count);
	}
	if (r == 0)
		r = visit_threads(fake, visitor);
	if (r == 0)
		r = visit_gaps(fake, visitor);
	if (r == 0)
		*ret = fake->status;
	return r;
}

static void fake_close(struct source *source)
{
	atomic_fetch_add(&((struct fake_source *)source)->closed_n, 1);
}

static int fake_set_filter(struct source *source, const struct ior_filter *filter)
{
	struct fake_source *fake = (struct fake_source *)source;

	if (fake->filter_failure)
		return fake->filter_failure;
	fake->filter = *filter;
	fake->filters_n++;
	return 0;
}

static const struct source_ops fake_ops = {
	.read = fake_read,
	.close = fake_close,
	.set_filter = fake_set_filter,
};

void fake_source_init(struct fake_source *ret, const struct fake_row *rows, size_t rows_n)
{
	*ret = (struct fake_source){
		.source = {
			.ops = &fake_ops,
			.info = { .mode = "fake", .copies = 1, .exact = true, .kernel = "6.1.0" },
		},
		.rows = rows,
		.rows_n = rows_n,
	};
}

struct ior_row fake_call(uint64_t ns)
{
	struct ior_row row = { .sum_ns = ns };

	row.slot[ior_slot(ns)] = 1;
	return row;
}

static uint64_t monotonic_ns(void *arg)
{
	struct fake_clock *fake = arg;
	uint64_t now = fake->now_ns;

	fake->now_ns += fake->tick_ns;
	return now;
}

static uint64_t realtime_ns(void *arg)
{
	return ((struct fake_clock *)arg)->wall_ns;
}

void fake_clock_init(struct fake_clock *ret)
{
	*ret = (struct fake_clock){
		.clock = { monotonic_ns, realtime_ns, ret },
		.now_ns = 1000000000,
		.wall_ns = 1700000000250000000,
		.tick_ns = 1500000,
	};
}

int fake_take(struct source *source, const struct clock *clock, struct snapshot **ret)
{
	struct fold *fold = fold_new(&(struct fold_options){ .top = 0 }, NULL);
	int r = fold_take(fold, source, clock, ret);

	fold_free(fold);
	return r;
}
