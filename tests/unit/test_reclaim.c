/* SPDX-License-Identifier: Apache-2.0 */
/* The order in which rows change hands; the kernel suite has the programs. */
#include <errno.h>
#include <stdlib.h>

#include "buf.h"
#include "reclaim.h"
#include "suites.h"

#define SHARDS 2
#define NAMES 8u
#define ROWS (IOR_ROWS_RESERVED + NAMES)
#define FIRST IOR_ROWS_RESERVED

struct fixture {
	struct ior_row rows[SHARDS][ROWS];
	struct ior_key keys[ROWS];
	struct row_note notes[ROWS];
	struct arrays arrays;
	struct reclaim_ops ops;
	struct buf log; /* a word an operation */
	uint32_t epoch;
	unsigned int late; /* calls that programs count in the first row during each wait */
	int wait_fails, give_fails; /* 0, or what the n-th from now returns */
	unsigned int waits_n, gives_n;
};

static int log_wait(void *arg)
{
	struct fixture *f = arg;

	buf_add_fmt(&f->log, "wait(state=%u,epoch=%u) ", f->keys[FIRST].state, f->epoch);
	f->rows[1][FIRST].slot[3] += f->late;
	return f->waits_n && --f->waits_n == 0 ? f->wait_fails : 0;
}

static int log_give(void *arg, uint32_t row)
{
	struct fixture *f = arg;
	const struct ior_row zero = { 0 };

	buf_add_fmt(&f->log, "give(%u) ", row - FIRST);
	for (size_t shard = 0; shard < SHARDS; shard++)
		ck_assert_mem_eq(&f->rows[shard][row], &zero, sizeof(zero));
	ck_assert_uint_eq(f->keys[row].state, 0);
	return f->gives_n && --f->gives_n == 0 ? f->give_fails : 0;
}

/* `names` rows that have counted, each 10 calls on each shard. */
static struct fixture *setup(uint32_t names)
{
	struct fixture *f = calloc(1, sizeof(*f));

	ck_assert_ptr_nonnull(f);
	f->arrays = (struct arrays){
		.rows = f->rows[0],
		.keys = f->keys,
		.notes = f->notes,
		.shards = SHARDS,
		.rows_per_shard = ROWS,
	};
	f->ops = (struct reclaim_ops){ log_wait, log_give, f };
	for (uint32_t row = 0; row < FIRST + names; row++) {
		f->keys[row].state = row < FIRST ? 0 : IOR_ROW_USED;
		f->rows[0][row].slot[3] = f->rows[1][row].slot[3] = 10;
	}
	return f;
}

static void teardown(struct fixture *f)
{
	buf_free(&f->log);
	free(f);
}

static int see_row(void *arg, const struct source_row *row)
{
	struct fixture *f = arg;
	const uint32_t id = (uint32_t)(row->id >> 32);

	if (id >= FIRST)
		buf_add_fmt(&f->log, "%u.%u=%llu ", id - FIRST, (uint32_t)row->id,
			    row->counts->slot[3]);
	return 0;
}

static void read_rows(struct fixture *f)
{
	const struct source_visitor visitor = { .row = see_row, .arg = f };

	ck_assert_int_eq(rows_visit(&f->arrays, ROWS, &visitor), 0);
}

static int step(struct fixture *f, uint64_t seconds)
{
	return reclaim_step(&f->arrays, ROWS, &f->ops, &f->epoch, seconds * 1000000000);
}

/* A read that is not looked at, and a step that does nothing. */
static void idle_step(struct fixture *f, uint64_t seconds)
{
	read_rows(f);
	buf_free(&f->log);
	f->log = (struct buf){ 0 };
	ck_assert_int_eq(step(f, seconds), 0);
}

static void check_log(struct fixture *f, const char *expected)
{
	buf_add(&f->log, "", 1);
	ck_assert_str_eq(f->log.data, expected);
	buf_free(&f->log);
	f->log = (struct buf){ 0 };
}

START_TEST(a_row_is_given_back_behind_two_waits_and_a_read)
{
	struct fixture *f = setup(NAMES - 3);

	idle_step(f, 100);
	check_log(f, "");
	f->rows[0][FIRST + 1].slot[3]++; /* so only these are idle: 0, 2, 3, 4 */
	read_rows(f);
	check_log(f, "0.0=20 1.0=21 2.0=20 3.0=20 4.0=20 ");
	f->late = 1;
	ck_assert_int_eq(step(f, 160), 0);
	check_log(f, "wait(state=3,epoch=0) wait(state=3,epoch=1) ");
	read_rows(f);
	check_log(f, "0.0=22 1.0=21 2.0=20 3.0=20 4.0=20 ");
	ck_assert_int_eq(step(f, 170), 0);
	check_log(f, "give(0) give(2) give(3) give(4) ");
	ck_assert_uint_eq(f->epoch, 2);
	/* somebody takes it */
	f->keys[FIRST].state = IOR_ROW_USED;
	f->rows[0][FIRST].slot[3] = 5;
	read_rows(f);
	check_log(f, "0.1=5 1.0=21 ");
	teardown(f);
}

START_TEST(without_a_read_in_between_nothing_is_given_back)
{
	struct fixture *f = setup(NAMES);

	idle_step(f, 100);
	ck_assert_int_eq(step(f, 160), 0);
	ck_assert_int_eq(step(f, 170), 0);
	ck_assert_int_eq(step(f, 300), 0);
	check_log(f, "wait(state=3,epoch=0) wait(state=3,epoch=1) ");
	teardown(f);
}

START_TEST(a_row_is_idle_after_a_minute)
{
	struct fixture *f = setup(NAMES);

	idle_step(f, 100);
	idle_step(f, 159);
	check_log(f, "");
	f->rows[1][FIRST].slot[7]++; /* the first one is not */
	idle_step(f, 160);
	check_log(f, "wait(state=1,epoch=0) wait(state=1,epoch=1) ");
	teardown(f);
}

START_TEST(while_half_of_the_rows_are_free_none_is_given_back)
{
	struct fixture *f = setup(NAMES / 2);

	idle_step(f, 100);
	idle_step(f, 10000);
	check_log(f, "");
	f->keys[FIRST + NAMES / 2].state = IOR_ROW_USED; /* one that is new */
	idle_step(f, 10010);
	check_log(f, "wait(state=3,epoch=0) wait(state=3,epoch=1) ");
	teardown(f);
}

START_TEST(who_takes_a_row_that_was_free_for_long_has_it_for_a_minute)
{
	struct fixture *f = setup(NAMES);

	idle_step(f, 100);
	idle_step(f, 160);
	idle_step(f, 161);
	check_log(f, "give(0) give(1) give(2) give(3) give(4) give(5) give(6) give(7) ");
	idle_step(f, 162);
	idle_step(f, 500);
	for (uint32_t row = FIRST; row < ROWS; row++) /* behind the read */
		f->keys[row].state = IOR_ROW_USED;
	ck_assert_int_eq(step(f, 510), 0);
	check_log(f, "");
	idle_step(f, 559);
	check_log(f, "");
	idle_step(f, 560);
	check_log(f, "wait(state=3,epoch=2) wait(state=3,epoch=3) ");
	teardown(f);
}

static void check_failed_wait(unsigned int nth, const char *expected)
{
	struct fixture *f = setup(NAMES);

	idle_step(f, 100);
	f->wait_fails = -EPERM;
	f->waits_n = nth;
	ck_assert_int_eq(step(f, 160), -EPERM);
	check_log(f, expected);
	for (uint32_t row = FIRST; row < ROWS; row++)
		ck_assert_uint_eq(f->keys[row].state, IOR_ROW_USED);
	idle_step(f, 161); /* once more, and it works */
	idle_step(f, 162);
	check_log(f, "give(0) give(1) give(2) give(3) give(4) give(5) give(6) give(7) ");
	teardown(f);
}

START_TEST(rows_are_in_use_again_if_a_wait_fails)
{
	check_failed_wait(1, "wait(state=3,epoch=0) ");
	check_failed_wait(2, "wait(state=3,epoch=0) wait(state=3,epoch=1) ");
}

START_TEST(a_row_that_cannot_be_given_is_tried_again)
{
	struct fixture *f = setup(NAMES);

	idle_step(f, 100);
	idle_step(f, 160);
	read_rows(f);
	buf_free(&f->log);
	f->log = (struct buf){ 0 };
	f->give_fails = -ENOMEM;
	f->gives_n = 2;
	ck_assert_int_eq(step(f, 170), -ENOMEM);
	check_log(f, "give(0) give(1) ");
	idle_step(f, 180);
	check_log(f, "give(1) give(2) give(3) give(4) give(5) give(6) give(7) ");
	teardown(f);
}

Suite *reclaim_suite(void)
{
	const struct test tests[] = {
		{ a_row_is_given_back_behind_two_waits_and_a_read, 0 },
		{ without_a_read_in_between_nothing_is_given_back, 0 },
		{ a_row_is_idle_after_a_minute, 0 },
		{ who_takes_a_row_that_was_free_for_long_has_it_for_a_minute, 0 },
		{ while_half_of_the_rows_are_free_none_is_given_back, 0 },
		{ rows_are_in_use_again_if_a_wait_fails, 0 },
		{ a_row_that_cannot_be_given_is_tried_again, 0 },
	};

	return suite_make("reclaim", tests, COUNT(tests));
}
