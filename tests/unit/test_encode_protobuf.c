/* SPDX-License-Identifier: Apache-2.0 */
/* The lengths that the protobuf format adds up before it writes; whole pages: test_families.c. */
#include <stdint.h>
#include <string.h>

#include "buf.h"
#include "encode.h"
#include "families.h"
#include "random.h"
#include "suites.h"

#define ROWS 20000

static const struct family counter = { .name = "c_total", .type = TYPE_COUNTER, .help = "Help." };
static const struct family gauge = { .name = "g", .type = TYPE_GAUGE, .help = "Help." };
static const struct family histogram = { .name = "h", .type = TYPE_HISTOGRAM, .help = "Help." };

/* One sample of the family: as value, or as row. */
struct sample {
	const struct family *family;
	const struct bounds *bounds;
	struct label labels[3];
	size_t n;
	uint64_t created_wall_ns;
	uint64_t value;
	const struct ior_row *row;
};

static void add(struct encoder *encoder, const struct sample *sample)
{
	encode_created(encoder, sample->created_wall_ns);
	if (sample->row)
		encode_histogram(encoder, sample->labels, sample->n, sample->row);
	else
		encode_u64(encoder, sample->labels, sample->n, sample->value);
}

/* Is what was measured what is written behind the header? */
static bool is_as_measured(const struct sample *sample)
{
	struct buf out = { 0 };
	struct encoder encoder;
	size_t before;
	bool same;

	encode_begin(&encoder, FORMAT_PROTOBUF, true, sample->bounds, &out);
	encode_measure(&encoder, sample->family);
	add(&encoder, sample);
	same = out.len == 0;
	encode_sized(&encoder, sample->family, encoder.bytes);
	before = out.len;
	add(&encoder, sample);
	same = same && out.len - before == encoder.bytes && out.err == 0;
	buf_free(&out);
	return same;
}

static const uint64_t edges[] = {
	0,
	1,
	0x7f,
	0x80,
	0x3fff,
	0x4000,
	0x1fffff,
	0x200000,
	0xfffffffull,
	0x10000000ull,
	0x7ffffffffull,
	0x800000000ull,
	0x3ffffffffffull,
	0x40000000000ull,
	0x1ffffffffffffull,
	0x2000000000000ull,
	0xffffffffffffffull,
	0x100000000000000ull,
	0x7fffffffffffffffull,
	0x8000000000000000ull,
	UINT64_MAX,
};
#define EDGES (sizeof(edges) / sizeof(edges[0]))

START_TEST(measured_is_what_is_written_for_each_length_of_a_count)
{
	const struct bounds bounds = { { 0, 10, 11, 30 }, 4 };
	struct sample sample = { .family = &histogram, .bounds = &bounds };

	for (size_t i = 0; i < EDGES; i++)
		for (size_t slot = 0; slot < IOR_SLOTS; slot++) {
			struct ior_row row = { .sum_ns = edges[i] };

			row.slot[slot] = edges[i];
			sample.row = &row;
			sample.created_wall_ns = edges[i];
			ck_assert_msg(is_as_measured(&sample), "%llu in slot %zu",
				      (unsigned long long)edges[i], slot);
		}
}

START_TEST(measured_is_what_is_written_for_random_rows)
{
	char value[300];
	const struct bounds bounds = { { 5, 6, 9, 14, 20, 29 }, 6 };
	struct sample sample = { .family = &histogram,
				 .bounds = &bounds,
				 .labels = { { "a", value }, { "b", "x" }, { "c", "" } } };
	uint64_t random = RANDOM_SEED;

	memset(value, 'v', sizeof(value));
	for (size_t i = 0; i < ROWS; i++) {
		struct ior_row row = { .sum_ns = random_magnitude(&random) };
		const size_t length = random_next(&random) % sizeof(value);

		for (size_t slot = 0; slot < IOR_SLOTS; slot++)
			row.slot[slot] = random_next(&random) % 3 ? random_magnitude(&random) >> 5 :
								    0;
		value[length] = '\0';
		sample.n = random_next(&random) % 4;
		sample.created_wall_ns = random_next(&random) % 2 * random_magnitude(&random);
		sample.row = &row;
		if (!is_as_measured(&sample))
			ck_abort_msg("row %zu of seed %llu", i, (unsigned long long)RANDOM_SEED);
		value[length] = 'v';
	}
}

START_TEST(measured_is_what_is_written_for_counters_and_gauges)
{
	struct sample sample = { .labels = { { "l", "v" } } };

	for (size_t i = 0; i < EDGES; i++)
		for (size_t n = 0; n < 2; n++) {
			sample.n = n;
			sample.created_wall_ns = sample.value = edges[i];
			sample.family = &counter;
			ck_assert(is_as_measured(&sample));
			sample.family = &gauge;
			ck_assert(is_as_measured(&sample));
		}
}

Suite *encode_protobuf_suite(void)
{
	const struct test tests[] = {
		{ measured_is_what_is_written_for_each_length_of_a_count, 0 },
		{ measured_is_what_is_written_for_random_rows, 0 },
		{ measured_is_what_is_written_for_counters_and_gauges, 0 },
	};

	return suite_make("encode_protobuf", tests, COUNT(tests));
}
