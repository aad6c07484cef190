/* SPDX-License-Identifier: Apache-2.0 */
#include "rate_limit.h"
#include "suites.h"

START_TEST(a_burst_is_allowed_and_then_one_each_interval)
{
	struct rate_limit limit;
	unsigned int allowed = 0;

	rate_limit_init(&limit, 10, 3);
	for (unsigned int i = 0; i < 5; i++)
		allowed += rate_limit_allow(&limit, 1000);
	ck_assert_uint_eq(allowed, 3);
	ck_assert(!rate_limit_allow(&limit, 1009));
	ck_assert(rate_limit_allow(&limit, 1010));
	ck_assert(!rate_limit_allow(&limit, 1010));
	ck_assert(!rate_limit_allow(&limit, 1019));
	ck_assert(rate_limit_allow(&limit, 1035)); /* two had come by then, at 1020 and 1030 */
	ck_assert(rate_limit_allow(&limit, 1035));
	ck_assert(!rate_limit_allow(&limit, 1035));
}

START_TEST(bucket_holds_no_more_than_a_burst)
{
	struct rate_limit limit;
	unsigned int allowed = 0;

	rate_limit_init(&limit, 10, 3);
	for (unsigned int i = 0; i < 5; i++)
		allowed += rate_limit_allow(&limit, 1000000);
	ck_assert_uint_eq(allowed, 3);
	for (unsigned int i = 0; i < 100000; i++)
		allowed += rate_limit_allow(&limit, 1000000 + i);
	ck_assert_uint_eq(allowed, 3 + 9999);
}

START_TEST(no_interval_is_no_limit)
{
	struct rate_limit limit;

	rate_limit_init(&limit, 0, 0);
	for (unsigned int i = 0; i < 1000; i++)
		if (!rate_limit_allow(&limit, 5))
			ck_abort_msg("request %u", i);
}

START_TEST(largest_limit_does_not_overflow)
{
	const uint64_t day_ns = 86400000000000, year_ns = 365 * day_ns;
	struct rate_limit limit;
	unsigned int allowed = 0;

	rate_limit_init(&limit, day_ns, 100000);
	for (unsigned int i = 0; i < 100005; i++)
		allowed += rate_limit_allow(&limit, year_ns);
	ck_assert_uint_eq(allowed, 100000);
	ck_assert(!rate_limit_allow(&limit, year_ns + day_ns - 1));
	ck_assert(rate_limit_allow(&limit, year_ns + day_ns));
}

Suite *rate_limit_suite(void)
{
	const struct test tests[] = {
		{ a_burst_is_allowed_and_then_one_each_interval, 0 },
		{ bucket_holds_no_more_than_a_burst, 0 },
		{ no_interval_is_no_limit, 0 },
		{ largest_limit_does_not_overflow, 0 },
	};

	return suite_make("rate_limit", tests, COUNT(tests));
}
