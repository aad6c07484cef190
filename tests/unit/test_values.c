/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stddef.h>

#include "suites.h"
#include "values.h"

#define MAX "18446744073709551615"

static const struct {
	bool (*parse)(const char *text, uint64_t *ret);
	const char *text;
	uint64_t value;
} good[] = {
	{ value_parse_number, "0", 0 },
	{ value_parse_number, "007", 7 },
	{ value_parse_number, MAX, UINT64_MAX },
	{ value_parse_duration, "0", 0 },
	{ value_parse_duration, "0h", 0 },
	{ value_parse_duration, "1ns", 1 },
	{ value_parse_duration, "2us", 2000 },
	{ value_parse_duration, "3ms", 3000000 },
	{ value_parse_duration, "4s", 4000000000 },
	{ value_parse_duration, "5m", 300000000000 },
	{ value_parse_duration, "6h", 21600000000000 },
	{ value_parse_duration, "7d", 604800000000000 },
	{ value_parse_duration, "1h30m", 5400000000000 },
	{ value_parse_duration, "30m1h", 5400000000000 },
	{ value_parse_duration, "1s1s", 2000000000 },
	{ value_parse_duration, MAX "ns", UINT64_MAX },
	{ value_parse_duration, "213503d23h34m33s709551615ns", UINT64_MAX },
	{ value_parse_size, "0", 0 },
	{ value_parse_size, "1", 1 },
	{ value_parse_size, "2B", 2 },
	{ value_parse_size, "3kB", 3000 },
	{ value_parse_size, "4MB", 4000000 },
	{ value_parse_size, "5GB", 5000000000 },
	{ value_parse_size, "6KiB", 6144 },
	{ value_parse_size, "7MiB", 7340032 },
	{ value_parse_size, "8GiB", 8589934592 },
	{ value_parse_size, "1MiB1", 1048577 },
	{ value_parse_size, "17179869183GiB1073741823B", UINT64_MAX },
};

START_TEST(text_has_its_value)
{
	uint64_t value = 12345;

	ck_assert(good[_i].parse(good[_i].text, &value));
	ck_assert_uint_eq(value, good[_i].value);
}

static const struct {
	bool (*parse)(const char *text, uint64_t *ret);
	const char *text;
} bad[] = {
	{ value_parse_number, "" },
	{ value_parse_number, " 1" },
	{ value_parse_number, "1 " },
	{ value_parse_number, "+1" },
	{ value_parse_number, "-1" },
	{ value_parse_number, "1.0" },
	{ value_parse_number, "0x1" },
	{ value_parse_number, "1e3" },
	{ value_parse_number, "18446744073709551616" },
	{ value_parse_number, "184467440737095516150" },
	{ value_parse_duration, "" },
	{ value_parse_duration, "1" },
	{ value_parse_duration, "00" },
	{ value_parse_duration, "s" },
	{ value_parse_duration, "1x" },
	{ value_parse_duration, "1S" },
	{ value_parse_duration, "1 s" },
	{ value_parse_duration, "1s " },
	{ value_parse_duration, "-1s" },
	{ value_parse_duration, "1.5s" },
	{ value_parse_duration, "1h30" },
	{ value_parse_duration, "1sec" },
	{ value_parse_duration, "213504d" },
	{ value_parse_duration, "213503d23h34m33s709551616ns" },
	{ value_parse_duration, "18446744073709551616ns" },
	{ value_parse_size, "" },
	{ value_parse_size, "B" },
	{ value_parse_size, "1K" },
	{ value_parse_size, "1kb" },
	{ value_parse_size, "1 MiB" },
	{ value_parse_size, "1.5GiB" },
	{ value_parse_size, "-1" },
	{ value_parse_size, "17179869184GiB" },
	{ value_parse_size, "17179869183GiB1073741824B" },
};

START_TEST(anything_else_is_refused)
{
	uint64_t value;

	ck_assert_msg(!bad[_i].parse(bad[_i].text, &value), "'%s'", bad[_i].text);
}

Suite *values_suite(void)
{
	const struct test tests[] = {
		{ text_has_its_value, COUNT(good) },
		{ anything_else_is_refused, COUNT(bad) },
	};

	return suite_make("values", tests, COUNT(tests));
}
