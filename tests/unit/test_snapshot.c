/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "failing.h"
#include "fake.h"
#include "fold.h"
#include "snapshot.h"
#include "suites.h"

/* One line a series and an error, with what a page shows of it. */
static char *describe(const struct snapshot *snapshot)
{
	struct buf out = { 0 };

	for (size_t i = 0; i < snapshot->series_n; i++) {
		const struct series *series = &snapshot->series[i];

		buf_add_fmt(&out, "%s %s calls=%llu ns=%llu\n", series->call->name,
			    series->tuple->comm, (unsigned long long)series->calls,
			    (unsigned long long)series->counts.sum_ns);
	}
	for (size_t i = 0; i < snapshot->errors_n; i++)
		buf_add_fmt(&out, "%s %s %llu\n", snapshot->errors[i].call->name,
			    errno_slot_name(snapshot->errors[i].slot),
			    (unsigned long long)snapshot->errors[i].count);
	buf_add(&out, "", 1);
	ck_assert_int_eq(out.err, 0);
	return out.data;
}

static void check_snapshot(const struct snapshot *snapshot, const char *expected)
{
	char *text = describe(snapshot);

	ck_assert_str_eq(text, expected);
	free(text);
}

static void check_empty(const struct snapshot *snapshot)
{
	const struct source_status none = { 0 };

	ck_assert(!snapshot->up);
	check_snapshot(snapshot, "");
	ck_assert_uint_eq(snapshot->observations, 0);
	ck_assert_uint_eq(snapshot->overflow, 0);
	ck_assert_mem_eq(&snapshot->status, &none, sizeof(none));
}

/* A read that works, on a clock that was just wound up. */
static struct snapshot *take(struct fake_source *fake)
{
	struct snapshot *snapshot;
	struct fake_clock clock;

	fake_clock_init(&clock);
	ck_assert_int_eq(fake_take(&fake->source, &clock.clock, &snapshot), 0);
	ck_assert(snapshot->up);
	return snapshot;
}

START_TEST(series_are_sorted_by_family_name_comm)
{
	const struct fake_row rows[] = {
		{ "zsh", "write", fake_call(1) }, { "sh", "poll", fake_call(2) },
		{ "sh", "write", fake_call(3) },  { "\\0", "read", fake_call(4) },
		{ "Zsh", "write", fake_call(5) }, { "__other__", "write", fake_call(6) },
		{ "sh", "brk", fake_call(7) },
	};
	struct fake_source fake;
	struct snapshot *snapshot;

	fake_source_init(&fake, rows, COUNT(rows));
	snapshot = take(&fake);
	check_snapshot(snapshot, "read \\0 calls=1 ns=4\nwrite Zsh calls=1 ns=5\n"
				 "write __other__ calls=1 ns=6\nwrite sh calls=1 ns=3\n"
				 "write zsh calls=1 ns=1\nbrk sh calls=1 ns=7\n"
				 "poll sh calls=1 ns=2\n");
	snapshot_unref(snapshot);
}

/* The middle one is of another name, so that equal ones are not next to each other. */
START_TEST(every_counter_of_equal_names_is_added)
{
	struct fake_row rows[] = { { "sh", "read", { .slot = { 0 } } },
				   { "sh", "brk", { .slot = { 0 } } },
				   { "sh", "read", { .slot = { 0 } } } };
	uint64_t *one = (uint64_t *)&rows[0].counts, *two = (uint64_t *)&rows[2].counts, *sum;
	struct fake_source fake;
	struct snapshot *snapshot;

	for (size_t i = 0; i < sizeof(struct ior_row) / 8; i++) {
		one[i] = i;
		two[i] = 1000 * i;
	}
	fake_source_init(&fake, rows, COUNT(rows));
	snapshot = take(&fake);
	ck_assert_uint_eq(snapshot->series_n, 2);
	sum = (uint64_t *)&snapshot->series[0].counts;
	for (size_t i = 0; i < sizeof(struct ior_row) / 8; i++)
		ck_assert_uint_eq(sum[i], 1001 * i);
	ck_assert_uint_eq(snapshot->series[0].calls, 1001 * (31 * 32 / 2));
	ck_assert_uint_eq(snapshot->observations, 1001 * (31 * 32 / 2));
	snapshot_unref(snapshot);
}

START_TEST(totals_count_calls_and_those_of_the_collective_series)
{
	const struct fake_row rows[] = {
		{ "sh", "read", { .slot = { 1, [31] = 2 }, .sum_ns = 9 } },
		{ "__other__", "read", { .slot = { [5] = 30 } } },
		{ "__other__", "exit", { .slot = { 400 } } },
		{ "\\x5f_other__", "read", { .slot = { 5000 } } },
		{ "__other", "read", { .slot = { 60000 } } },
	};
	struct fake_source fake;
	struct snapshot *snapshot;

	fake_source_init(&fake, rows, COUNT(rows));
	snapshot = take(&fake);
	ck_assert_uint_eq(snapshot->observations, 65433);
	ck_assert_uint_eq(snapshot->overflow, 430);
	snapshot_unref(snapshot);
}

START_TEST(errors_are_sorted_and_those_without_a_name_are_one)
{
	const struct fake_error errors[] = {
		{ "write", 11, 1 },   { "read", 11, 10 },   { "read", 2, 100 },
		{ "read", 0, 1000 },  { "read", 41, 2000 }, /* a hole in asm-generic/errno.h */
		{ "read", 58, 4000 }, { "read", 11, 20 },   { "poll", 146, 5 }, /* ENOTSUPP */
	};
	struct fake_source fake;
	struct snapshot *snapshot;

	fake_source_init(&fake, NULL, 0);
	fake.errors = errors;
	fake.errors_n = COUNT(errors);
	snapshot = take(&fake);
	check_snapshot(snapshot, "read other 7000\nread ENOENT 100\nread EAGAIN 30\n"
				 "write EAGAIN 1\npoll ENOTSUPP 5\n");
	snapshot_unref(snapshot);
}

START_TEST(status_and_times_are_kept)
{
	struct fake_source fake;
	struct snapshot *snapshot;

	fake_source_init(&fake, NULL, 0);
	fake.status =
		(struct source_status){ .lost = { 1, 2, 3, 4, 5, 6 }, .rows = 7, .rows_limit = 8 };
	snapshot = take(&fake);
	ck_assert_mem_eq(&snapshot->status, &fake.status, sizeof(fake.status));
	ck_assert_uint_eq(snapshot->taken_ns, 1000000000);
	ck_assert_uint_eq(snapshot->taken_wall_ns, 1700000000250000000);
	ck_assert_uint_eq(snapshot->took_ns, 2 * 1500000);
	snapshot_unref(snapshot);
}

START_TEST(snapshot_without_a_source_is_not_up)
{
	struct fake_clock clock;
	struct snapshot *snapshot;

	fake_clock_init(&clock);
	ck_assert_int_eq(fake_take(NULL, &clock.clock, &snapshot), 0);
	check_empty(snapshot);
	ck_assert_uint_eq(snapshot->taken_ns, 1000000000);
	snapshot_unref(snapshot);
}

START_TEST(failed_read_leaves_no_half_of_it)
{
	const struct fake_row rows[] = { { "__other__", "read", fake_call(1) },
					 { "sh", "read", fake_call(2) } };
	struct fake_source fake;
	struct fake_clock clock;
	struct snapshot *snapshot;

	fake_source_init(&fake, rows, COUNT(rows));
	fake.failure = -EIO;
	fake.failure_at = (size_t)_i;
	fake_clock_init(&clock);
	ck_assert_int_eq(fake_take(&fake.source, &clock.clock, &snapshot), -EIO);
	check_empty(snapshot);
	snapshot_unref(snapshot);
}

/* Enough of both kinds that the arrays grow several times. */
START_TEST(lack_of_memory_at_any_moment_is_a_failed_read)
{
	static struct fake_row rows[700];
	static struct fake_error errors[700];
	struct fake_source fake;
	struct fake_clock clock;
	struct fold *fold;
	struct snapshot *snapshot;
	size_t n = 1;

	for (size_t i = 0; i < COUNT(rows); i++) {
		rows[i] = (struct fake_row){ "sh", syscalls[i % SYSCALLS].name, fake_call(i) };
		errors[i] = (struct fake_error){ syscalls[i % SYSCALLS].name, 1, 1 };
	}
	fake_source_init(&fake, rows, COUNT(rows));
	fake.errors = errors;
	fake.errors_n = COUNT(errors);
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
		if (snapshot)
			check_empty(snapshot);
		snapshot_unref(snapshot);
	}
	ck_assert_uint_eq(snapshot->series_n, SYSCALLS);
	ck_assert_uint_eq(snapshot->errors_n, SYSCALLS);
	ck_assert_uint_eq(snapshot->observations, COUNT(rows));
	ck_assert_uint_ne(n, 1);
	fold_free(fold);
	snapshot_unref(snapshot);
}

START_TEST(snapshot_lives_until_its_last_reference_goes)
{
	const struct fake_row rows[] = { { "sh", "read", fake_call(1) } };
	struct fake_source fake;
	struct snapshot *snapshot;

	fake_source_init(&fake, rows, COUNT(rows));
	snapshot = take(&fake);
	ck_assert_ptr_eq(snapshot_ref(snapshot), snapshot);
	snapshot_unref(snapshot);
	check_snapshot(snapshot, "read sh calls=1 ns=1\n");
	snapshot_unref(snapshot);
	snapshot_unref(NULL);
}

Suite *snapshot_suite(void)
{
	const struct test tests[] = {
		{ series_are_sorted_by_family_name_comm, 0 },
		{ every_counter_of_equal_names_is_added, 0 },
		{ totals_count_calls_and_those_of_the_collective_series, 0 },
		{ errors_are_sorted_and_those_without_a_name_are_one, 0 },
		{ status_and_times_are_kept, 0 },
		{ snapshot_without_a_source_is_not_up, 0 },
		{ failed_read_leaves_no_half_of_it, 3 },
		{ lack_of_memory_at_any_moment_is_a_failed_read, 0 },
		{ snapshot_lives_until_its_last_reference_goes, 0 },
	};

	return suite_make("snapshot", tests, COUNT(tests));
}
