/* SPDX-License-Identifier: Apache-2.0 */
/* What a page shows of the exporter's own process, and reads that fail. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "proc_folder.h"
#include "running.h"
#include "suites.h"

static struct proc_folder folder;
static struct process process;

/* An app whose process is that of the folder. */
static void start(struct running *ret, bool attached)
{
	proc_folder_make(&folder);
	ck_assert_int_eq(process_open(folder.path, &process), 0);
	running_start(ret, "--max-age=0ms", attached);
	app_set_process(&ret->app, &process);
}

static void stop(struct running *running)
{
	running_stop(running);
	process_close(&process);
	proc_folder_remove(&folder);
}

/* The page of a read that is new. */
static void read_page(struct running *running, struct buf *out)
{
	out->len = 0;
	running->clock.now_ns += 1;
	running_page(running, out);
	buf_add(out, "", 1);
	ck_assert_int_eq(out->err, 0);
}

static bool is_of(const char *line, const char *family)
{
	const size_t n = strlen(family);
	static const char *const begins[] = { "# HELP ", "# TYPE ", "" };

	for (size_t i = 0; i < COUNT(begins); i++) {
		const char *name = line + strlen(begins[i]);

		if (!strncmp(line, begins[i], strlen(begins[i])) && !strncmp(name, family, n) &&
		    name[n] == ' ')
			return true;
	}
	return false;
}

static bool is_any_of(const char *line, const char *const names[])
{
	for (; *names; names++)
		if (is_of(line, *names))
			return true;
	return false;
}

#define ERRORS "ior_scrape_errors_total{collector=\"process\"} "

/* A page without these families, after a read of the process that failed. */
static void expect_failure(const char *page, const char *const missing[], struct buf *out)
{
	while (*page) {
		const size_t n = strcspn(page, "\n") + 1;

		if (!strncmp(page, ERRORS "0\n", n))
			buf_add_str(out, ERRORS "1\n");
		else if (!is_any_of(page, missing))
			buf_add(out, page, n);
		page += n;
	}
	buf_add(out, "", 1);
}

#define OF_STAT                                                       \
	"process_cpu_seconds_total", "process_resident_memory_bytes", \
		"process_start_time_seconds", "process_virtual_memory_bytes"
#define OF_LIMITS "process_max_fds", "process_virtual_memory_max_bytes"

static const struct {
	const char *file; /* that is empty now */
	const char *const missing[8];
} damages[] = {
	{ "self/stat", { OF_STAT } },
	{ "self/limits", { OF_LIMITS } },
};

START_TEST(failed_read_leaves_the_rest_of_the_page_and_is_counted)
{
	struct buf before = { 0 }, expected = { 0 }, after = { 0 };
	struct running f;

	start(&f, true);
	read_page(&f, &before);
	proc_folder_write(&folder, damages[_i].file, "");
	read_page(&f, &after);
	expect_failure(before.data, damages[_i].missing, &expected);
	ck_assert_str_eq(after.data, expected.data);
	ck_assert_uint_lt(after.len, before.len);
	buf_free(&before);
	buf_free(&expected);
	buf_free(&after);
	stop(&f);
}

START_TEST(folder_of_descriptors_that_cannot_be_read_is_no_other_matter)
{
	static const char *const missing[] = { "process_open_fds", NULL };
	struct buf before = { 0 }, expected = { 0 }, after = { 0 };
	struct running f;
	int fds;

	start(&f, true);
	read_page(&f, &before);
	fds = process.fds;
	process.fds = -1;
	read_page(&f, &after);
	process.fds = fds;
	expect_failure(before.data, missing, &expected);
	ck_assert_str_eq(after.data, expected.data);
	buf_free(&before);
	buf_free(&expected);
	buf_free(&after);
	stop(&f);
}

static void check_failures(struct running *running, uint64_t of_process, uint64_t of_source)
{
	struct snapshot *snapshot;

	running->clock.now_ns += 1;
	snapshot = running_view(running);
	ck_assert_uint_eq(snapshot->failures[READING_PROCESS], of_process);
	ck_assert_uint_eq(snapshot->failures[READING_SOURCE], of_source);
	snapshot_unref(snapshot);
}

START_TEST(failures_are_counted_one_by_one_and_apart)
{
	struct running f;

	log_setup(LOG_ERROR + 1, LOG_LOGFMT);
	start(&f, true);
	check_failures(&f, 0, 0);
	f.fake.failure = -EIO;
	check_failures(&f, 0, 1);
	proc_folder_write(&folder, "self/stat", "");
	proc_folder_write(&folder, "self/limits", "");
	check_failures(&f, 1, 2); /* both parts are one read */
	f.fake.failure = 0;
	check_failures(&f, 2, 2);
	proc_folder_write(&folder, "self/stat", PROC_STAT("x", "1", "1", "1", "1", "1"));
	proc_folder_write(&folder, "self/limits", PROC_LIMITS("1", "1"));
	check_failures(&f, 2, 2);
	stop(&f);
}

static void check_cpu(struct running *running, uint64_t cpu_ns, bool up)
{
	struct snapshot *snapshot = running_view(running);

	ck_assert_int_eq(snapshot->up, up);
	ck_assert(snapshot->process.has_stat && snapshot->process.has_start &&
		  snapshot->process.has_limits && snapshot->process.has_fds);
	ck_assert_uint_eq(snapshot->process.cpu_ns, cpu_ns);
	snapshot_unref(snapshot);
}

START_TEST(process_is_shown_before_attaching_and_when_the_source_fails)
{
	struct running f;

	log_setup(LOG_ERROR + 1, LOG_LOGFMT);
	start(&f, false);
	check_cpu(&f, 750000000, false);
	app_set_source(&f.app, &f.fake.source);
	f.fake.failure = -EIO;
	check_cpu(&f, 750000000, false);
	stop(&f);
}

/* All pages of one snapshot have the same numbers, whatever their format. */
START_TEST(process_is_read_once_a_snapshot)
{
	struct running f;

	start(&f, true);
	check_cpu(&f, 750000000, true);
	proc_folder_write(&folder, "self/stat", PROC_STAT("x", "1", "1", "1", "1", "1"));
	check_cpu(&f, 750000000, true);
	f.clock.now_ns += 1;
	check_cpu(&f, 20000000, true);
	stop(&f);
}

START_TEST(without_the_collector_a_page_has_nothing_of_it)
{
	static const char *const missing[] = { OF_STAT, OF_LIMITS, "process_open_fds", NULL };
	struct buf with = { 0 }, without = { 0 }, expected = { 0 };
	struct running f;

	start(&f, true);
	read_page(&f, &with);
	app_set_process(&f.app, NULL);
	read_page(&f, &without);
	for (const char *line = with.data; *line; line += strcspn(line, "\n") + 1)
		if (!is_any_of(line, missing) && strncmp(line, ERRORS, strlen(ERRORS)) != 0)
			buf_add(&expected, line, strcspn(line, "\n") + 1);
	buf_add(&expected, "", 1);
	ck_assert_str_eq(without.data, expected.data);
	buf_free(&with);
	buf_free(&without);
	buf_free(&expected);
	stop(&f);
}

Suite *app_process_suite(void)
{
	const struct test tests[] = {
		{ failed_read_leaves_the_rest_of_the_page_and_is_counted, COUNT(damages) },
		{ folder_of_descriptors_that_cannot_be_read_is_no_other_matter, 0 },
		{ failures_are_counted_one_by_one_and_apart, 0 },
		{ process_is_shown_before_attaching_and_when_the_source_fails, 0 },
		{ process_is_read_once_a_snapshot, 0 },
		{ without_the_collector_a_page_has_nothing_of_it, 0 },
	};

	return suite_make("app_process", tests, COUNT(tests));
}
