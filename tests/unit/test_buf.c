/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "failing.h"
#include "random.h"
#include "suites.h"

/* Like ck_assert_str_eq() for a buffer, which has no NUL. */
static void check_text(const struct buf *buf, const char *expected)
{
	ck_assert_int_eq(buf->err, 0);
	ck_assert_uint_le(buf->len, buf->cap);
	ck_assert_uint_eq(buf->len, strlen(expected));
	ck_assert_mem_eq(buf->data, expected, buf->len);
}

START_TEST(appends_follow_each_other)
{
	struct buf buf = { 0 };

	buf_add_str(&buf, "one ");
	buf_add(&buf, "two...", 3);
	buf_add_str(&buf, "");
	buf_add_u64(&buf, 3);
	buf_add_fmt(&buf, " %s %d", "four", 5);
	check_text(&buf, "one two3 four 5");
	buf_free(&buf);
}

/* From the first byte to past any first capacity. */
START_TEST(bytes_stay_while_the_buffer_grows)
{
	struct buf buf = { 0 };

	for (size_t i = 0; i < 3 * (size_t)BUF_MIN + 20000; i++) {
		const char byte = (char)(i % 251);

		buf_add(&buf, &byte, 1);
	}
	ck_assert_int_eq(buf.err, 0);
	ck_assert_uint_eq(buf.len, 3 * (size_t)BUF_MIN + 20000);
	for (size_t i = 0; i < buf.len; i++)
		if (buf.data[i] != (char)(i % 251))
			ck_abort_msg("byte %zu is wrong", i);
	buf_free(&buf);
}

START_TEST(one_append_may_be_larger_than_all_before)
{
	static char bytes[100000];
	struct buf buf = { 0 };

	memset(bytes, 'x', sizeof(bytes));
	buf_add_str(&buf, "a");
	buf_add(&buf, bytes, sizeof(bytes));
	ck_assert_int_eq(buf.err, 0);
	ck_assert_uint_eq(buf.len, 1 + sizeof(bytes));
	ck_assert_mem_eq(buf.data + 1, bytes, sizeof(bytes));
	buf_free(&buf);
}

START_TEST(reserved_bytes_count_when_they_are_used)
{
	struct buf buf = { 0 };
	char *p;

	buf_add_str(&buf, "a");
	p = buf_reserve(&buf, 10);
	memcpy(p, "bcdefghijk", 10);
	ck_assert_uint_eq(buf.len, 1);
	buf_used(&buf, p + 3);
	buf_add_str(&buf, ".");
	check_text(&buf, "abcd.");
	buf_free(&buf);
}

static void add_some(struct buf *buf)
{
	buf_add_str(buf, "text");
}

static void add_number(struct buf *buf)
{
	buf_add_u64(buf, UINT64_MAX);
}

static void add_format(struct buf *buf)
{
	buf_add_fmt(buf, "%s", "text");
}

static void reserve(struct buf *buf)
{
	(void)buf_reserve(buf, 1);
}

static void (*const appends[])(struct buf *buf) = { add_some, add_number, add_format, reserve };

START_TEST(first_failure_sticks)
{
	struct buf buf = { 0 };

	failing_arm(1);
	appends[_i](&buf);
	ck_assert(failing_disarm());
	for (size_t i = 0; i < COUNT(appends); i++)
		appends[i](&buf);
	ck_assert_int_eq(buf.err, -ENOMEM);
	ck_assert_uint_eq(buf.len, 0);
	ck_assert_ptr_null(buf_reserve(&buf, 1));
	buf_free(&buf);
}

START_TEST(failed_growth_keeps_what_was_there)
{
	struct buf buf = { 0 };
	size_t n;

	buf_add_str(&buf, "kept");
	n = buf.cap;
	failing_arm(1);
	(void)buf_reserve(&buf, n);
	ck_assert(failing_disarm());
	buf_add_str(&buf, "lost");
	ck_assert_int_eq(buf.err, -ENOMEM);
	ck_assert_uint_eq(buf.len, 4);
	ck_assert_mem_eq(buf.data, "kept", 4);
	buf_free(&buf);
}

START_TEST(growth_beyond_the_address_space_fails)
{
	struct buf buf = { 0 };

	buf_add_str(&buf, "a");
	ck_assert_ptr_null(buf_reserve(&buf, SIZE_MAX));
	ck_assert_int_eq(buf.err, -ENOMEM);
	buf_free(&buf);
}

START_TEST(freed_buffer_is_empty_and_without_error)
{
	struct buf buf = { .err = -ENOMEM };

	buf_free(&buf);
	buf_add_str(&buf, "again");
	check_text(&buf, "again");
	buf_free(&buf);
	ck_assert_ptr_null(buf.data);
	ck_assert_uint_eq(buf.len + buf.cap, 0);
}

static void check_u64(uint64_t value)
{
	char expected[32], actual[BUF_U64_MAX + 1];

	(void)snprintf(expected, sizeof(expected), "%" PRIu64, value);
	*buf_put_u64(actual, value) = '\0';
	if (strcmp(actual, expected))
		ck_abort_msg("%s became %s", expected, actual);
}

/* Around each power of ten and of two, where the number of digits changes. */
START_TEST(numbers_are_as_printf_prints_them)
{
	uint64_t state = RANDOM_SEED;

	for (uint64_t power = 1; power < UINT64_MAX / 10; power *= 10)
		for (uint64_t value = power - 1; value <= power + 1; value++)
			check_u64(value);
	for (int bit = 0; bit < 64; bit++)
		check_u64((1ull << bit) - 1);
	check_u64(UINT64_MAX);
	for (int i = 0; i < 100000; i++)
		check_u64(random_magnitude(&state));
}

static const struct {
	uint64_t ns;
	const char *seconds;
} seconds[] = {
	{ 0, "0" },
	{ 1, "0.000000001" },
	{ 10, "0.00000001" },
	{ 999999999, "0.999999999" },
	{ 1000000000, "1" },
	{ 1000000001, "1.000000001" },
	{ 1500000000, "1.5" },
	{ 120000000000, "120" },
	{ 1700000000250000000, "1700000000.25" },
	{ UINT64_MAX, "18446744073.709551615" },
};

START_TEST(seconds_are_exact_decimals)
{
	char text[BUF_SECONDS_MAX + 1];
	char *end = buf_put_seconds(text, seconds[_i].ns);

	*end = '\0';
	ck_assert_str_eq(text, seconds[_i].seconds);
}

/* Nine digits behind the point, less the zeros at the end. */
static void check_seconds(uint64_t ns)
{
	char expected[40], actual[BUF_SECONDS_MAX + 1];
	size_t n = (size_t)snprintf(expected, sizeof(expected), "%" PRIu64 ".%09" PRIu64,
				    ns / 1000000000, ns % 1000000000);

	while (expected[n - 1] == '0')
		expected[--n] = '\0';
	if (expected[n - 1] == '.')
		expected[--n] = '\0';
	*buf_put_seconds(actual, ns) = '\0';
	if (strcmp(actual, expected))
		ck_abort_msg("%" PRIu64 " ns became %s", ns, actual);
}

START_TEST(seconds_are_exact_at_all_magnitudes)
{
	uint64_t state = RANDOM_SEED;

	for (int i = 0; i < 100000; i++)
		check_seconds(random_magnitude(&state));
}

Suite *buf_suite(void)
{
	const struct test tests[] = {
		{ appends_follow_each_other, 0 },
		{ bytes_stay_while_the_buffer_grows, 0 },
		{ one_append_may_be_larger_than_all_before, 0 },
		{ reserved_bytes_count_when_they_are_used, 0 },
		{ first_failure_sticks, COUNT(appends) },
		{ failed_growth_keeps_what_was_there, 0 },
		{ growth_beyond_the_address_space_fails, 0 },
		{ freed_buffer_is_empty_and_without_error, 0 },
		{ numbers_are_as_printf_prints_them, 0 },
		{ seconds_are_exact_decimals, COUNT(seconds) },
		{ seconds_are_exact_at_all_magnitudes, 0 },
	};

	return suite_make("buf", tests, COUNT(tests));
}
