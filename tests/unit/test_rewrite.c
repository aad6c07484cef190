/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "rewrite.h"
#include "suites.h"
#include "world.h"

static char err[512];

static int parse(const char *const texts[], struct rewrites **ret)
{
	struct strings rules = { NULL, 0 };
	int r;

	err[0] = '\0';
	for (size_t i = 0; texts[i]; i++)
		ck_assert_int_eq(strings_add(&rules, texts[i], strlen(texts[i])), 0);
	r = rewrites_parse(&rules, ret, err, sizeof(err));
	strings_free(&rules);
	return r;
}

static const struct {
	const char *rule, *from, *to;
} good[] = {
	{ "^kworker/.*=>kworker", "kworker/0:1", "kworker" },
	{ "^(kworker|ksoftirqd)/=>$1", "ksoftirqd/1", "ksoftirqd" },
	{ "([0-9]+)$=>n$1 of $0", "job17", "n17 of 17" },
	{ "b=>x", "abc", "x" },
	{ "z=>x", "abc", "abc" },
	{ "(a)|(b)=>[$1$2$3]", "b", "[b]" },
	{ "a=>b=>c", "a=>b", "c" }, /* the last arrow */
	{ ".=>$ $x$", "a", "$ $x$" },
	{ ".*=>", "abc", "\\0" },
	{ ".*=>__other__", "abc", "\\x5f_other__" },
	{ ".*=>x", "__other__", "__other__" },
	{ "^(.)=>$1", "\xc3\xa9", "\xc3\xa9" },		      /* half a character is none */
	{ ".*=>$0$0$0$0$0$0$0", "0123456789", "0123456789" }, /* too long */
};

START_TEST(rules_rewrite)
{
	const char *const rules[] = { good[_i].rule, NULL };
	struct rewrites *rewrites;
	char label[LABEL_SIZE] = "";

	ck_assert_int_eq(parse(rules, &rewrites), 0);
	(void)snprintf(label, sizeof(label), "%s", good[_i].from);
	rewrites_apply(rewrites, label);
	ck_assert_str_eq(label, good[_i].to);
	rewrites_free(rewrites);
}

static const struct {
	const char *rule, *err;
} bad[] = {
	{ "abc", "--comm.rewrite: 'abc': is not REGEX=>TEXT" },
	{ "(a=>x", "--comm.rewrite: '(a=>x': Unmatched ( or \\(" },
	{ "(a)\\1=>x", "--comm.rewrite: '(a)\\1=>x': back references are not supported" },
	{ "a{101}=>x", "--comm.rewrite: 'a{101}=>x': it repeats more than 100 times" },
	{ "((a{1,20}){1,20}){1,20}=>x",
	  "--comm.rewrite: '((a{1,20}){1,20}){1,20}=>x': it repeats more than 100 times" },
	{ "(((((((a+)+)+)+)+)+)+)+=>x",
	  "--comm.rewrite: '(((((((a+)+)+)+)+)+)+)+=>x': it repeats more than 100 times" },
	{ "(a?){15}(a){15}=>$2",
	  "--comm.rewrite: '(a?){15}(a){15}=>$2': it repeats more than 100 times" },
	{ "a++++++++=>x", "--comm.rewrite: 'a++++++++=>x': it repeats more than 100 times" },
	{ "(((((((a{1,}){1,}){1,}){1,}){1,}){1,}){1,})=>x",
	  "--comm.rewrite: '(((((((a{1,}){1,}){1,}){1,}){1,}){1,}){1,})=>x': it repeats more than "
	  "100 times" },
	{ "a=>\x01", "--comm.rewrite: 'a=>\x01': the text is too long or not printable UTF-8" },
	{ "a=>\xff", "--comm.rewrite: 'a=>\xff': the text is too long or not printable UTF-8" },
};

START_TEST(bad_rules_are_named)
{
	const char *const rules[] = { "good=>x", bad[_i].rule, NULL };
	struct rewrites *rewrites;

	ck_assert_int_eq(parse(rules, &rewrites), -EINVAL);
	ck_assert_str_eq(err, bad[_i].err);
	ck_assert_ptr_null(rewrites);
}

START_TEST(no_rules_are_none)
{
	const char *const rules[] = { NULL };
	struct rewrites *rewrites;

	ck_assert_int_eq(parse(rules, &rewrites), 0);
	ck_assert_ptr_null(rewrites);
}

START_TEST(first_rule_that_matches_is_applied_once_a_name)
{
	const char *const rules[] = { "^a=>first", "^ab=>second", NULL };
	struct rewrites *rewrites;

	ck_assert_int_eq(parse(rules, &rewrites), 0);
	for (int i = 0; i < 100; i++) {
		char label[LABEL_SIZE] = "ab", other[LABEL_SIZE] = "zz";

		rewrites_apply(rewrites, label);
		rewrites_apply(rewrites, other);
		ck_assert_str_eq(label, "first");
		ck_assert_str_eq(other, "zz");
	}
	ck_assert_uint_eq(rewrites_matched(rewrites), 1 + 2);
	rewrites_free(rewrites);
}

/* More names than are remembered. */
START_TEST(names_that_are_forgotten_are_matched_again)
{
	const char *const rules[] = { "^n=>x", NULL };
	struct rewrites *rewrites;

	ck_assert_int_eq(parse(rules, &rewrites), 0);
	for (unsigned int i = 0; i < 20000; i++) {
		char label[LABEL_SIZE];

		(void)snprintf(label, sizeof(label), "n%u", i);
		rewrites_apply(rewrites, label);
		if (strcmp(label, "x") != 0)
			ck_abort_msg("%s", label);
	}
	ck_assert_uint_eq(rewrites_matched(rewrites), 20000);
	for (unsigned int i = 0; i < 2; i++) {
		char label[LABEL_SIZE] = "n0";

		rewrites_apply(rewrites, label);
		ck_assert_uint_eq(rewrites_matched(rewrites), 20001);
	}
	rewrites_free(rewrites);
}

/* Two comms under one name are one series, exactly. */
START_TEST(merged_comms_are_one_series)
{
	const char *const rules[] = { "^kworker=>kworker", NULL };
	const struct fake_thread threads[] = { { "kworker/1:0", "read", 5 },
					       { "kworker/0:1", "read", 7 } };
	struct rewrites *rewrites;
	struct world world;

	ck_assert_int_eq(parse(rules, &rewrites), 0);
	world_open(&world, &(struct fold_options){ .top = 2 });
	fold_free(world.fold);
	world.fold = fold_new(&(struct fold_options){ .top = 2 }, rewrites);
	world_row(&world, "kworker/0:1", "getpid");
	world_row(&world, "kworker/1:0", "getpid");
	world_row(&world, "sh", "getpid");
	world_calls(&world, 0, 10, 1);
	world_calls(&world, 1, 100, 1);
	world_calls(&world, 2, 1, 1);
	world.fake.threads = threads;
	world.fake.threads_n = COUNT(threads);
	world_page(&world, 0, "getpid kworker=110 getpid sh=1");
	ck_assert_uint_eq(world.snapshot->in_flight_n, 1);
	ck_assert_str_eq(world.snapshot->in_flight[0].tuple->comm, "kworker");
	ck_assert_uint_eq(world.snapshot->in_flight[0].count, 2);
	world_calls(&world, 1, 5, 1);
	world_page(&world, 1, "getpid kworker=115 getpid sh=1");
	world_close(&world);
	rewrites_free(rewrites);
}

/* Accepted, for they are quick with the worst of names: Check's limit for a test is 4 s. */
static const char *const slow[] = {
	"(a*)*(a*)*(a*)*b=>$1",
	"((a|aa)+)+$=>$1",
	"(a|a|a)+(a|a|a)+(a|a|a)+b=>$1",
	"(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)x=>$1",
	"^(([a-z])+.)+[A-Z]([a-z])+$=>$1",
};

START_TEST(rules_that_backtracking_would_never_end_are_quick)
{
	const char *const rules[] = { slow[_i], NULL };
	struct rewrites *rewrites;

	ck_assert_int_eq(parse(rules, &rewrites), 0);
	for (int n = 1; n < LABEL_SIZE; n++) {
		char label[LABEL_SIZE] = "";

		memset(label, 'a', (size_t)n);
		rewrites_apply(rewrites, label);
	}
	rewrites_free(rewrites);
}

START_TEST(rules_are_bounded)
{
	struct strings list = { NULL };
	struct rewrites *rewrites;

	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(strings_add(&list, "a+b+c+d+e+f+g+h+=>x", 19), 0);
	ck_assert_int_eq(rewrites_parse(&list, &rewrites, err, sizeof(err)), 0);
	rewrites_free(rewrites);
	ck_assert_int_eq(strings_add(&list, "a=>x", 4), 0);
	ck_assert_int_eq(rewrites_parse(&list, &rewrites, err, sizeof(err)), -EINVAL);
	ck_assert_str_eq(err, "--comm.rewrite: 101 of them, at most 100 can be given");
	strings_free(&list);
}

Suite *rewrite_suite(void)
{
	const struct test tests[] = {
		{ rules_rewrite, COUNT(good) },
		{ rules_are_bounded, 0 },
		{ rules_that_backtracking_would_never_end_are_quick, COUNT(slow) },
		{ bad_rules_are_named, COUNT(bad) },
		{ no_rules_are_none, 0 },
		{ first_rule_that_matches_is_applied_once_a_name, 0 },
		{ names_that_are_forgotten_are_matched_again, 0 },
		{ merged_comms_are_one_series, 0 },
	};

	return suite_make("rewrite", tests, COUNT(tests));
}
