/* SPDX-License-Identifier: Apache-2.0 */
/* The fold by other labels than comm; its rules: test_fold.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "failing.h"
#include "rewrite.h"
#include "suites.h"
#include "world.h"

#define LINGER 120 /* seconds */
#define SECOND 1000000000ull

static const struct fold_options one_place = { 1, LINGER *SECOND, 0 };
static const struct fold_options all = { 0, LINGER *SECOND, 0 };

/* Calls 30, 10 and 20. */
static void open_three(struct world *world, const struct fold_options *options, unsigned int by,
		       const char *const names[3])
{
	world_open(world, options);
	world->fake.source.info.by = by;
	for (size_t i = 0; i < 3; i++)
		world_row(world, names[i], "getpid");
	world_calls(world, 0, 30, 1);
	world_calls(world, 1, 10, 1);
	world_calls(world, 2, 20, 1);
}

static const char *const shells[3] = { "sh@x", "sh@y", "zsh@x" };
static const char *const nameless[3] = { "@x", "@y", "@x" };
static const char *const reserved[3] = { "__other__", "__other__", "__other__" };

/* Label by label in the snapshot's own memory, each tuple once. */
static void check_tuples(const struct snapshot *snapshot)
{
	for (size_t i = 1; i < snapshot->tuples_n; i++)
		ck_assert_int_lt(tuple_compare(&snapshot->tuples[i - 1], &snapshot->tuples[i]), 0);
	for (size_t i = 0; i < snapshot->tuples_n; i++) {
		const struct container *container = snapshot->tuples[i].container;

		ck_assert_int_eq(!container, !snapshot->containers);
		ck_assert(!container || (container >= snapshot->containers &&
					 container < snapshot->containers + snapshot->tuples_n));
	}
	for (size_t i = 0; i < snapshot->series_n; i++)
		ck_assert(snapshot->series[i].tuple >= snapshot->tuples &&
			  snapshot->series[i].tuple < snapshot->tuples + snapshot->tuples_n);
}

static const struct {
	const struct fold_options *options;
	const char *const *names;
	unsigned int by;
	const char *page;
} pages[] = {
	{ &all, shells, BY_ALL, "getpid sh@x=30 getpid sh@y=10 getpid zsh@x=20" },
	{ &one_place, shells, BY_ALL, "getpid __other__@__other__=30 getpid sh@x=30" },
	{ &all, nameless, BY_CONTAINER, "getpid @x=50 getpid @y=10" },
	{ &one_place, nameless, BY_CONTAINER, "getpid @__other__=10 getpid @x=50" },
	{ &all, reserved, BY_ALL, "getpid __other__@__other__=60" },
	{ &all, reserved, BY_CONTAINER, "getpid @__other__=60" },
	{ &all, reserved, BY_NONE, "getpid =60" },
	{ &one_place, reserved, BY_NONE, "getpid =60" },
	{ &all, shells, BY_NONE, "getpid =60" },
};

START_TEST(places_are_of_whole_tuples)
{
	struct world world;

	open_three(&world, pages[_i].options, pages[_i].by, pages[_i].names);
	world_page(&world, 0, pages[_i].page);
	check_tuples(world.snapshot);
	ck_assert_uint_eq(world.snapshot->observations, 60);
	ck_assert_uint_eq(world.snapshot->overflow,
			  pages[_i].names == reserved && pages[_i].by != BY_NONE ? 60 : 0);
	/* the source has its containers in another place now */
	world_page(&world, 1, pages[_i].page);
	check_tuples(world.snapshot);
	world_close(&world);
}

START_TEST(tuple_displaces_another_of_its_comm)
{
	struct world world;

	open_three(&world, &one_place, BY_ALL, shells);
	world_page(&world, 0, "getpid __other__@__other__=30 getpid sh@x=30");
	world_calls(&world, 0, 1, 1);
	world_page(&world, 1, "getpid __other__@__other__=30 getpid sh@x=31");
	world_calls(&world, 1, 1000, 1);
	world_page(&world, LINGER - 1,
		   "getpid __other__@__other__=1030 getpid sh@x=31 getpid sh@y=0");
	world_calls(&world, 1, 5, 1);
	world_page(&world, LINGER, "getpid __other__@__other__=1030 getpid sh@y=5");
	ck_assert_uint_eq(world.snapshot->evicted[EVICTED_DISPLACED], 1);
	check_tuples(world.snapshot);
	world_close(&world);
}

/* Nothing that goes takes a name along that somebody may still look at. */
START_TEST(snapshot_outlives_the_fold_and_the_tuple)
{
	struct snapshot *snapshot;
	struct world world;

	open_three(&world, &one_place, BY_ALL, shells);
	world_page(&world, 0, "getpid __other__@__other__=30 getpid sh@x=30");
	snapshot = snapshot_ref(world.snapshot);
	world_close(&world);
	memset(&world, 0, sizeof(world));
	ck_assert_str_eq(snapshot->series[1].tuple->comm, "sh");
	ck_assert_str_eq(snapshot->series[1].tuple->container->id, "x");
	ck_assert_str_eq(snapshot->series[1].tuple->container->pod_uid, "pod-x");
	ck_assert_str_eq(snapshot->series[0].tuple->container->pod_uid, "__other__");
	snapshot_unref(snapshot);
}

/* "COMM@ID" of each entry, its count and its oldest. */
static void check_in_flight(const struct snapshot *snapshot, const char *expected)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < snapshot->in_flight_n; i++) {
		const struct in_flight *entry = &snapshot->in_flight[i];

		buf_add_str(&text, i ? " " : "");
		world_add_tuple(&text, entry->tuple);
		buf_add_fmt(&text, "=%llu,%llu", (unsigned long long)entry->count,
			    (unsigned long long)entry->oldest_ns);
	}
	buf_add(&text, "", 1);
	ck_assert_str_eq(text.data, expected);
	buf_free(&text);
}

static const struct {
	const struct fold_options *options;
	unsigned int by;
	const char *expected;
} in_flights[] = {
	{ &all, BY_ALL, "hung@x=1,9 sh@x=2,5 sh@y=1,7" },
	{ &one_place, BY_ALL, "__other__@__other__=2,9 sh@x=2,5" },
	{ &all, BY_CONTAINER, "@x=3,9 @y=1,7" },
	{ &one_place, BY_CONTAINER, "@__other__=1,7 @x=3,9" },
	{ &one_place, BY_NONE, "=4,9" },
};

START_TEST(calls_in_flight_are_shown_under_their_tuple)
{
	const struct fake_thread threads[] = { { "sh@x", "read", 5 },
					       { "sh@y", "read", 7 },
					       { "hung@x", "read", 9 },
					       { "sh@x", "read", 3 } };
	struct world world;

	open_three(&world, in_flights[_i].options, in_flights[_i].by, shells);
	world.fake.threads = threads;
	world.fake.threads_n = COUNT(threads);
	for (int again = 0; again < 2; again++) {
		struct snapshot *snapshot;

		ck_assert_int_eq(fold_take(world.fold, &world.fake.source, &world.clock.clock,
					   &snapshot),
				 0);
		check_in_flight(snapshot, in_flights[_i].expected);
		check_tuples(snapshot);
		snapshot_unref(snapshot);
	}
	world_close(&world);
}

START_TEST(gaps_follow_their_tuple)
{
	const struct fake_gap gaps[] = { { "sh@x", "FS", { .slot = { 1 } } },
					 { "sh@y", "FS", { .slot = { 2 } } },
					 { "zsh@x", "FS", { .slot = { 4 } } } };
	struct buf text = { 0 };
	struct world world;

	open_three(&world, &one_place, BY_ALL, shells);
	world.fake.gaps = gaps;
	world.fake.gaps_n = COUNT(gaps);
	world_page(&world, 0, "getpid __other__@__other__=30 getpid sh@x=30");
	ck_assert_uint_eq(world.snapshot->gaps_n, 2);
	for (size_t i = 0; i < 2; i++) {
		world_add_tuple(&text, world.snapshot->gaps[i].tuple);
		buf_add_fmt(&text, "=%llu ", world.snapshot->gaps[i].counts.slot[0]);
	}
	buf_add(&text, "", 1);
	ck_assert_str_eq(text.data, "__other__@__other__=6 sh@x=1 ");
	buf_free(&text);
	world_close(&world);
}

static const unsigned int with_rules[] = { BY_ALL, BY_CONTAINER };

START_TEST(rules_rewrite_the_comm_of_a_tuple)
{
	const bool both = with_rules[_i] == BY_ALL;
	static const char *const names[3] = { "kworker/0:1@x", "kworker/1:0@x", "kworker/1:0@y" };
	const struct fake_thread threads[] = { { "kworker/2:2@y", "read", 5 } };
	char *rule = strdup("(.*)/.*|^$=>$1");
	const struct strings rules = { &rule, 1 };
	struct rewrites *rewrites;
	struct world world;
	char err[128];

	ck_assert_int_eq(rewrites_parse(&rules, &rewrites, err, sizeof(err)), 0);
	open_three(&world, &all, with_rules[_i], names);
	fold_free(world.fold);
	world.fold = fold_new(&all, rewrites);
	world.fake.threads = threads;
	world.fake.threads_n = 1;
	world_page(&world, 0,
		   both ? "getpid kworker@x=40 getpid kworker@y=20" : "getpid @x=40 getpid @y=20");
	check_in_flight(world.snapshot, both ? "kworker@y=1,5" : "@y=1,5");
	world_close(&world);
	rewrites_free(rewrites);
	free(rule);
}

START_TEST(lack_of_memory_at_any_moment_loses_nothing_of_a_tuple)
{
	const struct fake_thread threads[] = { { "hung@z", "read", 5 } };
	uint64_t made = 60, failures = 0;
	struct world world;
	bool failed = true;

	open_three(&world, &all, BY_ALL, shells);
	world.fake.threads = threads;
	world.fake.threads_n = COUNT(threads);
	for (size_t n = 1; failed; n++) {
		struct snapshot *snapshot;
		int r;

		failing_arm(n);
		r = fold_take(world.fold, &world.fake.source, &world.clock.clock, &snapshot);
		failed = failing_disarm();
		ck_assert_int_eq(r, failed ? -ENOMEM : 0);
		snapshot_unref(snapshot);
		failures += failed;
		world_calls(&world, n % 3, 1, 1);
		made++;
	}
	ck_assert_uint_ge(failures, 11); /* containers of the fold and of the page among them */
	ck_assert_int_eq(
		fold_take(world.fold, &world.fake.source, &world.clock.clock, &world.snapshot), 0);
	ck_assert_uint_eq(world.snapshot->observations, made);
	world_close(&world);
}

Suite *fold_by_suite(void)
{
	const struct test tests[] = {
		{ places_are_of_whole_tuples, COUNT(pages) },
		{ tuple_displaces_another_of_its_comm, 0 },
		{ snapshot_outlives_the_fold_and_the_tuple, 0 },
		{ calls_in_flight_are_shown_under_their_tuple, COUNT(in_flights) },
		{ gaps_follow_their_tuple, 0 },
		{ rules_rewrite_the_comm_of_a_tuple, COUNT(with_rules) },
		{ lack_of_memory_at_any_moment_loses_nothing_of_a_tuple, 0 },
	};

	return suite_make("fold_by", tests, COUNT(tests));
}
