/* SPDX-License-Identifier: Apache-2.0 */
/* How a command line and an environment become a configuration; values: test_config_value.c. */
#include <errno.h>
#include <string.h>

#include "failing.h"
#include "parse.h"
#include "source.h"
#include "suites.h"

#define LIST_MAX 10

START_TEST(defaults_are_those_of_the_table)
{
	const char *const args[] = { NULL };
	struct parse p;

	parse(&p, args, NULL);
	ck_assert_int_eq(p.r, 0);
	ck_assert_uint_eq(p.config.listen_addresses.n, 1);
	ck_assert_str_eq(p.config.listen_addresses.item[0], "localhost:9435");
	ck_assert_str_eq(p.config.telemetry_path, "/metrics");
	ck_assert_uint_eq(p.config.series_max, 8192);
	ck_assert_uint_eq(p.config.series_memory, 64 << 20);
	ck_assert_uint_eq(p.config.max_age_ns, 100000000);
	ck_assert_uint_eq(p.config.duration_ns, 1000000000);
	ck_assert_uint_eq(p.config.interval_ns, 10000000000);
	ck_assert_uint_eq(p.config.fold.top, 16);
	ck_assert_uint_eq(p.config.fold.linger_ns, 120000000000);
	ck_assert_uint_eq(p.config.fold.idle_ns, 3600000000000);
	ck_assert_uint_eq(p.config.by, BY_COMM);
	ck_assert_ptr_null(p.config.by_list); /* a dump may be by others */
	ck_assert_uint_eq(p.config.filter.kinds, 0);
	ck_assert_ptr_null(p.config.rewrites);
	ck_assert_uint_eq(p.config.attach, ATTACH_AUTO);
	ck_assert_uint_eq(p.config.copies, 0);
	ck_assert_uint_eq(p.config.comm_source, COMM_OF_PROCESS);
	ck_assert_uint_eq(p.config.once, ONCE_NO);
	ck_assert_uint_eq(p.config.log_level, LOG_INFO);
	ck_assert_uint_eq(p.config.log_format, LOG_LOGFMT);
	parse_free(&p);
}

START_TEST(what_is_off_by_default)
{
	const char *const args[] = { NULL };
	struct parse p;

	parse(&p, args, NULL);
	ck_assert(p.config.collect_errno);
	ck_assert(!p.config.collect_gap);
	ck_assert(!p.config.include_self && !p.config.dump && !p.config.check && !p.config.probe);
	ck_assert(!p.config.list && !p.config.version && !p.config.help);
	ck_assert_ptr_null(p.config.web_config_file);
	ck_assert_ptr_null(p.config.trace_families);
	ck_assert_ptr_null(p.config.replay);
	parse_free(&p);
}

START_TEST(default_buckets_are_1us_to_16s_and_all_calls_are_selected)
{
	const char *const args[] = { NULL };
	struct selection all;
	struct parse p;

	parse(&p, args, NULL);
	selection_all(&all);
	ck_assert_uint_eq(p.config.bounds.n, 25);
	ck_assert_uint_eq(p.config.bounds.slot[0], 4);
	ck_assert_uint_eq(p.config.bounds.slot[24], 28);
	ck_assert_mem_eq(&p.config.selection, &all, sizeof(all));
	parse_free(&p);
}

static const char *const spellings[][LIST_MAX] = {
	{ "--series.max=7" },
	{ "-series.max=7" },
	{ "--series.max", "7" },
	{ "-series.max", "7" },
	{ "--series.max=6", "--series.max=7" },
};

START_TEST(flag_takes_one_dash_or_two_and_its_value_behind_an_equals_sign_or_a_space)
{
	struct parse p;

	parse(&p, spellings[_i], NULL);
	ck_assert_str_eq(p.err, "");
	ck_assert_int_eq(p.r, 0);
	ck_assert_uint_eq(p.config.series_max, 7);
	parse_free(&p);
}

START_TEST(value_may_hold_an_equals_sign_or_begin_with_a_dash)
{
	const char *const args[] = { "--replay", "-", "--web.telemetry-path=/a=b", NULL };
	struct parse p;

	parse(&p, args, NULL);
	ck_assert_int_eq(p.r, 0);
	ck_assert_str_eq(p.config.replay, "-");
	ck_assert_str_eq(p.config.telemetry_path, "/a=b");
	parse_free(&p);
}

START_TEST(iors_own_command_line_works_as_it_stands)
{
	const char *const args[] = { "-trace-families", "Time,Polling", NULL };
	struct parse p;

	parse(&p, args, NULL);
	ck_assert_int_eq(p.r, 0);
	ck_assert(p.config.selection.on[syscall_index(syscall_by_name("poll"))]);
	ck_assert(p.config.selection.on[syscall_index(syscall_by_name("nanosleep"))]);
	ck_assert(!p.config.selection.on[syscall_index(syscall_by_name("read"))]);
	parse_free(&p);
}

START_TEST(iors_own_filters_work_as_they_stand)
{
	const char *const args[] = { "-pid",	       "7", "-tid=8", "-comm", "nginx*",
				     "--filter.pid=9", NULL };
	struct parse p;

	parse(&p, args, NULL);
	ck_assert_str_eq(p.err, "");
	ck_assert_uint_eq(p.config.filter.kinds, IOR_FILTER_PID | IOR_FILTER_TID | IOR_FILTER_COMM);
	ck_assert_uint_eq(p.config.filter.pid[0], 7);
	ck_assert_uint_eq(p.config.filter.pid[1], 9);
	ck_assert_uint_eq(p.config.filter.tid[0], 8);
	parse_free(&p);
}

static const struct {
	const char *const args[LIST_MAX];
	const char *err;
} refused[] = {
	{ { "--filter.comm=[" }, "--filter.comm: '[' has a [ without its ]" },
	{ { "--comm.rewrite=x" }, "--comm.rewrite: 'x': is not REGEX=>TEXT" },
	{ { "--series.idle=119s" }, "--series.idle: is below --series.linger" },
	{ { "--replay=x", "--filter.uid=0" },
	  "--filter.*: decides what the kernel counts, a dump (--replay) is counted already" },
};

START_TEST(filters_and_rules_are_checked)
{
	struct parse p;

	parse(&p, refused[_i].args, NULL);
	ck_assert_int_eq(p.r, -EINVAL);
	ck_assert_str_eq(p.err, refused[_i].err);
	parse_free(&p);
}

static const struct {
	const char *args[LIST_MAX], *env[LIST_MAX];
	uint64_t series_max;
	const char *addresses; /* joined by blanks */
} precedences[] = {
	{ { NULL }, { NULL }, 8192, "localhost:9435 " },
	{ { NULL }, { "IOR_SERIES_MAX=7" }, 7, "localhost:9435 " },
	{ { "--series.max=8" }, { "IOR_SERIES_MAX=7" }, 8, "localhost:9435 " },
	/* even what would be an error */
	{ { "--series.max=8" }, { "IOR_SERIES_MAX=x" }, 8, "localhost:9435 " },
	{ { NULL }, { "IOR_SERIES_MAXI=7", "XIOR_SERIES_MAX=7" }, 8192, "localhost:9435 " },
	/* a list is replaced, not added to */
	{ { "--web.listen-address=:1" }, { NULL }, 8192, ":1 " },
	{ { "--web.listen-address=:1", "--web.listen-address=:2" }, { NULL }, 8192, ":1 :2 " },
	{ { NULL }, { "IOR_WEB_LISTEN_ADDRESS=:3" }, 8192, ":3 " },
	{ { NULL }, { "IOR_WEB_LISTEN_ADDRESS=:3\n:4\n" }, 8192, ":3 :4 " },
	{ { NULL }, { "IOR_WEB_LISTEN_ADDRESS=\n:3\n\n:4" }, 8192, ":3 :4 " },
	{ { "--web.listen-address=:1" }, { "IOR_WEB_LISTEN_ADDRESS=:3\n:4" }, 8192, ":1 " },
};

START_TEST(flag_beats_environment_beats_default)
{
	char addresses[80] = "";
	struct parse p;

	parse(&p, precedences[_i].args, precedences[_i].env);
	ck_assert_str_eq(p.err, "");
	ck_assert_int_eq(p.r, 0);
	ck_assert_uint_eq(p.config.series_max, precedences[_i].series_max);
	for (size_t i = 0; i < p.config.listen_addresses.n; i++) {
		strcat(addresses, p.config.listen_addresses.item[i]);
		strcat(addresses, " ");
	}
	ck_assert_str_eq(addresses, precedences[_i].addresses);
	parse_free(&p);
}

static const struct {
	const char *args[LIST_MAX];
	bool collect_errno, include_self;
} bools[] = {
	{ { NULL }, true, false },
	{ { "--collector.errno", "--include-self" }, true, true },
	{ { "--no-collector.errno", "-no-include-self" }, false, false },
	{ { "--collector.errno=false", "--include-self=true" }, false, true },
	{ { "--collector.errno=0", "--include-self=1" }, false, true },
	{ { "--no-collector.errno", "--collector.errno" }, true, false },
};

START_TEST(bool_needs_no_value_and_has_an_opposite)
{
	struct parse p;

	parse(&p, bools[_i].args, NULL);
	ck_assert_str_eq(p.err, "");
	ck_assert_int_eq(p.config.collect_errno, bools[_i].collect_errno);
	ck_assert_int_eq(p.config.include_self, bools[_i].include_self);
	parse_free(&p);
}

static const struct {
	const char *args[LIST_MAX];
	int r;
} modes[] = {
	{ { "--once" }, 0 },
	{ { "--dump", "--duration=1s" }, 0 },
	{ { "--check" }, 0 },
	{ { "--probe" }, 0 },
	{ { "--list" }, 0 },
	{ { "--once", "--replay=x" }, 0 },
	{ { "--once=no", "--dump" }, 0 },
	{ { "--help", "--list", "--dump" }, 0 },
	{ { "--version", "--once" }, 0 },
	{ { "--once", "--dump" }, -EINVAL },
	{ { "--check", "--probe" }, -EINVAL },
	{ { "--list", "--once=folded" }, -EINVAL },
	{ { "--dump", "--check", "--probe", "--list" }, -EINVAL },
};

START_TEST(modes_exclude_each_other)
{
	struct parse p;

	parse(&p, modes[_i].args, NULL);
	ck_assert_int_eq(p.r, modes[_i].r);
	ck_assert_str_eq(
		p.err, p.r ? "--once, --dump, --check, --probe and --list exclude each other" : "");
	parse_free(&p);
}

START_TEST(help_is_given_even_for_a_selection_that_makes_no_sense)
{
	const char *const args[] = { "--trace-families=nonsense", "--help", NULL };
	struct parse p;

	parse(&p, args, NULL);
	ck_assert_int_eq(p.r, 0);
	ck_assert(p.config.help);
	parse_free(&p);
}

static const char *const long_line[] = {
	"--web.listen-address=:1",
	"--web.listen-address=:2",
	"--web.listen-address=:3",
	"--web.telemetry-path=/m",
	"--web.config.file=a",
	"--web.config.file=b",
	"--trace-families=FS",
	"--trace-kinds=fd",
	"--trace-syscalls=poll",
	"--no-trace-families=IPC",
	"--no-trace-kinds=poll",
	"--no-trace-syscalls=read",
	"--replay=dump",
	"--once",
	NULL,
};

/* Each allocation in turn; the sanitizer sees whether one is lost. */
START_TEST(lack_of_memory_is_an_error_and_leaks_nothing)
{
	const char *const env[] = { "IOR_REPLAY=x", "IOR_WEB_LISTEN_ADDRESS=:5\n:6", NULL };
	const char *const *const args[] = { long_line, long_line + 3 }; /* or the environment's */
	size_t failures = 0;
	struct parse p;

	for (size_t n = 1;; n++) {
		failing_arm(n);
		parse(&p, args[_i], env);
		parse_free(&p);
		if (!failing_disarm())
			break;
		failures++;
		ck_assert_int_eq(p.r, -ENOMEM);
	}
	ck_assert_int_eq(p.r, 0);
	ck_assert_uint_ne(failures, 0);
}

START_TEST(lack_of_memory_names_the_flag_or_the_variable)
{
	const char *const env[] = { "IOR_REPLAY=x", NULL };
	struct parse p;

	failing_arm(1);
	parse(&p, long_line, env);
	ck_assert(failing_disarm());
	ck_assert_str_eq(p.err, "--web.listen-address: out of memory");
	parse_free(&p);
	failing_arm(1);
	parse(&p, long_line + COUNT(long_line) - 1, env);
	ck_assert(failing_disarm());
	ck_assert_str_eq(p.err, "IOR_REPLAY: out of memory");
	parse_free(&p);
}

Suite *config_suite(void)
{
	const struct test tests[] = {
		{ defaults_are_those_of_the_table, 0 },
		{ what_is_off_by_default, 0 },
		{ default_buckets_are_1us_to_16s_and_all_calls_are_selected, 0 },
		{ flag_takes_one_dash_or_two_and_its_value_behind_an_equals_sign_or_a_space,
		  COUNT(spellings) },
		{ value_may_hold_an_equals_sign_or_begin_with_a_dash, 0 },
		{ iors_own_filters_work_as_they_stand, 0 },
		{ filters_and_rules_are_checked, COUNT(refused) },
		{ iors_own_command_line_works_as_it_stands, 0 },
		{ flag_beats_environment_beats_default, COUNT(precedences) },
		{ bool_needs_no_value_and_has_an_opposite, COUNT(bools) },
		{ modes_exclude_each_other, COUNT(modes) },
		{ help_is_given_even_for_a_selection_that_makes_no_sense, 0 },
		{ lack_of_memory_is_an_error_and_leaks_nothing, 2 },
		{ lack_of_memory_names_the_flag_or_the_variable, 0 },
	};

	return suite_make("config", tests, COUNT(tests));
}
