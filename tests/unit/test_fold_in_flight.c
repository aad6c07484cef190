/* SPDX-License-Identifier: Apache-2.0 */
/* Calls in flight as the fold shows them. */
#include "suites.h"
#include "world.h"

#define SECOND 1000000000ull
#define LINGER 120 /* seconds */
#define IDLE 3600

static const struct fold_options one_place = { 1, LINGER *SECOND, IDLE *SECOND };
static const struct fold_options two_places = { 2, LINGER *SECOND, IDLE *SECOND };

START_TEST(calls_in_flight_are_shown_under_the_label_of_their_comm)
{
	const struct fake_thread threads[] = { { "a", "read", 5 },
					       { "b", "read", 7 },
					       { "c", "read", 6 } };
	struct world world;

	world_open_three(&world, &one_place);
	world.fake.threads = threads;
	world.fake.threads_n = COUNT(threads);
	world_page(&world, 0, "getpid __other__=30 getpid a=30");
	ck_assert_uint_eq(world.snapshot->in_flight_n, 2);
	ck_assert_str_eq(world.snapshot->in_flight[0].tuple->comm, "__other__");
	ck_assert_uint_eq(world.snapshot->in_flight[0].count, 2);
	ck_assert_uint_eq(world.snapshot->in_flight[0].oldest_ns, 7);
	ck_assert_str_eq(world.snapshot->in_flight[1].tuple->comm, "a");
	world_close(&world);
}

START_TEST(comm_that_hangs_in_its_first_call_takes_a_free_place)
{
	const struct fake_thread threads[] = { { "hung", "read", 5 }, { "more", "read", 9 } };
	struct world world;

	world_open(&world, &two_places);
	world_row(&world, "a", "getpid");
	world_calls(&world, 0, 1, 1);
	world.fake.threads = threads;
	world.fake.threads_n = COUNT(threads);
	world_page(&world, 0, "getpid a=1");
	ck_assert_uint_eq(world.snapshot->in_flight_n, 2);
	ck_assert_str_eq(world.snapshot->in_flight[0].tuple->comm, "__other__");
	ck_assert_str_eq(world.snapshot->in_flight[1].tuple->comm, "hung");
	world_close(&world);
}

/* Longer than idle, in which its own name stays at each page. */
START_TEST(comm_that_hangs_is_not_idle)
{
	const struct fake_thread thread = { "hung", "read", 5 };
	struct world world;

	world_open(&world, &two_places);
	world.fake.threads = &thread;
	world.fake.threads_n = 1;
	for (int i = 0; i < 5; i++) {
		world_page(&world, IDLE / 2, "");
		ck_assert_uint_eq(world.snapshot->in_flight_n, 1);
		ck_assert_str_eq(world.snapshot->in_flight[0].tuple->comm, "hung");
	}
	ck_assert_uint_eq(world.snapshot->evicted[EVICTED_IDLE], 0);
	world_close(&world);
}

Suite *fold_in_flight_suite(void)
{
	const struct test tests[] = {
		{ calls_in_flight_are_shown_under_the_label_of_their_comm, 0 },
		{ comm_that_hangs_in_its_first_call_takes_a_free_place, 0 },
		{ comm_that_hangs_is_not_idle, 0 },
	};

	return suite_make("fold_in_flight", tests, COUNT(tests));
}
