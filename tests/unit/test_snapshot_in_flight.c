/* SPDX-License-Identifier: Apache-2.0 */
/* Threads inside of calls, added up by comm and call; the rest of a snapshot: test_snapshot.c. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "failing.h"
#include "fake.h"
#include "fold.h"
#include "snapshot.h"
#include "suites.h"

/* What the array has room for at first. */
#define FIRST_CAP 256

/* One line an entry. */
static void check_in_flight(const struct snapshot *snapshot, const char *expected)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < snapshot->in_flight_n; i++) {
		const struct in_flight *entry = &snapshot->in_flight[i];

		buf_add_fmt(&text, "%s %s %llu oldest=%llu\n", entry->call->name,
			    entry->tuple->comm, (unsigned long long)entry->count,
			    (unsigned long long)entry->oldest_ns);
	}
	buf_add(&text, "", 1);
	ck_assert_int_eq(text.err, 0);
	ck_assert_str_eq(text.data, expected);
	buf_free(&text);
}

static struct snapshot *take(const struct fake_thread *threads, size_t n)
{
	struct fake_source fake;
	struct fake_clock clock;
	struct snapshot *snapshot;

	fake_source_init(&fake, NULL, 0);
	fake.threads = threads;
	fake.threads_n = n;
	fake_clock_init(&clock);
	ck_assert_int_eq(fake_take(&fake.source, &clock.clock, &snapshot), 0);
	ck_assert(snapshot->up);
	return snapshot;
}

START_TEST(no_thread_in_a_call_is_no_entry)
{
	struct snapshot *snapshot = take(NULL, 0);

	check_in_flight(snapshot, "");
	snapshot_unref(snapshot);
}

START_TEST(entries_are_sorted_by_family_name_comm)
{
	const struct fake_thread threads[] = {
		{ "zsh", "write", 1 }, { "sh", "poll", 2 },   { "sh", "write", 3 },
		{ "\\0", "read", 4 },  { "Zsh", "write", 5 }, { "sh", "brk", 6 },
	};
	struct snapshot *snapshot = take(threads, COUNT(threads));

	check_in_flight(snapshot, "read \\0 1 oldest=4\nwrite Zsh 1 oldest=5\n"
				  "write sh 1 oldest=3\nwrite zsh 1 oldest=1\n"
				  "brk sh 1 oldest=6\npoll sh 1 oldest=2\n");
	snapshot_unref(snapshot);
}

/* Equal ones are not next to each other, and the oldest comes first, in the middle and last. */
START_TEST(threads_of_one_comm_in_one_call_are_one_entry_of_the_oldest_age)
{
	const struct fake_thread threads[] = {
		{ "a", "read", 90 },	 { "b", "read", 10 }, { "c", "read", 10 },
		{ "a", "read", 10 },	 { "b", "read", 80 }, { "c", "read", 20 },
		{ "a", "read", 20 },	 { "b", "read", 20 }, { "c", "read", 70 },
		{ "a", "futex", 10000 }, { "b", "futex", 0 },
	};
	struct snapshot *snapshot = take(threads, COUNT(threads));

	check_in_flight(snapshot, "read a 3 oldest=90\nread b 3 oldest=80\nread c 3 oldest=70\n"
				  "futex a 1 oldest=10000\nfutex b 1 oldest=0\n");
	snapshot_unref(snapshot);
}

/* A million threads in few calls under few names must not take the memory of a million. */
START_TEST(many_threads_of_few_names_stay_in_the_first_array)
{
	static struct fake_thread threads[40 * FIRST_CAP];
	static const char *const comms[] = { "a", "b", "c" };
	struct fold *fold = fold_new(&(struct fold_options){ .top = 0 }, NULL);
	struct snapshot *snapshot;
	struct fake_source fake;
	struct fake_clock clock;

	for (size_t i = 0; i < COUNT(threads); i++)
		threads[i] = (struct fake_thread){ comms[i % 3], "read", i };
	fake_source_init(&fake, NULL, 0);
	fake.threads = threads;
	fake.threads_n = COUNT(threads);
	fake_clock_init(&clock);
	ck_assert_int_eq(snapshot_take(&fake.source, &clock.clock, &snapshot), 0);
	ck_assert_uint_eq(snapshot->threads_cap, FIRST_CAP);
	ck_assert_int_eq(fold_apply(fold, snapshot), 0);
	check_in_flight(snapshot, "read a 3414 oldest=10239\nread b 3413 oldest=10237\n"
				  "read c 3413 oldest=10238\n");
	snapshot_unref(snapshot);
	fold_free(fold);
}

/* More names than the first array has room for, each of three threads; every one comes again when
 * the array has been added up and has grown. */
#define NAMES 700
static char comms[NAMES][8];
static struct fake_thread many[3 * NAMES];

static void make_many(void)
{
	for (size_t i = 0; i < COUNT(many); i++) {
		(void)snprintf(comms[i % NAMES], sizeof(comms[0]), "c%03zu", i % NAMES);
		many[i] = (struct fake_thread){ comms[i % NAMES], "read", 1 + i };
	}
}

static void check_many(const struct snapshot *snapshot)
{
	struct buf expected = { 0 };

	for (size_t i = 0; i < NAMES; i++)
		buf_add_fmt(&expected, "read c%03zu 3 oldest=%zu\n", i, 1 + 2 * NAMES + i);
	buf_add(&expected, "", 1);
	check_in_flight(snapshot, expected.data);
	buf_free(&expected);
}

START_TEST(array_grows_for_many_names_and_loses_none)
{
	struct snapshot *snapshot;

	make_many();
	snapshot = take(many, COUNT(many));
	check_many(snapshot);
	snapshot_unref(snapshot);
}

START_TEST(lack_of_memory_for_entries_is_a_failed_read)
{
	struct fake_source fake;
	struct fake_clock clock;
	struct fold *fold;
	struct snapshot *snapshot;
	size_t n = 1;

	make_many();
	fake_source_init(&fake, NULL, 0);
	fake.threads = many;
	fake.threads_n = COUNT(many);
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
			check_in_flight(snapshot, "");
		}
		snapshot_unref(snapshot);
	}
	ck_assert_uint_ge(n, 4); /* the snapshot, the first array, and two larger ones */
	check_many(snapshot);
	fold_free(fold);
	snapshot_unref(snapshot);
}

Suite *snapshot_in_flight_suite(void)
{
	const struct test tests[] = {
		{ no_thread_in_a_call_is_no_entry, 0 },
		{ entries_are_sorted_by_family_name_comm, 0 },
		{ threads_of_one_comm_in_one_call_are_one_entry_of_the_oldest_age, 0 },
		{ many_threads_of_few_names_stay_in_the_first_array, 0 },
		{ array_grows_for_many_names_and_loses_none, 0 },
		{ lack_of_memory_for_entries_is_a_failed_read, 0 },
	};

	return suite_make("snapshot_in_flight", tests, COUNT(tests));
}
