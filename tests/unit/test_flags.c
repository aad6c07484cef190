/* SPDX-License-Identifier: Apache-2.0 */
/* The texts that are made of the table of flags. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "capture.h"
#include "config.h"
#include "suites.h"

static const char help_head[] =
	"Usage: ior_exporter [FLAG...]\n"
	"\n"
	"Counts every system call of this machine in the kernel and serves latency\n"
	"histograms, bytes and errors by program to Prometheus.\n"
	"\n"
	"A flag takes one dash or two, and its value behind = or a space. Each can be\n"
	"set by an environment variable too: --web.listen-address by\n"
	"IOR_WEB_LISTEN_ADDRESS; a flag beats the environment, which beats the file that\n"
	"--config.file names.\n"
	"\n"
	"Server:\n"
	"  --config.file=FILE\n"
	"        Flags, one a line, as NAME=VALUE; SIGHUP reads it again.\n"
	"  --web.listen-address=HOST:PORT\n"
	"        Address to serve on: a numeric host or localhost (127.0.0.1 and ::1);\n"
	"        :9435 is every address. Repeatable. Default: localhost:9435.\n";

static const char help_tail[] =
	"\n"
	"Families:\n"
	"  AIO FS IPC Memory Misc Network Polling Process Sched Security Signals Time\n"
	"\n"
	"Kinds:\n"
	"  accept bpf dup3 epoll-ctl eventfd exec fcntl fd fd-pathname futex keyctl mem\n"
	"  mmap module mq-open name null open open-by-handle-at open-tree pathname\n"
	"  perf-open pidfd pipe poll prctl proc ptrace seccomp sleep socket socketpair\n"
	"  sysv-id sysv-op timer-obj two-fd\n";

START_TEST(help_begins_with_usage)
{
	char *text = capture_print(config_help);

	ck_assert_uint_gt(strlen(text), strlen(help_head));
	text[strlen(help_head)] = '\0';
	ck_assert_str_eq(text, help_head);
	free(text);
}

START_TEST(help_ends_with_families_and_kinds)
{
	char *text = capture_print(config_help);

	ck_assert_uint_gt(strlen(text), strlen(help_tail));
	ck_assert_str_eq(text + strlen(text) - strlen(help_tail), help_tail);
	free(text);
}

START_TEST(no_line_of_help_is_longer_than_80_columns)
{
	char *text = capture_print(config_help), *state = NULL;

	for (char *line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state))
		ck_assert_msg(strlen(line) <= 80, "'%s' is too long", line);
	free(text);
}

/* Joins the lines that belong to a flag again, and moves *text behind them. */
static void join_lines(const char **text, struct buf *out)
{
	static const char indent[] = "        ";

	while (!strncmp(*text, indent, strlen(indent))) {
		const char *line = *text + strlen(indent);
		size_t n = strcspn(line, "\n");

		if (out->len)
			buf_add_str(out, " ");
		buf_add(out, line, n);
		*text = line + n + 1;
	}
	buf_add(out, "", 1);
}

/* What --help says of a flag besides its help. */
static void add_extras(struct buf *out, const struct flag *flag)
{
	buf_add_str(out, flag->help);
	if (flag->reload)
		buf_add_str(out, " Can change at SIGHUP.");
	if (flag->choices && !flag->implied)
		buf_add_fmt(out, " One of %s.", flag->choices);
	if (flag->def && flag->type != FLAG_BOOL)
		buf_add_fmt(out, " Default: %s.", flag->def);
	buf_add(out, "", 1);
}

static void check_flag(const struct flag *flag, const char **text)
{
	struct buf expected = { 0 }, actual = { 0 };
	const char *name = *text + strlen("  --");
	size_t n;

	name += strncmp(name, "[no-]", 5) ? 0 : 5;
	n = strcspn(name, "=[\n");
	ck_assert_msg(n == strlen(flag->name) && !memcmp(name, flag->name, n), "'%.*s' is not --%s",
		      (int)n, name, flag->name);
	*text = strchr(name, '\n') + 1;
	add_extras(&expected, flag);
	join_lines(text, &actual);
	ck_assert_str_eq(actual.data, expected.data);
	buf_free(&expected);
	buf_free(&actual);
}

START_TEST(help_tells_of_every_flag_in_order)
{
	char *whole = capture_print(config_help);
	const char *text = strchr(whole, ':') - strlen("Usage");
	size_t n = 0;

	while (*text) {
		if (!strncmp(text, "  --", 4)) {
			ck_assert_uint_lt(n, config_flags_n);
			check_flag(&config_flags[n++], &text);
		} else {
			text = strchr(text, '\n') + 1;
		}
	}
	ck_assert_uint_eq(n, config_flags_n);
	free(whole);
}

/* "--once[=FORMAT]", "--series.max=N", "--[no-]collector.errno", "--dump" */
static void add_spelling(struct buf *out, const struct flag *flag)
{
	if (flag->implied)
		buf_add_fmt(out, "--%s[=%s]", flag->name, flag->metavar);
	else if (flag->type != FLAG_BOOL)
		buf_add_fmt(out, "--%s=%s", flag->name, flag->metavar);
	else if (flag->def)
		buf_add_fmt(out, "--[no-]%s", flag->name);
	else
		buf_add_fmt(out, "--%s", flag->name);
}

static void check_row(const char *line, const struct flag *flag)
{
	struct buf row = { 0 };

	buf_add_str(&row, "| `");
	add_spelling(&row, flag);
	if (flag->def)
		buf_add_fmt(&row, "` | `%s` | %s", flag->def, flag->help);
	else
		buf_add_fmt(&row, "` |  | %s", flag->help);
	buf_add_fmt(&row, "%s |", flag->reload ? " Can change at SIGHUP." : "");
	buf_add(&row, "", 1);
	ck_assert_str_eq(line, row.data);
	buf_free(&row);
}

START_TEST(markdown_has_a_row_for_each_flag)
{
	char *text = capture_print(config_help_markdown), *state = NULL;

	ck_assert_str_eq(strtok_r(text, "\n", &state), "| flag | default | meaning |");
	ck_assert_str_eq(strtok_r(NULL, "\n", &state), "|---|---|---|");
	for (size_t i = 0; i < config_flags_n; i++)
		check_row(strtok_r(NULL, "\n", &state), &config_flags[i]);
	ck_assert_ptr_null(strtok_r(NULL, "\n", &state));
	free(text);
}

START_TEST(table_of_flags_is_sound)
{
	for (size_t i = 0; i < config_flags_n; i++) {
		const struct flag *flag = &config_flags[i];

		ck_assert_msg(!flag->metavar == (flag->type == FLAG_BOOL), "%s", flag->name);
		ck_assert_msg(!flag->choices == (flag->type != FLAG_CHOICE), "%s", flag->name);
		ck_assert_msg(flag->help[strlen(flag->help) - 1] == '.', "%s", flag->name);
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(config_flags[j].name, flag->name);
	}
}

/* The flags that are marked, in order. */
static void join_marked(struct buf *out, size_t offset)
{
	for (size_t i = 0; i < config_flags_n; i++)
		if (*((const bool *)&config_flags[i] + offset))
			buf_add_fmt(out, "%s ", config_flags[i].name);
	buf_add(out, "", 1);
}

START_TEST(flags_that_can_change_at_sighup_and_those_with_no_place_in_a_file)
{
	struct buf reload = { 0 }, not_in_file = { 0 };

	join_marked(&reload, offsetof(struct flag, reload));
	ck_assert_str_eq(reload.data, "filter.pid filter.tid filter.uid filter.comm filter.cgroup "
				      "comm.rewrite comm.top series.linger series.idle log.level ");
	join_marked(&not_in_file, offsetof(struct flag, not_in_file));
	ck_assert_str_eq(not_in_file.data, "config.file once dump replay check probe list version "
					   "help ");
	buf_free(&reload);
	buf_free(&not_in_file);
}

static const struct {
	const char *flag, *name;
} env_names[] = {
	{ "web.listen-address", "IOR_WEB_LISTEN_ADDRESS" },
	{ "trace-families", "IOR_TRACE_FAMILIES" },
	{ "dump", "IOR_DUMP" },
};

START_TEST(variable_of_a_flag_is_its_name_in_capitals)
{
	const struct flag flag = { .name = env_names[_i].flag };
	char name[64], small[8];

	config_env_name(&flag, name, sizeof(name));
	ck_assert_str_eq(name, env_names[_i].name);
	config_env_name(&flag, small, sizeof(small));
	ck_assert_uint_eq(strlen(small), sizeof(small) - 1);
	ck_assert_mem_eq(small, name, sizeof(small) - 1);
}

static const struct {
	const char *assignment;
	bool unknown;
} assignments[] = {
	{ "IOR_DUMP=1", false },
	{ "IOR_DUMP=", false },
	{ "IOR_DUMP", false },
	{ "IOR_WEB_LISTEN_ADDRESS=:1", false },
	{ "PATH=/bin", false },
	{ "ior_dump=1", false },
	{ "", false },
	{ "IOR", false },
	{ "IOR_EXPORTER_PORT=tcp://10.0.0.1:9435", true },
	{ "IOR_DUMPS=1", true },
	{ "IOR_DUM=1", true },
	{ "IOR_=1", true },
	{ "IOR_dump=1", true },
};

START_TEST(variable_of_no_flag_is_unknown)
{
	ck_assert_int_eq(config_env_unknown(assignments[_i].assignment), assignments[_i].unknown);
}

Suite *flags_suite(void)
{
	const struct test tests[] = {
		{ help_begins_with_usage, 0 },
		{ help_ends_with_families_and_kinds, 0 },
		{ no_line_of_help_is_longer_than_80_columns, 0 },
		{ help_tells_of_every_flag_in_order, 0 },
		{ markdown_has_a_row_for_each_flag, 0 },
		{ table_of_flags_is_sound, 0 },
		{ flags_that_can_change_at_sighup_and_those_with_no_place_in_a_file, 0 },
		{ variable_of_a_flag_is_its_name_in_capitals, COUNT(env_names) },
		{ variable_of_no_flag_is_unknown, COUNT(assignments) },
	};

	return suite_make("flags", tests, COUNT(tests));
}
