/* SPDX-License-Identifier: Apache-2.0 */
/* Gaps by family and comm; the rest of a snapshot: test_snapshot.c. */
#include <errno.h>
#include <stdio.h>

#include "buf.h"
#include "failing.h"
#include "fake.h"
#include "fold.h"
#include "snapshot.h"
#include "suites.h"

/* One line an entry, with every counter that is not 0 by its place. */
static void check_gaps(const struct snapshot *snapshot, const char *expected)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < snapshot->gaps_n; i++) {
		const struct gap *gap = &snapshot->gaps[i];
		const uint64_t *word = (const uint64_t *)&gap->counts;

		buf_add_fmt(&text, "%s %s", gap->family, gap->tuple->comm);
		for (size_t j = 0; j < sizeof(gap->counts) / sizeof(*word); j++)
			if (word[j])
				buf_add_fmt(&text, " %zu:%llu", j, (unsigned long long)word[j]);
		buf_add_str(&text, "\n");
	}
	buf_add(&text, "", 1);
	ck_assert_int_eq(text.err, 0);
	ck_assert_str_eq(text.data, expected);
	buf_free(&text);
}

static struct snapshot *take(const struct fake_gap *gaps, size_t n)
{
	struct fake_source fake;
	struct fake_clock clock;
	struct snapshot *snapshot;

	fake_source_init(&fake, NULL, 0);
	fake.gaps = gaps;
	fake.gaps_n = n;
	fake_clock_init(&clock);
	ck_assert_int_eq(fake_take(&fake.source, &clock.clock, &snapshot), 0);
	ck_assert(snapshot->up);
	return snapshot;
}

START_TEST(no_gap_is_no_entry)
{
	struct snapshot *snapshot = take(NULL, 0);

	check_gaps(snapshot, "");
	snapshot_unref(snapshot);
}

START_TEST(gaps_are_sorted_by_family_comm)
{
	const struct fake_gap gaps[] = {
		{ "sh", "Time", { .slot = { 1 } } },	  { "zsh", "FS", { .slot = { 2 } } },
		{ "__other__", "FS", { .slot = { 3 } } }, { "Zsh", "FS", { .slot = { 4 } } },
		{ "\\0", "AIO", { .slot = { 5 } } },	  { "sh", "FS", { .slot = { 6 } } },
	};
	struct snapshot *snapshot = take(gaps, COUNT(gaps));

	check_gaps(snapshot, "AIO \\0 0:5\nFS Zsh 0:4\nFS __other__ 0:3\nFS sh 0:6\n"
			     "FS zsh 0:2\nTime sh 0:1\n");
	snapshot_unref(snapshot);
}

/* Equal ones are not next to each other; slots 0 and 31 and the sum (32) are what is shown. */
START_TEST(gaps_of_equal_names_are_added)
{
	const struct fake_gap gaps[] = {
		{ "sh", "FS", { .slot = { 1, [31] = 2 }, .sum_ns = 3 } },
		{ "sh", "Time", { .slot = { 7 }, .sum_ns = 8 } },
		{ "sh", "FS", { .slot = { 10, [5] = 9 }, .sum_ns = 30 } },
		{ "zsh", "FS", { .slot = { 6 } } },
		{ "sh", "FS", { .slot = { 100, [31] = 200 }, .sum_ns = 300 } },
	};
	struct snapshot *snapshot = take(gaps, COUNT(gaps));

	check_gaps(snapshot, "FS sh 0:111 5:9 31:202 32:333\nFS zsh 0:6\nTime sh 0:7 32:8\n");
	ck_assert_uint_eq(snapshot->observations, 0); /* they are no calls */
	ck_assert_uint_eq(snapshot->overflow, 0);
	snapshot_unref(snapshot);
}

/* More names than the first array has room for, each twice. */
#define NAMES 700
static char comms[NAMES][8];
static struct fake_gap many[2 * NAMES];

static void make_many(void)
{
	for (size_t i = 0; i < COUNT(many); i++) {
		(void)snprintf(comms[i % NAMES], sizeof(comms[0]), "c%03zu", i % NAMES);
		many[i] = (struct fake_gap){ comms[i % NAMES], "FS", { .sum_ns = 1 + i } };
	}
}

static void check_many(const struct snapshot *snapshot)
{
	struct buf expected = { 0 };

	for (size_t i = 0; i < NAMES; i++)
		buf_add_fmt(&expected, "FS c%03zu 32:%zu\n", i, NAMES + 2 + 2 * i);
	buf_add(&expected, "", 1);
	check_gaps(snapshot, expected.data);
	buf_free(&expected);
}

START_TEST(lack_of_memory_for_gaps_is_a_failed_read)
{
	struct fake_source fake;
	struct fake_clock clock;
	struct fold *fold;
	struct snapshot *snapshot;
	size_t n = 1;

	make_many();
	fake_source_init(&fake, NULL, 0);
	fake.gaps = many;
	fake.gaps_n = COUNT(many);
	fold = fold_new(&(struct fold_options){ .top = 0 }, NULL);
	fake_clock_init(&clock);
	for (;; n++) {
		int r;

		failing_arm(n);
		r = fold_take(fold, &fake.source, &clock.clock, &snapshot);
		if (!failing_disarm())
			break;
		ck_assert_int_eq(r, -ENOMEM);
		ck_assert_int_eq(snapshot == NULL, n == 1);
		if (snapshot) {
			ck_assert(!snapshot->up);
			check_gaps(snapshot, "");
		}
		snapshot_unref(snapshot);
	}
	ck_assert_uint_ge(n, 4); /* the snapshot, the first array, and larger ones */
	check_many(snapshot);
	fold_free(fold);
	snapshot_unref(snapshot);
}

Suite *snapshot_gaps_suite(void)
{
	const struct test tests[] = {
		{ no_gap_is_no_entry, 0 },
		{ gaps_are_sorted_by_family_comm, 0 },
		{ gaps_of_equal_names_are_added, 0 },
		{ lack_of_memory_for_gaps_is_a_failed_read, 0 },
	};

	return suite_make("snapshot_gaps", tests, COUNT(tests));
}
