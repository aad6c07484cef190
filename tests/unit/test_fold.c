/* SPDX-License-Identifier: Apache-2.0 */
/* Each rule of the fold on its own; all of them together: test_fold_history.c. */
#include <errno.h>
#include <string.h>

#include "failing.h"
#include "suites.h"
#include "world.h"

#define LINGER 120 /* seconds */
#define IDLE 3600
#define SECOND 1000000000ull

static const struct fold_options one_place = { 1, LINGER *SECOND, IDLE *SECOND };
static const struct fold_options two_places = { 2, LINGER *SECOND, IDLE *SECOND };
static const struct fold_options all = { 0, LINGER *SECOND, IDLE *SECOND };

START_TEST(busiest_of_those_that_come_at_once_have_the_places)
{
	struct world world;

	world_open_three(&world, &two_places);
	world_page(&world, 0, "getpid __other__=10 getpid a=30 getpid c=20");
	world_close(&world);
}

START_TEST(without_a_limit_everybody_has_a_place)
{
	struct world world;

	world_open_three(&world, &all);
	world_page(&world, 0, "getpid a=30 getpid b=10 getpid c=20");
	world_close(&world);
}

START_TEST(new_comm_has_its_first_call_while_there_is_a_place)
{
	struct world world;

	world_open(&world, &two_places);
	world_row(&world, "a", "getpid");
	world_calls(&world, 0, 1, 1);
	world_page(&world, 0, "getpid a=1");
	ck_assert_uint_eq(world.snapshot->series[0].created_wall_ns, 1700000000250000000);
	world_row(&world, "b", "getpid");
	world_calls(&world, 1, 2, 1);
	world_page(&world, 10, "getpid a=1 getpid b=2");
	/* it began after the page before */
	ck_assert_uint_eq(world.snapshot->series[1].created_wall_ns, 1700000000250000000);
	world_row(&world, "c", "getpid");
	world_calls(&world, 2, 3, 1);
	world_page(&world, 10, "getpid __other__=3 getpid a=1 getpid b=2");
	ck_assert_uint_eq(world.snapshot->series[0].created_wall_ns, 1700000010250000000);
	world_close(&world);
}

START_TEST(displacing_comm_is_shown_before_it_grows_and_the_displaced_one_after)
{
	struct world world;

	world_open(&world, &one_place);
	world_row(&world, "a", "getpid");
	world_calls(&world, 0, 10, 1);
	world_page(&world, 0, "getpid a=10");
	world_row(&world, "b", "getpid");
	world_calls(&world, 0, 1, 1);
	world_calls(&world, 1, 1000, 1);
	world_page(&world, LINGER - 1, "getpid __other__=1000 getpid a=11");
	ck_assert_uint_eq(world.snapshot->evicted[EVICTED_DISPLACED], 0);
	/* a has had its place for long enough now */
	world_calls(&world, 0, 5, 1);
	world_calls(&world, 1, 100, 1);
	world_page(&world, 1, "getpid __other__=1105 getpid a=11 getpid b=0");
	ck_assert_uint_eq(world.snapshot->series[2].created_wall_ns,
			  1700000000250000000 + LINGER * SECOND);
	ck_assert_uint_eq(world.snapshot->evicted[EVICTED_DISPLACED], 1);
	ck_assert_uint_eq(world.snapshot->evicted[EVICTED_IDLE], 0);
	world_calls(&world, 1, 7, 1);
	world_page(&world, LINGER - 2, "getpid __other__=1112 getpid a=11 getpid b=0");
	world_page(&world, 1, "getpid __other__=1112 getpid b=0");
	world_calls(&world, 1, 3, 1);
	world_page(&world, 1, "getpid __other__=1112 getpid b=3");
	ck_assert_uint_eq(world.snapshot->observations, 11 + 1112 + 3);
	world_close(&world);
}

START_TEST(series_that_returns_while_it_is_shown_goes_on)
{
	const struct fold_options options = { 2, LINGER * SECOND, 300 * SECOND };
	struct world world;

	world_open(&world, &options);
	world_row(&world, "a", "getpid");
	world_row(&world, "b", "getpid");
	world_calls(&world, 0, 10, 1);
	world_calls(&world, 1, 1000000, 1);
	world_page(&world, 0, "getpid a=10 getpid b=1000000");
	world_calls(&world, 0, 1, 1);
	world_page(&world, 249, "getpid a=11 getpid b=1000000");
	world_row(&world, "c", "getpid");
	world_calls(&world, 2, 50000, 1);
	/* a new comm where there is no place is counted under __other__ first */
	world_page(&world, 1, "getpid __other__=50000 getpid a=11 getpid b=1000000 getpid c=0");
	/* b is idle, and a takes its place */
	world_calls(&world, 0, 1, 1);
	world_page(&world, 50, "getpid __other__=50001 getpid a=11 getpid c=0");
	world_calls(&world, 0, 1, 1);
	world_page(&world, LINGER, "getpid __other__=50001 getpid a=12 getpid c=0");
	ck_assert_uint_eq(world.snapshot->series[1].created_wall_ns, 1700000000250000000);
	ck_assert_uint_eq(world.snapshot->evicted[EVICTED_DISPLACED], 1);
	ck_assert_uint_eq(world.snapshot->evicted[EVICTED_IDLE], 1);
	world_close(&world);
}

START_TEST(comm_that_is_about_as_busy_displaces_nobody)
{
	struct world world;

	world_open(&world, &one_place);
	world_row(&world, "a", "getpid");
	world_calls(&world, 0, 1000, 1);
	world_page(&world, 0, "getpid a=1000");
	world_row(&world, "b", "getpid");
	world_calls(&world, 0, 1000, 1);
	world_calls(&world, 1, 2100, 1);
	world_page(&world, LINGER, "getpid __other__=2100 getpid a=2000");
	world_close(&world);
}

/* Calls that mostly wait own nearly all time, which is no reason for a place. */
START_TEST(sleepers_do_not_own_the_places)
{
	struct world world;

	world_open(&world, &one_place);
	world_row(&world, "sleeper", "poll");
	world_row(&world, "worker", "read");
	world_calls(&world, 0, 1, 100 * SECOND);
	world_calls(&world, 1, 1, 1000);
	world_page(&world, 0, "read worker=1 poll __other__=1");
	world_close(&world);
}

START_TEST(time_counts_as_calls_do)
{
	struct world world;

	world_open(&world, &one_place);
	world_row(&world, "quick", "getpid");
	world_row(&world, "slow", "read");
	world_calls(&world, 0, 300, 1);
	world_calls(&world, 1, 100, SECOND);
	world_page(&world, 0, "read slow=100 getpid __other__=300");
	world_close(&world);
}

START_TEST(idle_comm_gives_its_place_back)
{
	struct world world;

	world_open(&world, &one_place);
	world_row(&world, "a", "getpid");
	world_calls(&world, 0, 1000000, 1);
	world_page(&world, 0, "getpid a=1000000");
	world_row(&world, "b", "getpid");
	world_calls(&world, 1, 1, 1);
	world_page(&world, IDLE - 1, "getpid __other__=1 getpid a=1000000");
	world_page(&world, 1, "getpid __other__=1");
	ck_assert_uint_eq(world.snapshot->evicted[EVICTED_IDLE], 1);
	ck_assert_uint_eq(world.snapshot->evicted[EVICTED_DISPLACED], 0);
	world_close(&world);
}

/* A scraper that saw the old series must see the new one begin at 0. */
START_TEST(comm_that_was_dropped_and_returns_is_shown_before_it_grows)
{
	struct world world;

	world_open(&world, &two_places);
	world_row(&world, "a", "getpid");
	world_calls(&world, 0, 10, 1);
	world_page(&world, 0, "getpid a=10");
	world.fake.rows_n = 0; /* the source forgot it */
	world_page(&world, IDLE, "");
	world_row(&world, "a", "getpid");
	world.rows[0].counts.slot[0] = 20;
	world_page(&world, 1, "getpid __other__=20 getpid a=0");
	world_calls(&world, 0, 1, 1);
	world_page(&world, LINGER, "getpid __other__=20 getpid a=1");
	world_close(&world);
}

START_TEST(row_that_is_gone_and_comes_again_counts_from_nothing)
{
	struct world world;

	world_open(&world, &all);
	world_row(&world, "a", "getpid");
	world_calls(&world, 0, 10, 1);
	world_page(&world, 0, "getpid a=10");
	world.fake.rows_n = 0;
	world_page(&world, 1, "getpid a=10");
	world_row(&world, "a", "getpid");
	world.rows[0].counts.slot[0] = 11;
	world_page(&world, 1, "getpid a=21");
	ck_assert_uint_eq(world.snapshot->observations, 21);
	world_close(&world);
}

START_TEST(what_the_source_has_under_other_stays_there)
{
	struct world world;

	world_open(&world, &all);
	world_row(&world, "__other__", "getpid");
	world_row(&world, "\\x5f_other__", "getpid");
	world_calls(&world, 0, 3, 1);
	world_calls(&world, 1, 4, 1);
	world_page(&world, 0, "getpid \\x5f_other__=4 getpid __other__=3");
	ck_assert_uint_eq(world.snapshot->overflow, 3);
	world_calls(&world, 0, 3, 1);
	world_page(&world, 1, "getpid \\x5f_other__=4 getpid __other__=6");
	ck_assert_uint_eq(world.snapshot->overflow, 6);
	ck_assert_uint_eq(world.snapshot->observations, 10);
	world_close(&world);
}

START_TEST(gaps_follow_their_comm)
{
	const struct fake_gap gaps[] = { { "a", "FS", { .slot = { 1 } } },
					 { "b", "FS", { .slot = { 2 } } },
					 { "c", "FS", { .slot = { 3 } } } };
	struct world world;

	world_open_three(&world, &one_place);
	world.fake.gaps = gaps;
	world.fake.gaps_n = COUNT(gaps);
	world_page(&world, 0, "getpid __other__=30 getpid a=30");
	ck_assert_uint_eq(world.snapshot->gaps_n, 2);
	ck_assert_str_eq(world.snapshot->gaps[0].tuple->comm, "__other__");
	ck_assert_uint_eq(world.snapshot->gaps[0].counts.slot[0], 5);
	ck_assert_str_eq(world.snapshot->gaps[1].tuple->comm, "a");
	ck_assert_uint_eq(world.snapshot->gaps[1].counts.slot[0], 1);
	world_close(&world);
}

/* The read that has memory again brings what those without it did not. */
START_TEST(lack_of_memory_at_any_moment_loses_nothing)
{
	const struct fake_thread threads[] = { { "hung", "read", 5 } };
	uint64_t made = 60, failures = 0;
	struct world world;
	bool failed = true;

	world_open_three(&world, &two_places);
	world.fake.threads = threads;
	world.fake.threads_n = COUNT(threads);
	for (size_t n = 1; failed; n++) {
		struct snapshot *snapshot;
		int r;

		failing_arm(n);
		r = fold_take(world.fold, &world.fake.source, &world.clock.clock, &snapshot);
		failed = failing_disarm();
		ck_assert_int_eq(r, failed ? -ENOMEM : 0);
		ck_assert(!snapshot || snapshot->up == !failed);
		snapshot_unref(snapshot);
		failures += failed;
		world_calls(&world, n % 3, 1, 1);
		made++;
	}
	ck_assert_uint_ge(failures, 8); /* snapshot, its arrays, owners, comms, series, copies */
	snapshot_unref(world.snapshot);
	ck_assert_int_eq(
		fold_take(world.fold, &world.fake.source, &world.clock.clock, &world.snapshot), 0);
	ck_assert_uint_eq(world.snapshot->observations, made);
	world_close(&world);
}

Suite *fold_suite(void)
{
	const struct test tests[] = {
		{ busiest_of_those_that_come_at_once_have_the_places, 0 },
		{ without_a_limit_everybody_has_a_place, 0 },
		{ new_comm_has_its_first_call_while_there_is_a_place, 0 },
		{ displacing_comm_is_shown_before_it_grows_and_the_displaced_one_after, 0 },
		{ series_that_returns_while_it_is_shown_goes_on, 0 },
		{ comm_that_is_about_as_busy_displaces_nobody, 0 },
		{ sleepers_do_not_own_the_places, 0 },
		{ time_counts_as_calls_do, 0 },
		{ idle_comm_gives_its_place_back, 0 },
		{ comm_that_was_dropped_and_returns_is_shown_before_it_grows, 0 },
		{ row_that_is_gone_and_comes_again_counts_from_nothing, 0 },
		{ what_the_source_has_under_other_stays_there, 0 },
		{ gaps_follow_their_comm, 0 },
		{ lack_of_memory_at_any_moment_loses_nothing, 0 },
	};

	return suite_make("fold", tests, COUNT(tests));
}
