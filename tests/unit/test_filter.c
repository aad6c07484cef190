/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "filter.h"
#include "random.h"
#include "suites.h"

static struct ior_filter filter;
static char err[256];

/* Each list from texts that end with NULL. */
static int parse(const char *const pids[], const char *const tids[], const char *const uids[],
		 const char *const comms[], const char *const cgroups[])
{
	const char *const *texts[] = { pids, tids, uids, comms, cgroups };
	struct strings list[5] = { { NULL, 0 } };
	const struct filter_lists lists = { &list[0], &list[1], &list[2], &list[3], &list[4] };
	int r;

	err[0] = '\0';
	for (size_t i = 0; i < 5; i++)
		for (size_t j = 0; texts[i] && texts[i][j]; j++)
			if (strings_add(&list[i], texts[i][j], strlen(texts[i][j])) < 0)
				ck_abort_msg("out of memory");
	r = filter_parse(&lists, &filter, err, sizeof(err));
	for (size_t i = 0; i < 5; i++)
		strings_free(&list[i]);
	return r;
}

/* What is behind the comm must not matter. */
static bool matches(const char *comm)
{
	struct ior_glob_walk walk;
	char bytes[IOR_COMM_LEN];
	__u64 words[2];

	memset(bytes, 'b', sizeof(bytes));
	(void)snprintf(bytes, sizeof(bytes), "%s", comm);
	memcpy(words, bytes, sizeof(words));
	ior_globs_begin(&filter.comm, words[0], words[1], &walk);
	for (int i = 0; i < IOR_COMM_LEN; i++)
		ior_globs_step(&filter.comm, &walk);
	return ior_globs_end(&filter.comm, &walk);
}

START_TEST(without_flags_everybody_is_counted)
{
	ck_assert_int_eq(parse(NULL, NULL, NULL, NULL, NULL), 0);
	ck_assert_uint_eq(filter.kinds, 0);
}

START_TEST(numbers_are_entries_and_the_others_are_none)
{
	const char *const pids[] = { "1", "4194304", NULL }, *const tids[] = { "77", NULL };
	const char *const uids[] = { "0", "65534", NULL };

	ck_assert_int_eq(parse(pids, tids, uids, NULL, NULL), 0);
	ck_assert_uint_eq(filter.kinds, IOR_FILTER_PID | IOR_FILTER_TID | IOR_FILTER_UID);
	ck_assert_uint_eq(filter.pid[0], 1);
	ck_assert_uint_eq(filter.pid[1], 4194304);
	ck_assert_uint_eq(filter.pid[2], 0);
	ck_assert_uint_eq(filter.tid[0], 77);
	ck_assert_uint_eq(filter.uid[0], 0);
	ck_assert_uint_eq(filter.uid[1], 65534);
	for (size_t i = 2; i < IOR_FILTER_MAX; i++)
		ck_assert_uint_eq(filter.uid[i], 0xffffffff);
}

static const struct {
	const char *pid, *uid, *comm, *cgroup;
	const char *err;
} bad[] = {
	{ "0", NULL, NULL, NULL, "--filter.pid: '0' is not a number from 1 to 2147483647" },
	{ "-1", NULL, NULL, NULL, "--filter.pid: '-1' is not a number from 1 to 2147483647" },
	{ "", NULL, NULL, NULL, "--filter.pid: '' is not a number from 1 to 2147483647" },
	{ NULL, "root", NULL, NULL, "--filter.uid: 'root' is not a number from 0 to 4294967294" },
	{ NULL, "4294967295", NULL, NULL,
	  "--filter.uid: '4294967295' is not a number from 0 to 4294967294" },
	{ NULL, NULL, "a[bc", NULL, "--filter.comm: 'a[bc' has a [ without its ]" },
	{ NULL, NULL, "[]", NULL, "--filter.comm: '[]' has a [ without its ]" },
	{ NULL, NULL, "0123456789012345678901234567890123456789012345678901234567890123", NULL,
	  "--filter.comm: '0123456789012345678901234567890123456789012345678901234567890123' is too "
	  "long, alone (63 characters) or with those before (some 250)" },
	{ NULL, NULL, NULL, "/nowhere", "--filter.cgroup: '/nowhere': No such file or directory" },
	{ NULL, NULL, NULL, "/proc",
	  "--filter.cgroup: '/proc' is not a cgroup of version 2 (give its whole path, such as "
	  "/sys/fs/cgroup/system.slice)" },
};

START_TEST(bad_values_are_named)
{
	const char *const pids[] = { bad[_i].pid, NULL }, *const uids[] = { bad[_i].uid, NULL };
	const char *const comms[] = { bad[_i].comm, NULL };
	const char *const cgroups[] = { bad[_i].cgroup, NULL };

	ck_assert_int_eq(parse(pids, NULL, uids, comms, cgroups), -EINVAL);
	ck_assert_str_eq(err, bad[_i].err);
}

START_TEST(entries_are_limited)
{
	const char *pids[IOR_FILTER_MAX + 2] = { NULL };

	for (size_t i = 0; i < IOR_FILTER_MAX; i++)
		pids[i] = "5";
	ck_assert_int_eq(parse(pids, NULL, NULL, NULL, NULL), 0);
	pids[IOR_FILTER_MAX] = "5";
	ck_assert_int_eq(parse(pids, NULL, NULL, NULL, NULL), -EINVAL);
	ck_assert_str_eq(err, "--filter.pid: 17 of them, at most 16 can be given");
}

static const struct {
	const char *glob, *comm;
	bool matches;
} globs[] = {
	{ "bash", "bash", true },
	{ "bash", "bas", false },
	{ "bash", "bashx", false },
	{ "", "", true },
	{ "", "x", false },
	{ "*", "", true },
	{ "*", "anything", true },
	{ "?", "", false },
	{ "?", "x", true },
	{ "a*", "a", true },
	{ "a*b", "ab", true },
	{ "a*b", "axxb", true },
	{ "a*b", "axxbc", false },
	{ "*a*a*", "aa", true },
	{ "*a*a*", "a", false },
	{ "**", "x", true },
	{ "[a-c]x", "bx", true },
	{ "[!a-c]x", "bx", false },
	{ "[!a-c]x", "dx", true },
	{ "[]x]", "]", true },
	{ "[]x]", "x", true },
	{ "[a-]", "-", true },
	{ "\\*", "*", true },
	{ "\\*", "x", false },
	{ "a\\", "a\\", true },
	{ "[\\]]", "]", true },
	{ "kworker/*", "kworker/0:1", true },
	{ "\xff?", "\xff\x01", true },
	{ "[\x80-\xff]", "\xc3", true },
	{ "?", "\xc3\xa9", false },
};

START_TEST(globs_match)
{
	const char *const comms[] = { globs[_i].glob, NULL };

	ck_assert_int_eq(parse(NULL, NULL, NULL, comms, NULL), 0);
	ck_assert_int_eq(matches(globs[_i].comm), globs[_i].matches);
}

/* A few letters, so that they meet. */
static void random_text(uint64_t *random, const char *from, size_t max, char *ret)
{
	size_t n = random_next(random) % (max + 1);

	for (size_t i = 0; i < n; i++)
		ret[i] = from[random_next(random) % strlen(from)];
	ret[n] = '\0';
}

START_TEST(globs_match_as_those_of_the_c_library)
{
	uint64_t random = RANDOM_SEED;
	unsigned int matched = 0;

	for (int i = 0; i < 100000; i++) {
		char list[3][16], comm[16];
		const char *const comms[] = { list[0], list[1], list[2], NULL };
		bool expected = false;

		for (size_t j = 0; j < 3; j++) {
			random_text(&random, "ab*?", 10, list[j]);
			if (random_next(&random) % 4 == 0)
				(void)strcpy(list[j] + strlen(list[j]) / 2, "[!a-b]*");
		}
		random_text(&random, "abc", 15, comm);
		for (size_t j = 0; j < 3; j++)
			expected |= fnmatch(list[j], comm, 0) == 0;
		if (parse(NULL, NULL, NULL, comms, NULL) < 0)
			ck_abort_msg("%s", err);
		if (matches(comm) != expected)
			ck_abort_msg("'%s' '%s' '%s', '%s'", list[0], list[1], list[2], comm);
		matched += expected;
	}
	ck_assert_uint_gt(matched, 10000);
	ck_assert_uint_lt(matched, 90000);
}

/* 16 bits each: four fill a word. */
START_TEST(many_globs_fill_all_words)
{
	char list[4 * IOR_GLOB_WORDS + 1][16];
	const char *comms[4 * IOR_GLOB_WORDS + 2] = { NULL };

	for (size_t i = 0; i < COUNT(list); i++) {
		(void)snprintf(list[i], sizeof(list[i]), "%c?????????????%c", (char)('a' + i),
			       (char)('a' + i));
		comms[i] = list[i];
	}
	ck_assert_int_eq(parse(NULL, NULL, NULL, comms, NULL), -EINVAL);
	comms[COUNT(list) - 1] = NULL;
	ck_assert_int_eq(parse(NULL, NULL, NULL, comms, NULL), 0);
	for (size_t i = 0; i < COUNT(list); i++)
		ck_assert_int_eq(matches(list[i]), i + 1 < COUNT(list));
	ck_assert(!matches("a?????????????b"));
	ck_assert(!matches("a????????????a"));
}

START_TEST(globs_that_do_not_fit_together_are_refused)
{
	static const char text[] = "0123456789012345678901234567890123456789"; /* 41 bits */
	const char *const four[] = { text, text, text, text, NULL };
	const char *const five[] = { text, text, text, text, text, NULL };

	ck_assert_int_eq(parse(NULL, NULL, NULL, four, NULL), 0);
	ck_assert_int_eq(parse(NULL, NULL, NULL, five, NULL), -EINVAL);
	ck_assert_str_eq(err, "--filter.comm: '0123456789012345678901234567890123456789' is too "
			      "long, alone (63 characters) or with those before (some 250)");
}

Suite *filter_suite(void)
{
	const struct test tests[] = {
		{ without_flags_everybody_is_counted, 0 },
		{ numbers_are_entries_and_the_others_are_none, 0 },
		{ bad_values_are_named, COUNT(bad) },
		{ entries_are_limited, 0 },
		{ globs_match, COUNT(globs) },
		{ globs_match_as_those_of_the_c_library, 0 },
		{ many_globs_fill_all_words, 0 },
		{ globs_that_do_not_fit_together_are_refused, 0 },
	};

	return suite_make("filter", tests, COUNT(tests));
}
