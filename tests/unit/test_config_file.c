/* SPDX-License-Identifier: Apache-2.0 */
/* --config.file: what lines mean, and what they are overridden by; mistakes:
 * test_config_file_errors.c. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "failing.h"
#include "parse.h"
#include "suites.h"
#include "temp.h"

#define LIST_MAX 10

static const char *const lines[] = {
	"series.max=77",
	"series.max 77",
	"--series.max=77",
	"--series.max 77",
	"-series.max=77",
	"series.max = 77",
	"series.max\t77",
	"  series.max=77  ",
	"\tseries.max=77\t\r\n",
	"\n\nseries.max=77\n",
	"\xef\xbb\xbfseries.max=77",
	"\xef\xbb\xbf\nseries.max=77",
	"\xef\xbb\xbf# a\r\nseries.max 77\r\n",
	"# a\n#b\nseries.max=77",
	" #\nseries.max =77",
};

START_TEST(line_is_a_name_and_a_value)
{
	struct parse p;

	parse_text(&p, lines[_i]);
	ck_assert_str_eq(p.err, "");
	ck_assert_int_eq(p.r, 0);
	ck_assert_uint_eq(p.config.series_max, 77);
	parse_free(&p);
}

START_TEST(lines_of_another_system_end_with_a_carriage_return)
{
	struct parse p;

	parse_text(&p, "\xef\xbb\xbf# a\r\n\r\nweb.telemetry-path=/m\r\ncomm.rewrite a=>b c\r\n"
		       "include-self\r\nno-collector.errno\r\n");
	ck_assert_str_eq(p.err, "");
	ck_assert_str_eq(p.config.telemetry_path, "/m");
	ck_assert_str_eq(p.config.comm_rewrites.item[0], "a=>b c");
	ck_assert(p.config.include_self && !p.config.collect_errno);
	parse_free(&p);
}

START_TEST(byte_order_mark_is_dropped_once_and_at_the_begin_only)
{
	struct parse p;

	parse_text(&p, "\xef\xbb\xbf\xef\xbb\xbfseries.max=77");
	ck_assert_str_eq(parse_behind_path(p.err),
			 ":1: unknown flag '\xef\xbb\xbfseries.max=77', did you mean series.max? "
			 "(see --help)");
	parse_free(&p);
	parse_text(&p, "\xef\xbb\xbf\nseries.max=x");
	ck_assert_str_eq(parse_behind_path(p.err),
			 ":2: --series.max: 'x' is not a number from 1 to 1048050");
	parse_free(&p);
	parse_text(&p, "\xef\xbb");
	ck_assert_str_eq(parse_behind_path(p.err), ":1: unknown flag '\xef\xbb' (see --help)");
	parse_free(&p);
}

static const struct {
	const char *text;
	bool collect_errno, include_self;
} bools[] = {
	{ "", true, false },
	{ "collector.errno\ninclude-self", true, true },
	{ "no-collector.errno\n--no-include-self\n", false, false },
	{ "collector.errno=false\ninclude-self true", false, true },
	{ "collector.errno 0\ninclude-self=1", false, true },
};

START_TEST(bool_needs_no_value_and_has_an_opposite)
{
	struct parse p;

	parse_text(&p, bools[_i].text);
	ck_assert_str_eq(p.err, "");
	ck_assert_int_eq(p.config.collect_errno, bools[_i].collect_errno);
	ck_assert_int_eq(p.config.include_self, bools[_i].include_self);
	parse_free(&p);
}

START_TEST(value_keeps_what_is_inside_of_it)
{
	struct parse p;

	parse_text(&p, "comm.rewrite ^a b = c#=>$0  =>x y\nweb.telemetry-path=/a=b#c\n");
	ck_assert_uint_eq(p.config.comm_rewrites.n, 1);
	ck_assert_str_eq(p.config.comm_rewrites.item[0], "^a b = c#=>$0  =>x y");
	ck_assert_str_eq(p.config.telemetry_path, "/a=b#c");
	parse_free(&p);
}

START_TEST(lists_may_come_several_times_and_aliases_do)
{
	struct parse p;

	parse_text(&p, "filter.uid=1000\npid 7\nfilter.uid=0\n-comm nginx*\nfilter.pid=8\n");
	ck_assert_str_eq(p.err, "");
	ck_assert_uint_eq(p.config.filter.kinds, IOR_FILTER_PID | IOR_FILTER_UID | IOR_FILTER_COMM);
	ck_assert_uint_eq(p.config.filter.uid[0], 1000);
	ck_assert_uint_eq(p.config.filter.uid[1], 0);
	ck_assert_uint_eq(p.config.filter.pid[0], 7);
	ck_assert_uint_eq(p.config.filter.pid[1], 8);
	parse_free(&p);
}

#define TEXT "series.max=7\nfilter.uid=1\nfilter.uid=2\nno-collector.errno\nlog.level=warn\n"

static const struct {
	const char *args[LIST_MAX], *env[LIST_MAX];
	uint64_t series_max;
	size_t uids;
	uint32_t first_uid;
	bool collect_errno;
} precedences[] = {
	{ { NULL }, { NULL }, 7, 2, 1, false },
	{ { NULL }, { "IOR_SERIES_MAX=8" }, 8, 2, 1, false },
	{ { "--series.max=9" }, { "IOR_SERIES_MAX=8" }, 9, 2, 1, false },
	{ { "--series.max=9" }, { NULL }, 9, 2, 1, false },
	/* a list is replaced, not added to */
	{ { "--filter.uid=3" }, { NULL }, 7, 1, 3, false },
	{ { NULL }, { "IOR_FILTER_UID=4\n5\n6" }, 7, 3, 4, false },
	{ { NULL }, { "IOR_COLLECTOR_ERRNO=1" }, 7, 2, 1, true },
	{ { "--collector.errno" }, { "IOR_COLLECTOR_ERRNO=0" }, 7, 2, 1, true },
};

START_TEST(flag_beats_environment_beats_file_beats_default)
{
	struct parse p;

	parse_file(&p, TEXT, strlen(TEXT), precedences[_i].args, precedences[_i].env);
	ck_assert_str_eq(p.err, "");
	ck_assert_int_eq(p.r, 0);
	ck_assert_uint_eq(p.config.series_max, precedences[_i].series_max);
	ck_assert_uint_eq(p.config.filter_uids.n, precedences[_i].uids);
	ck_assert_uint_eq(p.config.filter.uid[0], precedences[_i].first_uid);
	ck_assert_int_eq(p.config.collect_errno, precedences[_i].collect_errno);
	ck_assert_uint_eq(p.config.log_level, LOG_WARN);
	ck_assert_uint_eq(p.config.fold.top, 16); /* in none of them */
	parse_free(&p);
}

START_TEST(overridden_value_is_not_looked_at_but_its_line_is)
{
	const char *const args[] = { "--series.max=9", NULL };
	struct parse p;

	parse_file(&p, "series.max=x", 12, args, NULL);
	ck_assert_str_eq(p.err, "");
	ck_assert_uint_eq(p.config.series_max, 9);
	parse_free(&p);
	parse_file(&p, "series.max=1\nseries.max=1", 25, args, NULL);
	ck_assert_str_eq(parse_behind_path(p.err),
			 ":2: --series.max: is given twice, here and in line 1");
	parse_free(&p);
}

START_TEST(environment_names_the_file)
{
	char path[TEMP_PATH_SIZE], variable[64];
	const char *const env[] = { variable, NULL };
	int fd = temp_text("series.max=77", path);
	struct parse p;

	(void)snprintf(variable, sizeof(variable), "IOR_CONFIG_FILE=%s", path);
	parse(&p, NULL, env);
	ck_assert_str_eq(p.err, "");
	ck_assert_uint_eq(p.config.series_max, 77);
	ck_assert_str_eq(p.config.config_file, path);
	parse_free(&p);
	(void)close(fd);
}

START_TEST(help_and_version_need_no_file)
{
	const char *const args[][3] = { { "--config.file=/nonexistent", "--help", NULL },
					{ "--config.file=/nonexistent", "--version", NULL } };
	struct parse p;

	parse(&p, args[_i], NULL);
	ck_assert_int_eq(p.r, 0);
	parse_free(&p);
}

START_TEST(lack_of_memory_is_an_error_and_leaks_nothing)
{
	char path[TEMP_PATH_SIZE];
	const char *const args[] = { "--config.file", path, NULL };
	int fd = temp_text(TEXT "web.telemetry-path=/m\ncomm.rewrite=a=>b\n", path);
	size_t failures = 0;
	struct parse p;

	for (size_t n = 1;; n++) {
		failing_arm(n);
		parse(&p, args, NULL);
		parse_free(&p);
		if (!failing_disarm())
			break;
		failures++;
		ck_assert_int_eq(p.r, -ENOMEM);
	}
	ck_assert_int_eq(p.r, 0);
	ck_assert_uint_gt(failures, 10);
	(void)close(fd);
}

Suite *config_file_suite(void)
{
	const struct test tests[] = {
		{ line_is_a_name_and_a_value, COUNT(lines) },
		{ lines_of_another_system_end_with_a_carriage_return, 0 },
		{ byte_order_mark_is_dropped_once_and_at_the_begin_only, 0 },
		{ bool_needs_no_value_and_has_an_opposite, COUNT(bools) },
		{ value_keeps_what_is_inside_of_it, 0 },
		{ lists_may_come_several_times_and_aliases_do, 0 },
		{ flag_beats_environment_beats_file_beats_default, COUNT(precedences) },
		{ overridden_value_is_not_looked_at_but_its_line_is, 0 },
		{ environment_names_the_file, 0 },
		{ help_and_version_need_no_file, 2 },
		{ lack_of_memory_is_an_error_and_leaks_nothing, 0 },
	};

	return suite_make("config_file", tests, COUNT(tests));
}
