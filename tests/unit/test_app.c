/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "failing.h"
#include "log.h"
#include "running.h"
#include "suites.h"

#define AGE_NS 100000000 /* --max-age's default */

static const struct {
	uint64_t age_ns;
	unsigned int reads;
} ages[] = { { 0, 1 }, { 1, 1 }, { AGE_NS - 1, 1 }, { AGE_NS, 1 }, { AGE_NS + 1, 2 } };

START_TEST(read_is_shared_until_it_is_older_than_max_age)
{
	struct snapshot *first, *second;
	struct running f;

	running_start(&f, "--no-dump", true);
	first = running_view(&f);
	f.clock.now_ns += ages[_i].age_ns;
	second = running_view(&f);
	ck_assert_uint_eq(atomic_load(&f.fake.reads_n), ages[_i].reads);
	ck_assert_int_eq(first == second, ages[_i].reads == 1);
	ck_assert(first->up && second->up);
	snapshot_unref(first);
	snapshot_unref(second);
	running_stop(&f);
}

START_TEST(shared_read_does_not_make_itself_younger)
{
	struct running f;

	running_start(&f, "--no-dump", true);
	for (int i = 0; i < 4; i++) {
		snapshot_unref(running_view(&f));
		f.clock.now_ns += AGE_NS / 2 + 1;
	}
	ck_assert_uint_eq(atomic_load(&f.fake.reads_n), 2);
	running_stop(&f);
}

START_TEST(view_outlives_the_reads_after_it)
{
	struct snapshot *first;
	struct running f;

	running_start(&f, "--no-dump", true);
	first = running_view(&f);
	for (int i = 0; i < 3; i++) {
		f.clock.now_ns += AGE_NS + 1;
		snapshot_unref(running_view(&f));
	}
	ck_assert_str_eq(first->series[0].tuple->comm, "sh");
	running_stop(&f);
	snapshot_unref(first);
}

START_TEST(failed_load_of_the_web_configuration_shows_until_one_succeeds)
{
	struct running f;
	struct view view;

	running_start(&f, "--no-dump", true);
	for (int i = 0; i < 3; i++) {
		app_web_loaded(&f.app, i != 1);
		ck_assert_int_eq(app_view(&f.app, &view), 0);
		ck_assert_int_eq(view.reload.successful, i != 1);
		snapshot_unref(view.snapshot);
	}
	app_reload_failed(&f.app); /* of the flags: another matter */
	app_web_loaded(&f.app, true);
	ck_assert_int_eq(app_view(&f.app, &view), 0);
	ck_assert(!view.reload.successful);
	snapshot_unref(view.snapshot);
	running_stop(&f);
}

START_TEST(app_is_ready_once_it_has_a_source)
{
	struct running f;

	running_start(&f, "--no-dump", false);
	ck_assert(!app_is_ready(&f.app));
	app_set_source(&f.app, &f.fake.source);
	ck_assert(app_is_ready(&f.app));
	running_stop(&f);
}

START_TEST(view_before_attaching_is_not_up_and_shows_no_source)
{
	struct view before, after;
	struct running f;

	running_start(&f, "--no-dump", false);
	ck_assert_int_eq(app_view(&f.app, &before), 0);
	app_set_source(&f.app, &f.fake.source);
	ck_assert_int_eq(app_view(&f.app, &after), 0);
	ck_assert(!before.snapshot->up && after.snapshot->up);
	ck_assert_ptr_null(before.facts->source);
	ck_assert_ptr_eq(after.facts->source, &f.fake.source.info);
	snapshot_unref(before.snapshot);
	snapshot_unref(after.snapshot);
	running_stop(&f);
}

START_TEST(facts_are_those_of_the_configuration)
{
	struct view now;
	struct running f;

	running_start(&f, "--no-dump", true);
	ck_assert_int_eq(app_view(&f.app, &now), 0);
	ck_assert_ptr_eq(now.facts->selection, &f.parse.config.selection);
	ck_assert_ptr_eq(now.facts->bounds, &f.parse.config.bounds);
	ck_assert(now.facts->collect_errno);
	snapshot_unref(now.snapshot);
	running_stop(&f);
}

/* Slow scrapes hold what they send: past the last place there is none for another. */
START_TEST(there_are_not_more_snapshots_than_places)
{
	struct snapshot *held[SNAPSHOTS_MAX];
	struct running f;
	struct view none;

	log_setup(LOG_ERROR + 1, LOG_LOGFMT);
	running_start(&f, "--no-dump", true);
	for (size_t i = 0; i < SNAPSHOTS_MAX; i++) {
		held[i] = running_view(&f);
		f.clock.now_ns += AGE_NS + 1;
		ck_assert_uint_eq(atomic_load(&f.app.alive), i + 1);
	}
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(app_view(&f.app, &none), -EBUSY);
		ck_assert_ptr_null(none.snapshot);
	}
	ck_assert_uint_eq(atomic_load(&f.fake.reads_n), SNAPSHOTS_MAX);
	snapshot_unref(held[1]);
	held[1] = running_view(&f);
	ck_assert_uint_eq(atomic_load(&f.fake.reads_n), SNAPSHOTS_MAX + 1);
	for (size_t i = 0; i < SNAPSHOTS_MAX; i++)
		snapshot_unref(held[i]);
	ck_assert_uint_eq(atomic_load(&f.app.alive), 1); /* the latest */
	running_stop(&f);
}

/* Nobody waits for the old one, so it is gone before the next is taken. */
START_TEST(scrapes_one_after_the_other_need_one_place)
{
	struct running f;

	running_start(&f, "--no-dump", true);
	for (int i = 0; i < 4; i++) {
		snapshot_unref(running_view(&f));
		f.clock.now_ns += AGE_NS + 1;
		ck_assert_uint_eq(atomic_load(&f.app.alive), 1);
	}
	running_stop(&f);
}

START_TEST(failed_read_is_served_as_not_up_and_tried_again)
{
	struct running f;

	running_start(&f, "--no-dump", true);
	f.fake.failure = -EIO;
	log_setup(LOG_ERROR + 1, LOG_LOGFMT);
	for (unsigned int i = 1; i <= 3; i++) {
		struct snapshot *snapshot = running_view(&f);

		ck_assert(!snapshot->up);
		ck_assert_uint_eq(snapshot->series_n, 0);
		ck_assert_uint_eq(atomic_load(&f.fake.reads_n), i);
		snapshot_unref(snapshot);
	}
	f.fake.failure = 0;
	snapshot_unref(running_view(&f));
	snapshot_unref(running_view(&f));
	ck_assert_uint_eq(atomic_load(&f.fake.reads_n), 4);
	running_stop(&f);
}

START_TEST(failed_read_is_logged)
{
	struct running f;
	char *text;

	running_start(&f, "--no-dump", true);
	f.fake.failure = -EIO;
	log_setup(LOG_INFO, LOG_LOGFMT);
	capture_stderr_begin();
	snapshot_unref(running_view(&f));
	text = capture_stderr_end();
	ck_assert_str_eq(text + strlen("ts=2026-01-31T12:00:00.000Z"),
			 " level=error msg=\"read the counters\" err=\"Input/output error\"\n");
	free(text);
	running_stop(&f);
}

START_TEST(lack_of_memory_is_an_error_or_a_failed_read)
{
	struct running f;
	struct view now;

	log_setup(LOG_ERROR + 1, LOG_LOGFMT);
	for (size_t n = 1;; n++) {
		bool failed;
		int r;

		running_start(&f, "--no-dump", true);
		failing_arm(n);
		r = app_view(&f.app, &now);
		failed = failing_disarm();
		ck_assert_int_eq(r, n == 1 ? -ENOMEM : 0);
		ck_assert_int_eq(now.snapshot == NULL, n == 1);
		ck_assert(!now.snapshot || now.snapshot->up == !failed);
		snapshot_unref(now.snapshot);
		running_stop(&f);
		if (!failed)
			break;
	}
}

START_TEST(source_is_closed_with_the_app)
{
	struct running f;

	running_start(&f, "--no-dump", true);
	ck_assert_uint_eq(atomic_load(&f.fake.closed_n), 0);
	running_stop(&f);
	ck_assert_uint_eq(atomic_load(&f.fake.closed_n), 1);
}

#define THREADS 8
#define ROUNDS 50

struct crowd {
	struct running f;
	pthread_barrier_t barrier;
	struct snapshot *seen[THREADS];
	atomic_uint next;
};

/* All ask at once; then one of them looks at what they got, and lets the read grow old. */
static void *ask(void *arg)
{
	struct crowd *crowd = arg;
	const unsigned int me = atomic_fetch_add(&crowd->next, 1);

	for (unsigned int round = 1; round <= ROUNDS; round++) {
		(void)pthread_barrier_wait(&crowd->barrier);
		crowd->seen[me] = running_view(&crowd->f);
		(void)pthread_barrier_wait(&crowd->barrier);
		if (me == 0) {
			ck_assert_uint_eq(atomic_load(&crowd->f.fake.reads_n), round);
			for (size_t i = 1; i < THREADS; i++)
				ck_assert_ptr_eq(crowd->seen[i], crowd->seen[0]);
			crowd->f.clock.now_ns += AGE_NS + 1;
		}
		(void)pthread_barrier_wait(&crowd->barrier);
		snapshot_unref(crowd->seen[me]);
	}
	return NULL;
}

START_TEST(threads_that_ask_at_once_share_one_read)
{
	pthread_t threads[THREADS];
	struct crowd crowd;

	running_start(&crowd.f, "--no-dump", true);
	atomic_init(&crowd.next, 0);
	(void)pthread_barrier_init(&crowd.barrier, NULL, THREADS);
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, ask, &crowd), 0);
	for (size_t i = 0; i < THREADS; i++)
		(void)pthread_join(threads[i], NULL);
	(void)pthread_barrier_destroy(&crowd.barrier);
	running_stop(&crowd.f);
}

Suite *app_suite(void)
{
	const struct test tests[] = {
		{ read_is_shared_until_it_is_older_than_max_age, COUNT(ages) },
		{ shared_read_does_not_make_itself_younger, 0 },
		{ view_outlives_the_reads_after_it, 0 },
		{ failed_load_of_the_web_configuration_shows_until_one_succeeds, 0 },
		{ app_is_ready_once_it_has_a_source, 0 },
		{ view_before_attaching_is_not_up_and_shows_no_source, 0 },
		{ facts_are_those_of_the_configuration, 0 },
		{ there_are_not_more_snapshots_than_places, 0 },
		{ scrapes_one_after_the_other_need_one_place, 0 },
		{ failed_read_is_served_as_not_up_and_tried_again, 0 },
		{ failed_read_is_logged, 0 },
		{ lack_of_memory_is_an_error_or_a_failed_read, 0 },
		{ source_is_closed_with_the_app, 0 },
		{ threads_that_ask_at_once_share_one_read, 0 },
	};

	return suite_make("app", tests, COUNT(tests));
}
