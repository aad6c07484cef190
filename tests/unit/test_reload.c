/* SPDX-License-Identifier: Apache-2.0 */
/* SIGHUP without the signal: what a file that changed does to an app that runs, and what is said.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "buf.h"
#include "reloading.h"
#include "suites.h"

#define STARTED 1700000000250000000

#define RELOADED "level=info msg=\"reloaded the configuration\" file=FILE\n"
#define REFUSED "level=error msg=\"reload the configuration\" err="

START_TEST(start_is_a_load_that_worked)
{
	struct reloading r;

	reloading_start(&r, "", NULL, NULL);
	reloading_page(&r, "a=30 b=10 c=20", true, STARTED);
	reloading_stop(&r);
}

START_TEST(next_page_goes_by_the_new_file)
{
	struct reloading r;

	reloading_start(&r, "series.idle=0\n", NULL, NULL);
	reloading_write(&r, "series.idle=0\ncomm.top=2\ncomm.rewrite=^c$=>C\n");
	reloading_calls(&r);
	reloading_says(&r, RELOADED);
	reloading_page(&r, "C=3 __other__=3 a=33 b=10 c=20", true, STARTED + RELOADING_STEP);
	/* and again, of which the rules that were are gone */
	reloading_write(&r, "series.idle=0\ncomm.rewrite=^C$=>D\n");
	reloading_calls(&r);
	reloading_says(&r, RELOADED);
	reloading_page(&r, "C=3 __other__=9 a=36 b=10 c=20", true, STARTED + 2 * RELOADING_STEP);
	reloading_stop(&r);
}

/* Not one that was read before it, however young. */
START_TEST(page_after_a_reload_is_read_anew)
{
	struct reloading r;

	reloading_start(&r, "", "--max-age=1h", NULL);
	reloading_page(&r, "a=30 b=10 c=20", true, STARTED);
	reloading_calls(&r);
	reloading_says(&r, RELOADED);
	reloading_page(&r, "a=33 b=13 c=23", true, STARTED + RELOADING_STEP);
	reloading_stop(&r);
}

START_TEST(linger_and_idle_change)
{
	struct reloading r;

	reloading_start(&r, "", NULL, NULL);
	reloading_write(&r, "series.linger=5s\nseries.idle=10s");
	reloading_says(&r, RELOADED);
	reloading_page(&r, "", true, STARTED + RELOADING_STEP);
	reloading_stop(&r);
	reloading_start(&r, "", NULL, NULL);
	reloading_write(&r, "series.linger=5s\nseries.idle=11s");
	reloading_says(&r, RELOADED);
	reloading_page(&r, "a=30 b=10 c=20", true, STARTED + RELOADING_STEP);
	reloading_stop(&r);
}

START_TEST(filter_is_set_when_it_changed)
{
	struct reloading r;

	reloading_start(&r, "filter.uid=7\n", NULL, NULL);
	reloading_says(&r, RELOADED);
	ck_assert_uint_eq(r.f.fake.filters_n, 0);
	reloading_write(&r, "filter.uid=8\nfilter.comm=x*\n");
	reloading_says(&r, RELOADED);
	ck_assert_uint_eq(r.f.fake.filters_n, 1);
	ck_assert_mem_eq(&r.f.fake.filter, &r.f.app.reloaded.filter, sizeof(struct ior_filter));
	ck_assert_uint_eq(r.f.fake.filter.kinds, IOR_FILTER_UID | IOR_FILTER_COMM);
	ck_assert_uint_eq(r.f.fake.filter.uid[0], 8);
	reloading_says(&r, RELOADED);
	ck_assert_uint_eq(r.f.fake.filters_n, 1);
	reloading_write(&r, "");
	reloading_says(&r, RELOADED);
	ck_assert_uint_eq(r.f.fake.filters_n, 2);
	ck_assert_uint_eq(r.f.fake.filter.kinds, 0);
	reloading_stop(&r);
}

START_TEST(filter_that_cannot_be_set_changes_nothing)
{
	struct reloading r;

	reloading_start(&r, "", NULL, NULL);
	r.f.fake.filter_failure = -EIO;
	reloading_write(&r, "filter.uid=8\ncomm.top=1\n");
	reloading_says(&r, REFUSED "\"set the filter: Input/output error\"\n");
	reloading_calls(&r);
	reloading_page(&r, "a=33 b=13 c=23", false, STARTED);
	r.f.fake.filter_failure = 0;
	reloading_says(&r, RELOADED);
	ck_assert_uint_eq(r.f.fake.filters_n, 1); /* it was not taken for set */
	reloading_stop(&r);
}

START_TEST(log_level_changes)
{
	struct reloading r;

	reloading_start(&r, "", NULL, NULL);
	reloading_write(&r, "log.level=error");
	reloading_says(&r, "");
	reloading_write(&r, "log.level=loud");
	reloading_says(&r, REFUSED
		       "\"FILE:1: --log.level: 'loud' is none of debug,info,warn,error\"\n");
	reloading_write(&r, "");
	reloading_says(&r, RELOADED);
	reloading_stop(&r);
}

START_TEST(flag_and_environment_beat_the_file_again)
{
	struct reloading r;

	reloading_start(&r, "", "--comm.top=0", "IOR_COMM_REWRITE=^b$=>B");
	reloading_write(&r, "comm.top=1\ncomm.rewrite=^a$=>A\n");
	reloading_calls(&r);
	reloading_says(&r, RELOADED);
	reloading_page(&r, "B=13 a=33 c=23", true, STARTED + RELOADING_STEP);
	reloading_stop(&r);
}

static const struct {
	const char *text, *said;
} mistakes[] = {
	{ "comm.top=1\ncomm.tops=1\n",
	  "\"FILE:2: unknown flag 'comm.tops=1', did you mean comm.top? (see --help)\"\n" },
	{ "comm.top=1\ncomm.rewrite=(=>x\n",
	  "\"FILE:2: --comm.rewrite: '(=>x': Unmatched ( or \\\\(\"\n" },
	{ "comm.top=1\nfilter.cgroup=/nonexistent\n",
	  "\"FILE:2: --filter.cgroup: '/nonexistent': No such file or directory\"\n" },
	/* what can't change is checked too */
	{ "comm.top=1\nseries.max=0\n",
	  "\"FILE:2: --series.max: '0' is not a number from 1 to 1048050\"\n" },
	{ "comm.top=1\nonce\n", "\"FILE:2: --once: can be given on the command line only\"\n" },
	{ "comm.top=1\na\xff\x1b", "\"FILE:2: unknown flag 'a?"
				   "?' (see --help)\"\n" },
};

START_TEST(mistake_keeps_all_as_it_is)
{
	char expected[256];
	struct reloading r;

	reloading_start(&r, "comm.top=2\ncomm.rewrite=^b$=>B\n", NULL, NULL);
	reloading_page(&r, "__other__=10 a=30 c=20", true, STARTED);
	reloading_write(&r, mistakes[_i].text);
	(void)snprintf(expected, sizeof(expected), REFUSED "%s", mistakes[_i].said);
	reloading_says(&r, expected);
	reloading_calls(&r);
	reloading_page(&r, "__other__=13 a=33 c=23", false, STARTED);
	ck_assert_uint_eq(r.f.fake.filters_n, 0);
	reloading_write(&r, "comm.top=1\n");
	reloading_says(&r, RELOADED);
	reloading_calls(&r);
	reloading_page(&r, "__other__=19 a=36 c=23", true, STARTED + 2 * RELOADING_STEP);
	reloading_stop(&r);
}

START_TEST(file_that_is_gone_keeps_all_as_it_is)
{
	struct reloading r;

	reloading_start(&r, "comm.top=2\n", NULL, NULL);
	reloading_unlink(&r);
	reloading_says(&r, REFUSED "\"--config.file: read FILE: No such file or directory\"\n");
	reloading_page(&r, "__other__=10 a=30 c=20", false, STARTED);
	reloading_stop(&r);
}

#define RESTART "level=warn msg=\"a changed flag needs a restart\" flag="

START_TEST(what_needs_a_restart_is_named_and_the_rest_applies)
{
	struct reloading r;

	reloading_start(&r, "max-age=5s\nfilter.uid=1\nno-collector.bpf\ntrace-families=FS", NULL,
			NULL);
	reloading_write(&r, "max-age=6s\ncomm.top=1\nno-collector.bpf\ncopies=2\n"
			    "web.listen-address=:1\nattach=raw_tp\nfilter.uid=2\n");
	reloading_says(&r, RESTART "web.listen-address\n" RESTART "trace-families\n" RESTART
				   "attach\n" RESTART "copies\n" RESTART "max-age\n" RELOADED);
	reloading_calls(&r);
	reloading_page(&r, "__other__=6 a=33 b=10 c=20", true, STARTED + RELOADING_STEP);
	reloading_stop(&r);
}

START_TEST(restart_is_asked_for_as_long_as_it_is_needed)
{
	struct reloading r;

	reloading_start(&r, "", NULL, NULL);
	reloading_write(&r, "collector.gap");
	reloading_says(&r, RESTART "collector.gap\n" RELOADED);
	reloading_says(&r, RESTART "collector.gap\n" RELOADED);
	reloading_write(&r, "no-collector.gap");
	reloading_says(&r, RELOADED);
	reloading_stop(&r);
}

START_TEST(source_that_takes_no_filter_needs_a_restart_for_one)
{
	struct source_ops ops;
	struct reloading r;

	reloading_start(&r, "filter.uid=1", NULL, NULL);
	ops = *r.f.fake.source.ops;
	ops.set_filter = NULL;
	r.f.fake.source.ops = &ops;
	reloading_write(&r, "filter.uid=2\nfilter.comm=x");
	reloading_says(&r, RESTART "filter.uid\n" RESTART "filter.comm\n" RELOADED);
	reloading_stop(&r);
}

START_TEST(without_a_file_there_is_nothing_to_read)
{
	struct reloading r;

	reloading_start(&r, "", NULL, NULL);
	free(r.f.parse.config.config_file);
	r.f.parse.config.config_file = NULL;
	reloading_says(&r, "level=info msg=\"nothing to read again without --config.file\" "
			   "signal=SIGHUP\n");
	reloading_page(&r, "a=30 b=10 c=20", true, STARTED);
	reloading_stop(&r);
}

#define THREADS 2 /* snapshots that may be held besides the latest */
#define ROUNDS 300

static void *scrape(void *arg)
{
	struct reloading *r = arg;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		struct buf page = { 0 };

		running_page(&r->f, &page);
		ck_assert_int_eq(page.err, 0);
		ck_assert_uint_ge(page.len, 1000);
		buf_free(&page);
	}
	return NULL;
}

/* The thread sanitizer sees what they share; the address sanitizer what is used after its end. */
START_TEST(scrapes_go_on_while_it_reloads)
{
	pthread_t threads[THREADS];
	struct reloading r;

	reloading_start(&r, "", "--max-age=0", NULL);
	log_setup(LOG_ERROR + 1, LOG_LOGFMT);
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, scrape, &r), 0);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		reloading_write(&r, i % 3 ? "comm.rewrite=^(.)$=>x$1\ncomm.top=1\nlog.level=error" :
					    "comm.rewrite=.*=>y\nfilter.uid=1\nlog.level=error");
		reload(&r.f.app, &r.invocation);
	}
	for (size_t i = 0; i < THREADS; i++)
		(void)pthread_join(threads[i], NULL);
	ck_assert_uint_eq(r.f.fake.filters_n, 2 * ROUNDS / 3);
	reloading_stop(&r);
}

Suite *reload_suite(void)
{
	const struct test tests[] = {
		{ start_is_a_load_that_worked, 0 },
		{ next_page_goes_by_the_new_file, 0 },
		{ page_after_a_reload_is_read_anew, 0 },
		{ linger_and_idle_change, 0 },
		{ filter_is_set_when_it_changed, 0 },
		{ filter_that_cannot_be_set_changes_nothing, 0 },
		{ log_level_changes, 0 },
		{ flag_and_environment_beat_the_file_again, 0 },
		{ mistake_keeps_all_as_it_is, COUNT(mistakes) },
		{ file_that_is_gone_keeps_all_as_it_is, 0 },
		{ what_needs_a_restart_is_named_and_the_rest_applies, 0 },
		{ restart_is_asked_for_as_long_as_it_is_needed, 0 },
		{ source_that_takes_no_filter_needs_a_restart_for_one, 0 },
		{ without_a_file_there_is_nothing_to_read, 0 },
		{ scrapes_go_on_while_it_reloads, 0 },
	};

	return suite_make("reload", tests, COUNT(tests));
}
