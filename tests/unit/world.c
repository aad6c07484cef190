/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <check.h>
#include <string.h>

#include "buf.h"

void world_open(struct world *world, const struct fold_options *options)
{
	memset(world, 0, sizeof(*world));
	fake_source_init(&world->fake, world->rows, 0);
	fake_clock_init(&world->clock);
	world->clock.tick_ns = 0;
	world->fold = fold_new(options, NULL);
	ck_assert_ptr_nonnull(world->fold);
}

void world_close(struct world *world)
{
	snapshot_unref(world->snapshot);
	fold_free(world->fold);
}

void world_row(struct world *world, const char *comm, const char *syscall)
{
	ck_assert_uint_lt(world->fake.rows_n, WORLD_ROWS_MAX);
	world->rows[world->fake.rows_n++] = (struct fake_row){ .comm = comm, .syscall = syscall };
}

void world_calls(struct world *world, size_t at, uint64_t n, uint64_t ns)
{
	struct ior_row *counts = &world->rows[at].counts;

	counts->slot[ior_slot(ns)] += n;
	counts->sum_ns += n * ns;
}

void world_add_tuple(struct buf *out, const struct tuple *tuple)
{
	buf_add_str(out, tuple->comm);
	if (tuple->container)
		buf_add_fmt(out, "@%s", tuple->container->id);
}

void world_open_three(struct world *world, const struct fold_options *options)
{
	static const uint64_t calls[] = { 30, 10, 20 };
	static const char *const comms[] = { "a", "b", "c" };

	world_open(world, options);
	for (size_t i = 0; i < 3; i++) {
		world_row(world, comms[i], "getpid");
		world_calls(world, i, calls[i], 1);
	}
}

void world_page(struct world *world, uint64_t seconds, const char *expected)
{
	struct buf text = { 0 };

	world->clock.now_ns += seconds * 1000000000;
	world->clock.wall_ns += seconds * 1000000000;
	snapshot_unref(world->snapshot);
	ck_assert_int_eq(fold_take(world->fold, &world->fake.source, &world->clock.clock,
				   &world->snapshot),
			 0);
	for (size_t i = 0; i < world->snapshot->series_n; i++) {
		const struct series *series = &world->snapshot->series[i];

		buf_add_fmt(&text, "%s%s ", i ? " " : "", series->call->name);
		world_add_tuple(&text, series->tuple);
		buf_add_fmt(&text, "=%llu", (unsigned long long)series->calls);
	}
	buf_add(&text, "", 1);
	ck_assert_str_eq(text.data, expected);
	buf_free(&text);
}
