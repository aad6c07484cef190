/* SPDX-License-Identifier: Apache-2.0 */
#include "fake.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ior.h"

/* A container of this read. */
static const struct container *container(struct fake_source *fake, const char *id)
{
	struct container *at = fake->containers[fake->reads_n % 2];

	while (at->id[0] && strcmp(at->id, id) != 0)
		at++;
	assert(at < fake->containers[fake->reads_n % 2] + FAKE_CONTAINERS);
	(void)snprintf(at->id, sizeof(at->id), "%s", id);
	(void)snprintf(at->pod_uid, sizeof(at->pod_uid), "pod-%s", id);
	return at;
}

/* Splits "COMM@ID". */
static const struct container *split(struct fake_source *fake, const char *name,
				     char comm[LABEL_SIZE])
{
	const char *at = strchr(name, '@');
	size_t n = at ? (size_t)(at - name) : strlen(name);

	if (!(fake->source.info.by & BY_CONTAINER))
		n = strlen(name);
	(void)snprintf(comm, LABEL_SIZE, "%.*s", (int)n, name);
	return name[n] ? container(fake, name + n + 1) : NULL;
}

static int visit_row(struct fake_source *fake, const struct source_visitor *visitor,
		     const char *name, struct source_row *row)
{
	char comm[LABEL_SIZE];

	row->other = !strcmp(name, LABEL_OTHER);
	row->container = split(fake, row->other ? "nobody@nowhere" : name, comm);
	row->comm = comm;
	return visitor->row(visitor->arg, row);
}

static int visit_rows(struct fake_source *fake, const struct source_visitor *visitor)
{
	for (size_t i = 0; i < fake->rows_n; i++) {
		struct source_row row = {
			.id = i,
			.call = syscall_by_name(fake->rows[i].syscall),
			.counts = &fake->rows[i].counts,
		};
		int r;

		assert(row.call);
		if (fake->failure && i == fake->failure_at)
			return fake->failure;
		r = visit_row(fake, visitor, fake->rows[i].comm, &row);
		if (r < 0)
			return r;
	}
	return fake->failure;
}

static int visit_threads(struct fake_source *fake, const struct source_visitor *visitor)
{
	int r = 0;

	for (size_t i = 0; r == 0 && visitor->in_flight && i < fake->threads_n; i++) {
		const struct fake_thread *thread = &fake->threads[i];
		char comm[LABEL_SIZE];
		const struct container *of = split(fake, thread->comm, comm);

		r = visitor->in_flight(visitor->arg, comm, of, syscall_by_name(thread->syscall),
				       thread->age_ns);
	}
	return r;
}

static int visit_gaps(struct fake_source *fake, const struct source_visitor *visitor)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < fake->gaps_n; i++) {
		struct source_row row = {
			.id = fake->rows_n + i,
			.family = fake->gaps[i].family,
			.counts = &fake->gaps[i].counts,
		};

		r = visit_row(fake, visitor, fake->gaps[i].comm, &row);
	}
	return r;
}

static int fake_read(struct source *source, const struct source_visitor *visitor,
		     struct source_status *ret)
{
	struct fake_source *fake = (struct fake_source *)source;
	int r;

	atomic_fetch_add(&fake->reads_n, 1);
	memset(fake->containers, 0, sizeof(fake->containers));
	r = visit_rows(fake, visitor);
	for (size_t i = 0; r == 0 && i < fake->errors_n; i++) {
		const struct fake_error *error = &fake->errors[i];

		r = visitor->error(visitor->arg, syscall_by_name(error->syscall), error->slot,
				   error->count);
	}
	if (r == 0)
		r = visit_gaps(fake, visitor);
	if (r == 0)
		r = visit_threads(fake, visitor);
	if (r == 0)
		*ret = fake->status;
	return r;
}

static int fake_reclaim(struct source *source, uint64_t now_ns)
{
	struct fake_source *fake = (struct fake_source *)source;

	fake->reclaims_n++;
	fake->reclaimed_ns = now_ns;
	return fake->reclaim_failure;
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
	.reclaim = fake_reclaim,
	.set_filter = fake_set_filter,
	.close = fake_close,
};

void fake_source_init(struct fake_source *ret, const struct fake_row *rows, size_t rows_n)
{
	*ret = (struct fake_source){
		.source = {
			.ops = &fake_ops,
			.info = { .mode = "fake",
				  .copies = 1,
				  .by = BY_COMM,
				  .exact = true,
				  .kernel = "6.1.0" },
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
