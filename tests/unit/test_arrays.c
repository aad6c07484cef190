/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's arrays as plain memory, with two shards of everything if not said otherwise. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arrays.h"
#include "buf.h"
#include "label.h"
#include "suites.h"

#define SHARDS 2
#define SHARDS_MAX 4
#define ROWS (IOR_ROWS_RESERVED + 8)

struct fixture {
	struct ior_row rows[SHARDS_MAX][ROWS];
	struct ior_key keys[ROWS];
	struct ior_errnos errnos[SHARDS][IOR_NR_CALLS];
	struct row_note notes[ROWS];
	struct arrays arrays;
	struct buf seen; /* a line a visit */
	int stop;	 /* what a visitor returns */
};

static struct fixture *setup(void)
{
	struct fixture *f = calloc(1, sizeof(*f));

	ck_assert_ptr_nonnull(f);
	f->arrays = (struct arrays){
		.rows = f->rows[0],
		.keys = f->keys,
		.errnos = f->errnos[0],
		.notes = f->notes,
		.by = BY_COMM,
		.shards = SHARDS,
		.errno_shards = SHARDS,
		.rows_per_shard = ROWS,
	};
	return f;
}

static void teardown(struct fixture *f)
{
	buf_free(&f->seen);
	free(f);
}

static int see_gap(struct fixture *f, const struct source_row *row)
{
	const struct ior_row *counts = row->counts;

	buf_add_fmt(&f->seen, "gap %s %s %llu", row->comm, row->family, counts->sum_ns);
	for (size_t i = 0; i < IOR_SLOTS; i++)
		if (counts->slot[i])
			buf_add_fmt(&f->seen, " %zu:%llu", i, counts->slot[i]);
	buf_add_str(&f->seen, "\n");
	return f->stop;
}

static int see_row(void *arg, const struct source_row *row)
{
	struct fixture *f = arg;
	const uint64_t *word = (const uint64_t *)row->counts;

	if (!row->call)
		return see_gap(f, row);
	buf_add_fmt(&f->seen, "%s %s", row->comm, row->call->name);
	for (size_t i = 0; i < sizeof(*row->counts) / sizeof(*word); i++)
		if (word[i])
			buf_add_fmt(&f->seen, " %zu:%llu", i, (unsigned long long)word[i]);
	buf_add_str(&f->seen, "\n");
	return f->stop;
}

static int see_error(void *arg, const struct syscall *call, unsigned int slot, uint64_t count)
{
	struct fixture *f = arg;

	buf_add_fmt(&f->seen, "%s %s %llu\n", call->name, errno_slot_name(slot),
		    (unsigned long long)count);
	return f->stop;
}

static void check_rows(struct fixture *f, uint32_t used, int r, const char *expected)
{
	const struct source_visitor visitor = { see_row, see_error, f, NULL };

	ck_assert_int_eq(rows_visit(&f->arrays, used, &visitor), r);
	buf_add(&f->seen, "", 1);
	ck_assert_str_eq(f->seen.data, expected);
	teardown(f);
}

static void check_errors(struct fixture *f, int r, const char *expected)
{
	const struct source_visitor visitor = { see_row, see_error, f, NULL };

	ck_assert_int_eq(errnos_visit(&f->arrays, &visitor), r);
	buf_add(&f->seen, "", 1);
	ck_assert_str_eq(f->seen.data, expected);
	teardown(f);
}

/* Names row `IOR_ROWS_RESERVED + at`. */
static void name_row(struct fixture *f, size_t at, const char *comm, const char *syscall)
{
	struct ior_key *key = &f->keys[IOR_ROWS_RESERVED + at];

	memcpy(key->comm, comm, strnlen(comm, IOR_COMM_LEN));
	key->nr = (uint32_t)syscall_by_name(syscall)->nr;
	key->state = IOR_ROW_USED;
}

static void fill_words(struct ior_row *row, uint64_t factor)
{
	uint64_t *word = (uint64_t *)row;

	for (size_t i = 0; i < sizeof(*row) / sizeof(*word); i++)
		word[i] = factor * (i + 1);
}

START_TEST(no_row_is_seen_when_none_has_counted)
{
	struct fixture *f = setup();

	name_row(f, 0, "sh", "read");
	check_rows(f, ROWS, 0, "");
}

START_TEST(every_counter_is_summed_over_the_shards)
{
	struct fixture *f = setup();

	name_row(f, 0, "sh", "read");
	fill_words(&f->rows[0][IOR_ROWS_RESERVED], 1);
	fill_words(&f->rows[1][IOR_ROWS_RESERVED], 100);
	check_rows(f, ROWS, 0,
		   "sh read 0:101 1:202 2:303 3:404 4:505 5:606 6:707 7:808 8:909 9:1010 10:1111 "
		   "11:1212 12:1313 13:1414 14:1515 15:1616 16:1717 17:1818 18:1919 19:2020 "
		   "20:2121 21:2222 22:2323 23:2424 24:2525 25:2626 26:2727 27:2828 28:2929 "
		   "29:3030 30:3131 31:3232 32:3333 33:3434 34:3535 35:3636\n");
}

/* Of the rows by then, each bit of a sum is of one shard. */
static void check_sums(uint32_t shards, const char *expected)
{
	struct fixture *f = setup();

	f->arrays.shards = shards;
	name_row(f, 0, "sh", "read");
	for (size_t shard = 0; shard < SHARDS_MAX; shard++)
		f->rows[shard][IOR_ROWS_RESERVED] =
			(struct ior_row){ .slot = { [0] = 1u << shard, [31] = 16u << shard },
					  .gap_ns = 256u << shard };
	check_rows(f, ROWS, 0, expected);
}

START_TEST(as_many_shards_are_summed_as_there_are)
{
	check_sums(1, "sh read 0:1 31:16 35:256\n");
	check_sums(2, "sh read 0:3 31:48 35:768\n");
	check_sums(3, "sh read 0:7 31:112 35:1792\n");
	check_sums(4, "sh read 0:15 31:240 35:3840\n");
}

/* The kernel counts the call first; what else of it is read may be from a moment later. */
START_TEST(row_whose_first_call_is_not_counted_yet_is_left_to_the_next_visit)
{
	struct fixture *f = setup();

	name_row(f, 0, "sh", "read");
	f->rows[0][IOR_ROWS_RESERVED].sum_ns = 5;
	f->rows[1][IOR_ROWS_RESERVED].bytes = 7;
	check_rows(f, ROWS, 0, "");
}

START_TEST(row_that_counted_on_one_shard_alone_is_seen)
{
	struct fixture *f = setup();

	name_row(f, 7, "sh", "write");
	f->rows[1][ROWS - 1].slot[31] = 5;
	check_rows(f, ROWS, 0, "sh write 31:5\n");
}

START_TEST(reserved_rows_are_the_collective_series)
{
	struct fixture *f = setup();

	f->rows[0][syscall_by_name("read")->nr].slot[1] = 1;
	f->rows[1][IOR_NR_UNKNOWN].slot[2] = 2;
	f->rows[1][IOR_NR_COMPAT].slot[3] = 3;
	f->rows[0][IOR_NR_MAX - 1].slot[4] = 4; /* no call has this number */
	check_rows(f, IOR_ROWS_RESERVED, 0,
		   "__other__ read 1:1\n__other__ unknown 4:4\n__other__ unknown 2:2\n"
		   "__other__ compat 3:3\n");
}

START_TEST(row_without_a_name_yet_is_passed_over)
{
	struct fixture *f = setup();

	name_row(f, 0, "early", "read");
	f->keys[IOR_ROWS_RESERVED].state = 0;
	f->rows[0][IOR_ROWS_RESERVED].slot[1] = 1;
	name_row(f, 1, "sh", "read");
	f->rows[0][IOR_ROWS_RESERVED + 1].slot[1] = 1;
	check_rows(f, ROWS, 0, "sh read 1:1\n");
}

START_TEST(rows_that_are_not_taken_are_not_looked_at)
{
	struct fixture *f = setup();

	name_row(f, 0, "sh", "read");
	name_row(f, 1, "later", "read");
	f->rows[0][IOR_ROWS_RESERVED].slot[1] = 1;
	f->rows[0][IOR_ROWS_RESERVED + 1].slot[1] = 1;
	check_rows(f, IOR_ROWS_RESERVED + 1, 0, "sh read 1:1\n");
}

START_TEST(hostile_comm_of_a_row_is_escaped)
{
	struct fixture *f = setup();

	name_row(f, 0, "a\nb\\\xff", "read");
	name_row(f, 1, LABEL_OTHER, "read");
	name_row(f, 2, "0123456789abcdef", "read");
	for (size_t i = 0; i < 3; i++)
		f->rows[0][IOR_ROWS_RESERVED + i].slot[1] = 1;
	check_rows(
		f, ROWS, 0,
		"a\\x0ab\\\\\\xff read 1:1\n\\x5f_other__ read 1:1\n0123456789abcdef read 1:1\n");
}

START_TEST(visitor_ends_the_rows_with_its_error)
{
	struct fixture *f = setup();

	f->stop = -ENOMEM;
	f->rows[0][IOR_NR_UNKNOWN].slot[1] = 1;
	f->rows[0][IOR_NR_COMPAT].slot[1] = 1;
	check_rows(f, ROWS, -ENOMEM, "__other__ unknown 1:1\n");
}

/* The families in alphabetical order: 0 is AIO, 1 FS, 11 Time. */
static void count_gaps(struct fixture *f)
{
	struct ior_key *key = &f->keys[IOR_ROWS_RESERVED];

	memcpy(key->comm, "sh", 2);
	key->nr = IOR_NR_GAP + 1;
	key->state = IOR_ROW_USED;
	for (size_t shard = 0; shard < SHARDS; shard++) {
		f->rows[shard][IOR_ROWS_RESERVED] =
			(struct ior_row){ .slot = { 1, [31] = 2 }, .sum_ns = 40 };
		f->rows[shard][IOR_NR_GAP].slot[3] = 4;
		f->rows[shard][IOR_NR_GAP + IOR_FAMILIES - 1] =
			(struct ior_row){ .slot = { [2] = 1 }, .sum_ns = 5 };
	}
	f->rows[0][IOR_NR_COMPAT].slot[1] = 1;
}

START_TEST(rows_behind_the_calls_are_gaps_of_a_family)
{
	struct fixture *f = setup();

	count_gaps(f);
	check_rows(f, ROWS, 0,
		   "__other__ compat 1:1\ngap __other__ AIO 0 3:8\ngap __other__ Time 10 2:2\n"
		   "gap sh FS 80 0:2 31:4\n");
}

START_TEST(visitor_ends_the_gaps_with_its_error)
{
	struct fixture *f = setup();

	count_gaps(f);
	f->rows[0][IOR_NR_COMPAT].slot[1] = 0;
	f->stop = -ENOMEM;
	check_rows(f, ROWS, -ENOMEM, "gap __other__ AIO 0 3:8\n");
}

START_TEST(errors_are_summed_over_the_shards_by_call_and_slot)
{
	struct fixture *f = setup();
	const int nr = syscall_by_name("read")->nr;

	f->errnos[0][nr].count[ior_errno_slot(EAGAIN)] = 2;
	f->errnos[1][nr].count[ior_errno_slot(EAGAIN)] = 3;
	f->errnos[1][nr].count[ior_errno_slot(524)] = 1;
	f->errnos[1][nr].count[0] = 7;
	f->errnos[0][IOR_NR_COMPAT].count[ior_errno_slot(ENOENT)] = 4;
	check_errors(f, 0, "read other 7\nread EAGAIN 5\nread ENOTSUPP 1\ncompat ENOENT 4\n");
}

START_TEST(visitor_ends_the_errors_with_its_error)
{
	struct fixture *f = setup();

	f->stop = -ENOMEM;
	f->errnos[0][IOR_NR_UNKNOWN].count[1] = 1;
	f->errnos[0][IOR_NR_COMPAT].count[1] = 1;
	check_errors(f, -ENOMEM, "unknown EPERM 1\n");
}

Suite *arrays_suite(void)
{
	const struct test tests[] = {
		{ no_row_is_seen_when_none_has_counted, 0 },
		{ every_counter_is_summed_over_the_shards, 0 },
		{ as_many_shards_are_summed_as_there_are, 0 },
		{ row_whose_first_call_is_not_counted_yet_is_left_to_the_next_visit, 0 },
		{ row_that_counted_on_one_shard_alone_is_seen, 0 },
		{ reserved_rows_are_the_collective_series, 0 },
		{ row_without_a_name_yet_is_passed_over, 0 },
		{ rows_that_are_not_taken_are_not_looked_at, 0 },
		{ hostile_comm_of_a_row_is_escaped, 0 },
		{ visitor_ends_the_rows_with_its_error, 0 },
		{ rows_behind_the_calls_are_gaps_of_a_family, 0 },
		{ visitor_ends_the_gaps_with_its_error, 0 },
		{ errors_are_summed_over_the_shards_by_call_and_slot, 0 },
		{ visitor_ends_the_errors_with_its_error, 0 },
	};

	return suite_make("arrays", tests, COUNT(tests));
}
