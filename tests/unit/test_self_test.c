/* SPDX-License-Identifier: Apache-2.0 */
/* The self-test where no program counts: what it makes, sums up and leaves behind. */
#include <errno.h>
#include <string.h>

#include "failing.h"
#include "self_test.h"
#include "suites.h"

static struct ior_config config;
static struct ior_passes passes[IOR_PASSES];

static void check_untouched(void)
{
	static const struct ior_config zero;

	ck_assert_mem_eq(&config, &zero, sizeof(zero));
}

START_TEST(calls_without_a_program_are_made_and_not_seen)
{
	struct self_test test = { 7, 7 };

	ck_assert_int_eq(self_test_run(&config, passes, 1, &test), 0);
	ck_assert_uint_gt(test.made, 0);
	ck_assert_uint_eq(test.made % 64, 0); /* calls between two looks at the clock */
	ck_assert_uint_eq(test.seen, 0);
	check_untouched();
}

START_TEST(calls_are_made_however_short_the_time)
{
	struct self_test test;

	ck_assert_int_eq(self_test_run(&config, passes, 0, &test), 0);
	ck_assert_uint_gt(test.made, 0);
}

START_TEST(calls_seen_are_summed_over_all_places)
{
	struct self_test test;

	for (size_t i = 0; i < IOR_PASSES; i++) {
		passes[i].own = i + 1;
		passes[i].runs = passes[i].claimed = 1000000;
	}
	ck_assert_int_eq(self_test_run(&config, passes, 0, &test), 0);
	ck_assert_uint_eq(test.seen, IOR_PASSES * (IOR_PASSES + 1) / 2);
	check_untouched();
}

/* One allocation for what threads count in, one for the threads. */
START_TEST(lack_of_memory_is_no_test)
{
	struct self_test test = { 7, 7 };
	int r;

	failing_arm((size_t)_i);
	r = self_test_run(&config, passes, 1, &test);
	ck_assert(failing_disarm());
	ck_assert_int_eq(r, -EAGAIN);
	ck_assert_uint_eq(test.made, 0);
	ck_assert_uint_eq(test.seen, 0);
	check_untouched();
}

Suite *self_test_suite(void)
{
	const struct test tests[] = {
		{ calls_without_a_program_are_made_and_not_seen, 0 },
		{ calls_are_made_however_short_the_time, 0 },
		{ calls_seen_are_summed_over_all_places, 0 },
	};
	Suite *suite = suite_make("self_test", tests, COUNT(tests));
	TCase *faults = tcase_create("faults");

	tcase_add_loop_test(faults, lack_of_memory_is_no_test, 1, 3);
	suite_add_tcase(suite, faults);
	return suite;
}
