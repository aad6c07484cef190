/* SPDX-License-Identifier: Apache-2.0 */
/* What the exporter does now and then, whether or not somebody scrapes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "log.h"
#include "running.h"
#include "suites.h"

/* --interval, 10 s */
static const struct {
	uint64_t age_ns;
	unsigned int reads;
} ticks[] = { { 0, 1 }, { 10000000000, 1 }, { 10000000001, 2 } };

START_TEST(tick_reads_what_nobody_read_for_an_interval)
{
	struct snapshot *snapshot;
	struct running f;

	running_start(&f, "--no-dump", true);
	snapshot_unref(running_view(&f));
	f.clock.now_ns += ticks[_i].age_ns;
	app_tick(&f.app);
	ck_assert_uint_eq(atomic_load(&f.fake.reads_n), ticks[_i].reads);
	/* a scrape shares its read as it shares that of another one */
	snapshot = running_view(&f);
	ck_assert_uint_eq(atomic_load(&f.fake.reads_n),
			  ticks[_i].reads + (ticks[_i].age_ns == 10000000000));
	snapshot_unref(snapshot);
	running_stop(&f);
}

START_TEST(tick_gives_idle_rows_back_behind_its_read)
{
	struct running f;

	running_start(&f, "--no-dump", true);
	f.clock.tick_ns = 0;
	app_tick(&f.app);
	ck_assert_uint_eq(atomic_load(&f.fake.reads_n), 1);
	ck_assert_uint_eq(f.fake.reclaims_n, 1);
	ck_assert_uint_eq(f.fake.reclaimed_ns, f.clock.now_ns);
	f.clock.now_ns += 1;
	app_tick(&f.app); /* somebody else's read is as good */
	ck_assert_uint_eq(atomic_load(&f.fake.reads_n), 1);
	ck_assert_uint_eq(f.fake.reclaims_n, 2);
	ck_assert_uint_eq(f.fake.reclaimed_ns, f.clock.now_ns);
	snapshot_unref(running_view(&f));
	ck_assert_uint_eq(f.fake.reclaims_n, 2); /* a scrape does not wait for that */
	running_stop(&f);
}

START_TEST(tick_gives_nothing_back_that_was_not_taken_over)
{
	struct running f;

	running_start(&f, "--no-dump", true);
	log_setup(LOG_ERROR + 1, LOG_LOGFMT);
	f.fake.failure = -EIO;
	app_tick(&f.app);
	ck_assert_uint_eq(f.fake.reclaims_n, 0);
	f.fake.failure = 0;
	app_tick(&f.app);
	ck_assert_uint_eq(f.fake.reclaims_n, 1);
	running_stop(&f);
}

START_TEST(tick_that_cannot_give_rows_back_says_so)
{
	struct running f;
	char *text;

	running_start(&f, "--no-dump", true);
	f.fake.reclaim_failure = -EPERM;
	log_setup(LOG_INFO, LOG_LOGFMT);
	capture_stderr_begin();
	app_tick(&f.app);
	text = capture_stderr_end();
	ck_assert_str_eq(text + strlen("ts=2026-01-31T12:00:00.000Z"),
			 " level=error msg=\"give idle rows to others\" err=\"Operation not "
			 "permitted\"\n");
	free(text);
	running_stop(&f);
}

START_TEST(tick_without_a_source_does_nothing)
{
	struct running f;

	running_start(&f, "--no-dump", false);
	app_tick(&f.app);
	ck_assert_uint_eq(f.fake.reclaims_n, 0);
	app_set_source(&f.app, &f.fake.source);
	running_stop(&f);
}

Suite *app_tick_suite(void)
{
	const struct test tests[] = {
		{ tick_reads_what_nobody_read_for_an_interval, COUNT(ticks) },
		{ tick_gives_idle_rows_back_behind_its_read, 0 },
		{ tick_gives_nothing_back_that_was_not_taken_over, 0 },
		{ tick_that_cannot_give_rows_back_says_so, 0 },
		{ tick_without_a_source_does_nothing, 0 },
	};

	return suite_make("app_tick", tests, COUNT(tests));
}
