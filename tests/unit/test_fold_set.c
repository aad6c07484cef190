/* SPDX-License-Identifier: Apache-2.0 */
/* What a reload does to the fold, each rule on its own; all of them together:
 * test_fold_history.c. */
#include <errno.h>
#include <string.h>

#include "failing.h"
#include "rewrite.h"
#include "suites.h"
#include "world.h"

#define LINGER 120 /* seconds */
#define IDLE 3600
#define SECOND 1000000000ull

static const struct fold_options one_place = { 1, LINGER *SECOND, IDLE *SECOND };
static const struct fold_options two_places = { 2, LINGER *SECOND, IDLE *SECOND };
static const struct fold_options three_places = { 3, LINGER *SECOND, IDLE *SECOND };
static const struct fold_options all = { 0, LINGER *SECOND, IDLE *SECOND };

static struct rewrites *one_rule(const char *text)
{
	struct rewrites *ret;
	struct strings rules = { NULL };
	char err[256];

	ck_assert_int_eq(strings_add(&rules, text, strlen(text)), 0);
	ck_assert_int_eq(rewrites_parse(&rules, &ret, err, sizeof(err)), 0);
	strings_free(&rules);
	return ret;
}

static void three_more_calls_each(struct world *world)
{
	for (size_t i = 0; i < 3; i++)
		world_calls(world, i, 3, 1);
}

/* ---- places ---- */

START_TEST(smaller_top_takes_the_lowest_places_at_once)
{
	struct world world;

	world_open_three(&world, &three_places);
	world_page(&world, 0, "getpid a=30 getpid b=10 getpid c=20");
	fold_set(world.fold, &one_place, NULL);
	three_more_calls_each(&world);
	world_page(&world, 1, "getpid __other__=6 getpid a=33 getpid b=10 getpid c=20");
	ck_assert_uint_eq(world.snapshot->evicted[EVICTED_DISPLACED], 2);
	ck_assert_uint_eq(world.snapshot->evicted[EVICTED_IDLE], 0);
	world_page(&world, LINGER - 2, "getpid __other__=6 getpid a=33 getpid b=10 getpid c=20");
	world_page(&world, 1, "getpid __other__=6 getpid a=33");
	world_close(&world);
}

START_TEST(larger_top_shows_those_that_get_a_place_before_they_grow)
{
	struct world world;

	world_open_three(&world, &one_place);
	world_page(&world, 0, "getpid __other__=30 getpid a=30");
	fold_set(world.fold, &two_places, NULL);
	three_more_calls_each(&world);
	world_page(&world, 1, "getpid __other__=36 getpid a=33 getpid c=0");
	three_more_calls_each(&world);
	world_page(&world, LINGER, "getpid __other__=39 getpid a=36 getpid c=3");
	ck_assert_uint_eq(world.snapshot->evicted[EVICTED_DISPLACED], 0);
	world_close(&world);
}

START_TEST(limit_can_be_set_and_lifted)
{
	struct world world;

	world_open_three(&world, &all);
	world_page(&world, 0, "getpid a=30 getpid b=10 getpid c=20");
	fold_set(world.fold, &two_places, NULL);
	three_more_calls_each(&world);
	world_page(&world, 1, "getpid __other__=3 getpid a=33 getpid b=10 getpid c=23");
	fold_set(world.fold, &all, NULL);
	three_more_calls_each(&world);
	/* its series are still shown, and go on later */
	world_page(&world, 1, "getpid __other__=6 getpid a=36 getpid b=10 getpid c=26");
	three_more_calls_each(&world);
	world_page(&world, LINGER, "getpid __other__=6 getpid a=39 getpid b=13 getpid c=29");
	world_close(&world);
}

START_TEST(place_that_was_taken_while_it_waits_is_dropped_and_waits_again)
{
	struct world world;

	world_open_three(&world, &one_place);
	world_page(&world, 0, "getpid __other__=30 getpid a=30");
	fold_set(world.fold, &two_places, NULL);
	three_more_calls_each(&world);
	world_page(&world, LINGER, "getpid __other__=36 getpid a=33 getpid c=0");
	fold_set(world.fold, &one_place, NULL);
	world_page(&world, 1, "getpid __other__=36 getpid a=33");
	fold_set(world.fold, &two_places, NULL);
	three_more_calls_each(&world);
	world_page(&world, LINGER, "getpid __other__=42 getpid a=36 getpid c=0");
	world_close(&world);
}

/* ---- times ---- */

START_TEST(smaller_idle_counts_from_the_last_call)
{
	struct fold_options options = two_places;
	struct world world;

	world_open_three(&world, &two_places);
	world_page(&world, 0, "getpid __other__=10 getpid a=30 getpid c=20");
	world_calls(&world, 0, 1, 1);
	world_page(&world, 299, "getpid __other__=10 getpid a=31 getpid c=20");
	options.idle_ns = 300 * SECOND;
	fold_set(world.fold, &options, NULL);
	world_page(&world, 1, "getpid __other__=10 getpid a=31");
	ck_assert_uint_eq(world.snapshot->evicted[EVICTED_IDLE], 1);
	world_close(&world);
}

START_TEST(without_idle_a_place_is_kept)
{
	struct fold_options options = two_places;
	struct world world;

	world_open_three(&world, &two_places);
	world_page(&world, 0, "getpid __other__=10 getpid a=30 getpid c=20");
	options.idle_ns = 0;
	fold_set(world.fold, &options, NULL);
	world_page(&world, 10 * IDLE, "getpid __other__=10 getpid a=30 getpid c=20");
	world_close(&world);
}

START_TEST(smaller_linger_shortens_what_has_begun)
{
	struct fold_options options = two_places;
	struct world world;

	world_open_three(&world, &one_place);
	world_page(&world, 0, "getpid __other__=30 getpid a=30");
	fold_set(world.fold, &two_places, NULL);
	three_more_calls_each(&world);
	world_page(&world, 1, "getpid __other__=36 getpid a=33 getpid c=0");
	options.linger_ns = 60 * SECOND;
	fold_set(world.fold, &options, NULL);
	three_more_calls_each(&world);
	world_page(&world, 59, "getpid __other__=42 getpid a=36 getpid c=0");
	three_more_calls_each(&world);
	world_page(&world, 1, "getpid __other__=45 getpid a=39 getpid c=3");
	world_close(&world);
}

/* ---- rules ---- */

START_TEST(new_rules_move_nothing_and_name_what_comes)
{
	struct rewrites *rules = one_rule("^[ab]$=>ab");
	struct world world;

	world_open_three(&world, &all);
	world_page(&world, 0, "getpid a=30 getpid b=10 getpid c=20");
	fold_set(world.fold, &all, rules);
	three_more_calls_each(&world);
	world_page(&world, 10, "getpid a=30 getpid ab=6 getpid b=10 getpid c=23");
	/* it counts since the read before */
	ck_assert_uint_eq(world.snapshot->series[1].created_wall_ns, 1700000000250000000);
	ck_assert_uint_eq(world.snapshot->observations, 69);
	ck_assert_uint_eq(world.snapshot->evicted[EVICTED_DISPLACED], 2);
	three_more_calls_each(&world);
	world_page(&world, LINGER - 10, "getpid ab=12 getpid c=26");
	world_close(&world);
	rewrites_free(rules);
}

START_TEST(rules_that_go_give_the_names_back)
{
	struct rewrites *rules = one_rule("^[ab]$=>ab");
	struct world world;

	world_open_three(&world, &all);
	fold_set(world.fold, &all, rules);
	world_page(&world, 0, "getpid ab=40 getpid c=20");
	fold_set(world.fold, &all, NULL);
	rewrites_free(rules);
	three_more_calls_each(&world);
	world_page(&world, 1, "getpid a=3 getpid ab=40 getpid b=3 getpid c=23");
	world_close(&world);
}

/* A scraper that saw its old series must not take the new ones for the same. */
START_TEST(comm_that_new_rules_bring_back_is_shown_before_it_grows)
{
	struct rewrites *rules = one_rule("^a$=>x");
	struct world world;

	world_open_three(&world, &all);
	world_page(&world, 0, "getpid a=30 getpid b=10 getpid c=20");
	fold_set(world.fold, &all, rules);
	three_more_calls_each(&world);
	world_page(&world, LINGER, "getpid b=13 getpid c=23 getpid x=3");
	fold_set(world.fold, &all, NULL);
	three_more_calls_each(&world);
	world_page(&world, 1, "getpid __other__=3 getpid a=0 getpid b=16 getpid c=26 getpid x=3");
	three_more_calls_each(&world);
	world_page(&world, LINGER, "getpid __other__=3 getpid a=3 getpid b=19 getpid c=29");
	world_close(&world);
	rewrites_free(rules);
}

/* Though b does more this time. */
START_TEST(new_name_has_the_place_of_the_old_one)
{
	struct rewrites *rules = one_rule("^a$=>x");
	struct world world;

	world_open_three(&world, &one_place);
	world_page(&world, 0, "getpid __other__=30 getpid a=30");
	fold_set(world.fold, &one_place, rules);
	world_calls(&world, 0, 1, 1);
	world_calls(&world, 1, 15, 1);
	world_page(&world, 1, "getpid __other__=45 getpid a=30 getpid x=1");
	ck_assert_uint_eq(world.snapshot->evicted[EVICTED_DISPLACED], 1);
	world_close(&world);
	rewrites_free(rules);
}

START_TEST(comm_that_keeps_a_row_keeps_its_place)
{
	struct rewrites *both = one_rule("^[ab]$=>ab"), *one = one_rule("^a$=>ab");
	struct world world;

	world_open_three(&world, &one_place);
	fold_set(world.fold, &one_place, both);
	world_page(&world, 0, "getpid __other__=20 getpid ab=40");
	fold_set(world.fold, &one_place, one);
	rewrites_free(both);
	three_more_calls_each(&world);
	world_page(&world, 1, "getpid __other__=26 getpid ab=43");
	ck_assert_uint_eq(world.snapshot->evicted[EVICTED_DISPLACED], 0);
	world_close(&world);
	rewrites_free(one);
}

START_TEST(what_the_source_has_under_other_is_no_rules_matter)
{
	struct rewrites *rules = one_rule(".*=>x");
	struct world world;

	world_open(&world, &all);
	world_row(&world, "__other__", "getpid");
	world_calls(&world, 0, 3, 1);
	world_page(&world, 0, "getpid __other__=3");
	fold_set(world.fold, &all, rules);
	world_calls(&world, 0, 3, 1);
	world_page(&world, 1, "getpid __other__=6");
	ck_assert_uint_eq(world.snapshot->overflow, 6);
	world_close(&world);
	rewrites_free(rules);
}

START_TEST(calls_in_flight_follow_the_rules)
{
	const struct fake_thread threads[] = { { "a", "read", 5 }, { "b", "read", 7 } };
	struct rewrites *rules = one_rule("^[ab]$=>ab");
	struct world world;

	world_open_three(&world, &all);
	world.fake.threads = threads;
	world.fake.threads_n = COUNT(threads);
	world_page(&world, 0, "getpid a=30 getpid b=10 getpid c=20");
	ck_assert_uint_eq(world.snapshot->in_flight_n, 2);
	fold_set(world.fold, &all, rules);
	three_more_calls_each(&world);
	world_page(&world, 1, "getpid a=30 getpid ab=6 getpid b=10 getpid c=23");
	ck_assert_uint_eq(world.snapshot->in_flight_n, 1);
	ck_assert_str_eq(world.snapshot->in_flight[0].tuple->comm, "ab");
	ck_assert_uint_eq(world.snapshot->in_flight[0].count, 2);
	world_close(&world);
	rewrites_free(rules);
}

/* The reload is not forgotten by a read without memory. */
START_TEST(lack_of_memory_at_any_moment_loses_nothing)
{
	for (size_t n = 1, failed = true; failed; n++) {
		struct rewrites *rules = one_rule("^[ab]$=>ab");
		struct snapshot *snapshot;
		struct world world;
		int r;

		world_open_three(&world, &all);
		world_page(&world, 0, "getpid a=30 getpid b=10 getpid c=20");
		fold_set(world.fold, &one_place, rules);
		three_more_calls_each(&world);
		failing_arm(n);
		r = fold_take(world.fold, &world.fake.source, &world.clock.clock, &snapshot);
		failed = failing_disarm();
		snapshot_unref(snapshot);
		/* what the rules remember is not needed */
		ck_assert(r == 0 || (r == -ENOMEM && failed));
		ck_assert(failed || n > 8);
		world_page(&world, 1,
			   "getpid __other__=3 getpid a=30 getpid ab=6 getpid b=10 getpid c=20");
		ck_assert_uint_eq(world.snapshot->evicted[EVICTED_DISPLACED], 3);
		world_close(&world);
		rewrites_free(rules);
	}
}

Suite *fold_set_suite(void)
{
	const struct test tests[] = {
		{ smaller_top_takes_the_lowest_places_at_once, 0 },
		{ larger_top_shows_those_that_get_a_place_before_they_grow, 0 },
		{ limit_can_be_set_and_lifted, 0 },
		{ place_that_was_taken_while_it_waits_is_dropped_and_waits_again, 0 },
		{ smaller_idle_counts_from_the_last_call, 0 },
		{ without_idle_a_place_is_kept, 0 },
		{ smaller_linger_shortens_what_has_begun, 0 },
		{ new_rules_move_nothing_and_name_what_comes, 0 },
		{ rules_that_go_give_the_names_back, 0 },
		{ comm_that_new_rules_bring_back_is_shown_before_it_grows, 0 },
		{ new_name_has_the_place_of_the_old_one, 0 },
		{ comm_that_keeps_a_row_keeps_its_place, 0 },
		{ what_the_source_has_under_other_is_no_rules_matter, 0 },
		{ calls_in_flight_follow_the_rules, 0 },
		{ lack_of_memory_at_any_moment_loses_nothing, 0 },
	};

	return suite_make("fold_set", tests, COUNT(tests));
}
