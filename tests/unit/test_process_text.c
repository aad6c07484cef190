/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "proc_folder.h"
#include "process_text.h"
#include "suites.h"

#define MAX "18446744073709551615"
#define TOO_LARGE "18446744073709551616"

static const struct {
	const char *text;
	struct process_stat stat;
} stats[] = {
	{ PROC_STAT("ior_exporter", "1", "2", "3", "4", "5"), { 1, 2, 3, 4, 5 } },
	/* a comm is any bytes */
	{ PROC_STAT("", "1", "2", "3", "4", "5"), { 1, 2, 3, 4, 5 } },
	{ PROC_STAT(") (", "1", "2", "3", "4", "5"), { 1, 2, 3, 4, 5 } },
	{ PROC_STAT("a) R 9 9 9 9 (b", "1", "2", "3", "4", "5"), { 1, 2, 3, 4, 5 } },
	{ PROC_STAT("))))", "1", "2", "3", "4", "5"), { 1, 2, 3, 4, 5 } },
	{ PROC_STAT("two\nlines 7", "1", "2", "3", "4", "5"), { 1, 2, 3, 4, 5 } },
	{ PROC_STAT("\xff\xfe", "1", "2", "3", "4", "5"), { 1, 2, 3, 4, 5 } },
	{ PROC_STAT("x", "0", "0", "0", "0", "0"), { 0, 0, 0, 0, 0 } },
	{ PROC_STAT("x", MAX, MAX, MAX, MAX, MAX),
	  { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX } },
};

START_TEST(stat_has_its_fields_behind_the_last_parenthesis)
{
	const struct process_stat *expected = &stats[_i].stat;
	struct process_stat stat;
	char text[1024];

	(void)snprintf(text, sizeof(text), "%s", stats[_i].text);
	ck_assert(process_parse_stat(text, &stat));
	ck_assert_uint_eq(stat.user_ticks, expected->user_ticks);
	ck_assert_uint_eq(stat.system_ticks, expected->system_ticks);
	ck_assert_uint_eq(stat.start_ticks, expected->start_ticks);
	ck_assert_uint_eq(stat.virtual_bytes, expected->virtual_bytes);
	ck_assert_uint_eq(stat.resident_pages, expected->resident_pages);
}

static const char *const no_stats[] = {
	"",
	"4242 (x",
	"4242 (x)",
	"4242 (x) S 1 2 3\n",
	PROC_STAT("x", TOO_LARGE, "2", "3", "4", "5"),
	PROC_STAT("x", "1", TOO_LARGE, "3", "4", "5"),
	PROC_STAT("x", "1", "2", TOO_LARGE, "4", "5"),
	PROC_STAT("x", "1", "2", "3", TOO_LARGE, "5"),
	PROC_STAT("x", "1", "2", "3", "4", TOO_LARGE),
	PROC_STAT("x", "-1", "2", "3", "4", "5"),
	PROC_STAT("x", "1", "2", "3", "4", "-5"),
	PROC_STAT("x", "1", "2", "0x3", "4", "5"),
	PROC_STAT("x", "1", "2", "3", "4.0", "5"),
};

START_TEST(another_text_is_no_stat_and_writes_nothing)
{
	struct process_stat stat = { .user_ticks = 77 };
	char text[1024];

	(void)snprintf(text, sizeof(text), "%s", no_stats[_i]);
	ck_assert(!process_parse_stat(text, &stat));
	ck_assert_uint_eq(stat.user_ticks, 77);
}

/* Up to where the last field that is wanted is known to be whole. */
START_TEST(stat_that_is_cut_off_is_none)
{
	static const char whole[] = PROC_STAT("x", "1", "2", "3", "4", "567");
	const size_t enough = (size_t)(strstr(whole, " 567 ") - whole) + strlen(" 567 ") + 1;

	for (size_t n = 0; n < sizeof(whole); n++) {
		struct process_stat stat;
		char text[sizeof(whole)];

		(void)snprintf(text, sizeof(text), "%.*s", (int)n, whole);
		ck_assert_int_eq(process_parse_stat(text, &stat), n >= enough);
		ck_assert(n < enough || stat.resident_pages == 567);
	}
}

#define FILES "Max open files"
#define SPACE "Max address space"

static const struct {
	const char *text, *name;
	uint64_t limit;
} limits[] = {
	{ PROC_LIMITS("1024", "unlimited"), FILES, 1024 },
	{ PROC_LIMITS("1024", "unlimited"), SPACE, UINT64_MAX },
	{ PROC_LIMITS("unlimited", "4096"), FILES, UINT64_MAX },
	{ PROC_LIMITS("unlimited", "4096"), SPACE, 4096 },
	{ PROC_LIMITS("0", MAX), FILES, 0 },
	{ PROC_LIMITS("0", MAX), SPACE, UINT64_MAX },
	{ PROC_LIMITS("9223372036854775808", "1"), FILES, 9223372036854775808ull },
};

START_TEST(limit_is_the_soft_one_of_its_name)
{
	uint64_t limit;

	ck_assert(process_parse_limit(limits[_i].text, limits[_i].name, &limit));
	ck_assert_uint_eq(limit, limits[_i].limit);
}

static const char *const no_limits[] = {
	"",
	"\n\n",
	"Max open files",
	"Max open files 1024",	 /* cut off */
	"Max open files 1024\n", /* of which one is it? */
	"Max open files        \n",
	"Max open filesystems 1024 1024 files\n",
	"Max open files2 1024 1024 files\n",
	" Max open files 1024 1024 files\n",
	PROC_LIMITS(TOO_LARGE, "1"),
	PROC_LIMITS("-1", "1"),
	PROC_LIMITS("unlimited2", "1"),
	PROC_LIMITS("000000000000000000000000000000000001", "1"),
};

START_TEST(another_text_is_no_limit)
{
	uint64_t limit = 77;

	ck_assert(!process_parse_limit(no_limits[_i], FILES, &limit));
	ck_assert_uint_eq(limit, 77);
}

static const struct {
	const char *line;
	uint64_t wall_ns; /* 0: it is none */
} boots[] = {
	{ "btime 1700000000\n", 1700000000000000000 },
	{ "btime 18446744073\n", 18446744073000000000ull },
	{ "btime 18446744074\n", 0 },
	{ "btime 0\n", 0 },
	{ "btime \n", 0 },
	{ "btime 17", 0 }, /* cut off */
	{ "btime 17 18\n", 0 },
	{ "btime -17\n", 0 },
	{ "btime 0000000000000000000000000017\n", 0 },
	{ "btimes 17\n", 0 },
	{ "cpu 17\n", 0 },
	{ "", 0 },
};

START_TEST(boot_is_a_line_of_its_own)
{
	uint64_t wall_ns = 0;

	ck_assert_int_eq(process_parse_boot(boots[_i].line, &wall_ns), boots[_i].wall_ns != 0);
	ck_assert_uint_eq(wall_ns, boots[_i].wall_ns);
}

Suite *process_text_suite(void)
{
	const struct test tests[] = {
		{ stat_has_its_fields_behind_the_last_parenthesis, COUNT(stats) },
		{ another_text_is_no_stat_and_writes_nothing, COUNT(no_stats) },
		{ stat_that_is_cut_off_is_none, 0 },
		{ limit_is_the_soft_one_of_its_name, COUNT(limits) },
		{ another_text_is_no_limit, COUNT(no_limits) },
		{ boot_is_a_line_of_its_own, COUNT(boots) },
	};

	return suite_make("process_text", tests, COUNT(tests));
}
