/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of the text format, one by one; whole pages: test_families.c. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "buf.h"
#include "encode.h"
#include "failing.h"
#include "families.h"
#include "random.h"
#include "suites.h"

static const struct family counter = { .name = "c_total", .type = TYPE_COUNTER, .help = "Help." };
static const struct family gauge = { .name = "g", .type = TYPE_GAUGE, .help = "More help." };
static const struct family histogram = { .name = "h", .type = TYPE_HISTOGRAM, .help = "H." };

static void check_text(struct buf *out, const char *expected)
{
	buf_add(out, "", 1);
	ck_assert_int_eq(out->err, 0);
	ck_assert_str_eq(out->data, expected);
	buf_free(out);
}

START_TEST(family_without_samples_leaves_no_trace)
{
	struct buf out = { 0 };
	struct encoder encoder;

	encode_begin(&encoder, FORMAT_TEXT, false, NULL, &out);
	encode_family(&encoder, &counter);
	encode_family(&encoder, &gauge);
	check_text(&out, "");
}

START_TEST(header_comes_once_before_the_first_sample)
{
	const struct label a = { "l", "a" }, b = { "l", "b" };
	struct buf out = { 0 };
	struct encoder encoder;

	encode_begin(&encoder, FORMAT_TEXT, false, NULL, &out);
	encode_family(&encoder, &counter);
	encode_u64(&encoder, &a, 1, 1);
	encode_u64(&encoder, &b, 1, UINT64_MAX);
	encode_family(&encoder, &gauge);
	encode_seconds(&encoder, NULL, 0, 1500000000);
	check_text(&out, "# HELP c_total Help.\n# TYPE c_total counter\n"
			 "c_total{l=\"a\"} 1\nc_total{l=\"b\"} 18446744073709551615\n"
			 "# HELP g More help.\n# TYPE g gauge\ng 1.5\n");
}

static const struct {
	const char *value, *text;
} values[] = {
	{ "", "" },
	{ "plain", "plain" },
	{ "a\"b", "a\\\"b" },
	{ "a\\b", "a\\\\b" },
	{ "a\nb", "a\\nb" },
	{ "\\n", "\\\\n" },
	{ "\"\\\n\n\\\"", "\\\"\\\\\\n\\n\\\\\\\"" },
	{ "{},=#\t'", "{},=#\t'" },
	{ "gr\xc3\xb6\xc3\x9f", "gr\xc3\xb6\xc3\x9f" },
};

START_TEST(label_value_escapes_backslash_quote_and_newline)
{
	const struct label labels[] = { { "first", values[_i].value }, { "second", "x" } };
	struct buf out = { 0 }, expected = { 0 };
	struct encoder encoder;

	encode_begin(&encoder, FORMAT_TEXT, false, NULL, &out);
	encode_family(&encoder, &gauge);
	encode_seconds(&encoder, labels, COUNT(labels), UINT64_MAX);
	buf_add_fmt(&expected,
		    "# HELP g More help.\n# TYPE g gauge\n"
		    "g{first=\"%s\",second=\"x\"} 18446744073.709551615\n",
		    values[_i].text);
	buf_add(&expected, "", 1);
	check_text(&out, expected.data);
	buf_free(&expected);
}

START_TEST(histogram_is_buckets_sum_and_count)
{
	const struct label label = { "l", "\"v\"" };
	const struct bounds bounds = { { 0, 24, 30 }, 3 };
	const struct ior_row row = { .slot = { 1, 2, [24] = 4, [25] = 8, [30] = 16, [31] = 32 },
				     .sum_ns = 1000000001 };
	struct buf out = { 0 };
	struct encoder encoder;

	encode_begin(&encoder, FORMAT_TEXT, false, &bounds, &out);
	encode_family(&encoder, &histogram);
	encode_histogram(&encoder, &label, 1, &row);
	check_text(&out, "# HELP h H.\n# TYPE h histogram\n"
			 "h_bucket{l=\"\\\"v\\\"\",le=\"5.960464477539063e-08\"} 1\n"
			 "h_bucket{l=\"\\\"v\\\"\",le=\"1.0\"} 7\n"
			 "h_bucket{l=\"\\\"v\\\"\",le=\"64.0\"} 31\n"
			 "h_bucket{l=\"\\\"v\\\"\",le=\"+Inf\"} 63\n"
			 "h_sum{l=\"\\\"v\\\"\"} 1.000000001\n"
			 "h_count{l=\"\\\"v\\\"\"} 63\n");
}

static uint64_t calls_up_to(const struct ior_row *row, unsigned int slot)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i <= slot; i++)
		sum += row->slot[i];
	return sum;
}

/* The definition, slowly. */
static void expect_histogram(struct buf *out, const struct bounds *bounds,
			     const struct ior_row *row)
{
	for (size_t i = 0; i < bounds->n; i++)
		buf_add_fmt(out, "h_bucket{l=\"v\",le=\"%s\"} %" PRIu64 "\n",
			    bound_le[bounds->slot[i]], calls_up_to(row, bounds->slot[i]));
	buf_add_fmt(out,
		    "h_bucket{l=\"v\",le=\"+Inf\"} %" PRIu64 "\nh_sum{l=\"v\"} %" PRIu64
		    ".%09u\nh_count{l=\"v\"} %" PRIu64 "\n",
		    calls_up_to(row, 31), (uint64_t)(row->sum_ns / 1000000000),
		    (unsigned int)(row->sum_ns % 1000000000), calls_up_to(row, 31));
}

/* Buckets are cumulative, +Inf is the count, and no bound changes another one's value. */
START_TEST(histogram_is_cumulative_whatever_the_row_and_the_bounds)
{
	const struct label label = { "l", "v" };
	uint64_t state = RANDOM_SEED;
	struct bounds bounds;
	struct ior_row row;

	for (int i = 0; i < 2000; i++) {
		struct buf out = { 0 }, expected = { 0 };
		struct encoder encoder;

		for (size_t slot = 0; slot < IOR_SLOTS; slot++)
			row.slot[slot] = random_magnitude(&state) >> 6;
		row.sum_ns = random_next(&state) | 1; /* nine digits behind the point */
		row.sum_ns += row.sum_ns % 10 ? 0 : 2;
		ck_assert_int_eq(bounds_choose(random_magnitude(&state) >> 30, 1ull << 40,
					       1 + (unsigned int)i % 31, &bounds),
				 0);
		expect_histogram(&expected, &bounds, &row);
		encode_begin(&encoder, FORMAT_TEXT, false, &bounds, &out);
		encode_measure(&encoder, &histogram);
		encode_histogram(&encoder, &label, 1, &row);
		buf_add(&expected, "", 1);
		check_text(&out, expected.data);
		buf_free(&expected);
	}
}

/* With every number at its longest, and names of so many lengths that the buffer is full to the
 * last byte at some of them. */
START_TEST(no_sample_is_longer_than_the_room_it_reserved)
{
	const struct bounds bounds = { { 10, 11, 12, 13, 14 }, 5 };
	const struct ior_row row = { .slot = { 10000000000000000000ull }, .sum_ns = UINT64_MAX };
	char value[2 * 4096] = "";

	for (size_t n = 0; n + 1 < sizeof(value); n++) {
		const struct label label = { "l", value };
		struct buf histograms = { 0 }, seconds = { 0 }, numbers = { 0 };
		struct encoder encoder;

		encode_begin(&encoder, FORMAT_TEXT, false, &bounds, &histograms);
		encode_measure(&encoder, &histogram);
		encode_histogram(&encoder, &label, 1, &row);
		encoder.out = &seconds;
		encode_seconds(&encoder, &label, 1, UINT64_MAX);
		encoder.out = &numbers;
		encode_u64(&encoder, &label, 1, UINT64_MAX);
		ck_assert_uint_le(histograms.len, histograms.cap);
		ck_assert_uint_le(seconds.len, seconds.cap);
		ck_assert_uint_le(numbers.len, numbers.cap);
		buf_free(&histograms);
		buf_free(&seconds);
		buf_free(&numbers);
		value[n] = '"'; /* as long as it can get once it is escaped */
	}
}

START_TEST(lack_of_memory_is_the_buffers_error_and_sticks)
{
	const struct label label = { "l", "v" };
	const struct bounds bounds = { { 0 }, 1 };
	const struct ior_row row = { .sum_ns = 0 };

	for (size_t n = 1;; n++) {
		struct buf out = { 0 };
		struct encoder encoder;

		encode_begin(&encoder, FORMAT_TEXT, false, &bounds, &out);
		failing_arm(n);
		encode_family(&encoder, &histogram);
		encode_histogram(&encoder, &label, 1, &row);
		encode_family(&encoder, &counter);
		encode_u64(&encoder, &label, 1, 1);
		encode_seconds(&encoder, &label, 1, 1);
		if (!failing_disarm()) {
			ck_assert_int_eq(out.err, 0);
			buf_free(&out);
			break;
		}
		ck_assert_int_eq(out.err, -ENOMEM);
		buf_free(&out);
	}
}

Suite *encode_suite(void)
{
	const struct test tests[] = {
		{ family_without_samples_leaves_no_trace, 0 },
		{ header_comes_once_before_the_first_sample, 0 },
		{ label_value_escapes_backslash_quote_and_newline, COUNT(values) },
		{ histogram_is_buckets_sum_and_count, 0 },
		{ histogram_is_cumulative_whatever_the_row_and_the_bounds, 0 },
		{ no_sample_is_longer_than_the_room_it_reserved, 0 },
		{ lack_of_memory_is_the_buffers_error_and_sticks, 0 },
	};

	return suite_make("encode", tests, COUNT(tests));
}
