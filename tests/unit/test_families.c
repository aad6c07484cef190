/* SPDX-License-Identifier: Apache-2.0 */
/* The table of metrics, and the pages that it makes of dumps: tests/golden/NAME.dump to .prom, and
 * to .om, which is OpenMetrics. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "encode.h"
#include "families.h"
#include "golden.h"
#include "page.h"
#include "scene.h"
#include "suites.h"

#define S 1000000000ull

static const struct {
	const char *name;
	struct scene scene;
	bool whole; /* page; else the families of system calls */
} pages[] = {
	{ "empty", { "read", 1 * S, 1 * S, 1, true, .source = NULL }, true },
	{ "one_series", { "read", 1000, 16 * S, 12, true, .source = NULL }, true },
	{ "noreturn", { "exit,exit_group", 1 * S, 1 * S, 1, true, .source = NULL }, false },
	{ "bytes", { "read,write,sendfile,close", 1 * S, 1 * S, 1, true, .source = NULL }, false },
	{ "labels", { "close", 1 * S, 1 * S, 1, true, .source = NULL }, false },
	{ "errnos", { "openat,read", 1 * S, 1 * S, 1, true, .source = NULL }, false },
	{ "errnos_off", { "openat,read", 1 * S, 1 * S, 1, false, .source = NULL }, false },
	{ "sorted", { "brk,fsync,ppoll", 1 * S, 1 * S, 1, true, .source = NULL }, false },
	{ "buckets", { "fsync", 0, 3600 * S, 5, true, .source = NULL }, false },
	{ "in_flight", { "fsync,ppoll", 1 * S, 1 * S, 1, true, .source = NULL }, true },
	{ "gaps", { "fsync,nanosleep,io_setup", 1 * S, 1 * S, 1, true, .source = NULL }, true },
	{ "by_both", { "read,exit", 1 * S, 1 * S, 1, true, .source = NULL }, true },
	{ "by_container", { "read,exit", 1 * S, 1 * S, 1, true, .source = NULL }, true },
	{ "by_none", { "read,exit", 1 * S, 1 * S, 1, true, .source = NULL }, true },
	{ "pseudo", { "unknown,compat,getpid", 1 * S, 1 * S, 1, true, .source = NULL }, false },
};

/* What page_render() does, of the families of system calls alone. */
static void render_syscalls(const struct view *view, enum format format, struct buf *out)
{
	struct encoder encoder;

	encode_begin(&encoder, format, false, view->facts->bounds, out);
	for (size_t i = 0; i < families_n; i++) {
		if (strncmp(families[i].name, "ior_syscall_", strlen("ior_syscall_")))
			continue;
		encode_family(&encoder, &families[i]);
		for (size_t item = 0; item < families[i].items(view); item++)
			families[i].emit(&encoder, view, item);
	}
	encode_end(&encoder);
}

static void check_format(const char *name, const struct view *view, bool whole, enum format format)
{
	const bool openmetrics = format == FORMAT_OPENMETRICS;
	const struct page_options options = { .format = format, .created = true };
	struct buf page = { 0 };
	char file[64];

	if (whole)
		page_render(view, &options, &page);
	else
		render_syscalls(view, format, &page);
	(void)snprintf(file, sizeof(file), "%s.%s", name, openmetrics ? "om" : "prom");
	golden_check(file, &page);
	buf_free(&page);
}

static void check_page(const char *name, struct scene *scene, bool whole)
{
	check_format(name, &scene->view, whole, FORMAT_TEXT);
	scene_close(scene);
}

START_TEST(page_of_a_dump_is_the_golden_one)
{
	const char *name = pages[_i].name;
	struct scene scene = pages[_i].scene;

	/* one dump, with and without the collector */
	scene_open(&scene, strcmp(name, "errnos_off") ? name : "errnos");
	check_page(name, &scene, pages[_i].whole);
}

static const char *const in_openmetrics[] = { "labels", "bytes", "one_series" };

START_TEST(page_of_a_dump_in_openmetrics_is_the_golden_one)
{
	const char *name = in_openmetrics[_i];
	struct scene scene;
	size_t at = 0;

	while (strcmp(pages[at].name, name) != 0)
		at++;
	scene = pages[at].scene;
	scene_open(&scene, name);
	check_format(name, &scene.view, pages[at].whole, FORMAT_OPENMETRICS);
	scene_close(&scene);
}

START_TEST(page_before_attaching_shows_the_exporter_itself)
{
	struct scene scene = { "read", 1 * S, 1 * S, 1, true, .source = NULL };

	scene_open(&scene, NULL);
	check_page("not_attached", &scene, true);
}

START_TEST(page_after_a_failed_reload_shows_when_the_last_one_worked)
{
	struct scene scene = { "read", 1 * S, 1 * S, 1, true, .source = NULL };

	scene_open(&scene, NULL);
	scene.view.reload = (struct reload_result){ false, 1600000000 * S };
	check_page("failed_reload", &scene, true);
}

START_TEST(page_of_a_failed_read_has_no_counters)
{
	const struct fake_row rows[] = { { "sh", "read", fake_call(1) } };
	struct scene scene = { "read", 1 * S, 1 * S, 1, true, .source = NULL };
	struct fake_source fake;

	fake_source_init(&fake, rows, COUNT(rows));
	fake.failure = -EIO;
	fake.failure_at = 1;
	scene_open_source(&scene, &fake.source);
	check_format("failed_read", &scene.view, true, (enum format)_i);
	scene_close(&scene);
}

/* What the kernel says of programs and maps: times and runs only while it keeps statistics. */
START_TEST(page_shows_the_exporters_own_programs_and_maps)
{
	struct scene scene = { "read", 1 * S, 1 * S, 1, true, .source = NULL };
	struct fake_source fake;
	struct source_info *info = &fake.source.info;

	fake_source_init(&fake, NULL, 0);
	info->maps[0] = (struct source_map){ "keys", 208944 };
	info->maps[1] = (struct source_map){ "rows", UINT64_MAX };
	info->maps_n = 2;
	fake.status = (struct source_status){
		.programs = { { "process_exit", 0, 0, 0 },
			      { "sys_enter", 7, 1234567890, 1000 },
			      { "sys_exit", UINT64_MAX, UINT64_MAX, UINT64_MAX } },
		.programs_n = 3,
		.bpf_stats = _i,
	};
	scene_open_source(&scene, &fake.source);
	check_page(_i ? "bpf_stats" : "bpf", &scene, true);
}

START_TEST(page_shows_the_exporters_own_process)
{
	struct scene scene = { "read", 1 * S, 1 * S, 1, true, .source = NULL };

	scene_open(&scene, NULL);
	scene.facts.collect_process = true;
	scene.view.snapshot->failures[READING_PROCESS] = 3;
	scene.view.snapshot->failures[READING_SOURCE] = UINT64_MAX;
	scene.view.snapshot->process = (struct process_status){
		.has_stat = true,
		.has_start = true,
		.has_limits = true,
		.has_fds = true,
		.cpu_ns = 1230000000,
		.virtual_bytes = 9007199254740993,
		.resident_bytes = 8192,
		.start_wall_ns = 1699999999500000000,
		.max_fds = 1024,
		.virtual_max_bytes = UINT64_MAX,
		.open_fds = 17,
	};
	check_format("process", &scene.view, true, (enum format)_i);
	scene_close(&scene);
}

START_TEST(families_are_sorted_by_name)
{
	for (size_t i = 1; i < families_n; i++)
		ck_assert_str_lt(families[i - 1].name, families[i].name);
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && !strcmp(text + n - m, end);
}

START_TEST(families_keep_the_conventions_of_names)
{
	for (size_t i = 0; i < families_n; i++) {
		const struct family *family = &families[i];
		const bool is_counter = family->type == TYPE_COUNTER;

		ck_assert_uint_eq(strspn(family->name, "abcdefghijklmnopqrstuvwxyz_"),
				  strlen(family->name));
		ck_assert_msg(ends_with(family->name, "_total") == is_counter, "%s", family->name);
		ck_assert_msg(ends_with(family->name, "_info") == (family->type == TYPE_INFO), "%s",
			      family->name);
		ck_assert_msg(ends_with(family->help, "."), "%s", family->name);
		ck_assert_msg(!strpbrk(family->help, "\\\n"), "%s", family->name);
	}
}

START_TEST(markdown_has_a_row_for_each_family)
{
	char *text = capture_print(families_markdown), *state = NULL;
	char *line = strtok_r(text, "\n", &state);

	ck_assert_str_eq(line, "| metric | type | labels | meaning |");
	ck_assert_str_eq(strtok_r(NULL, "\n", &state), "|---|---|---|---|");
	for (size_t i = 0; i < families_n; i++) {
		struct buf row = { 0 };

		buf_add_fmt(&row, "| `%s` | %s | %s | %s |", families[i].name,
			    family_type_names[families[i].type], families[i].labels,
			    families[i].help);
		buf_add(&row, "", 1);
		ck_assert_str_eq(strtok_r(NULL, "\n", &state), row.data);
		buf_free(&row);
	}
	ck_assert_ptr_null(strtok_r(NULL, "\n", &state));
	free(text);
}

Suite *families_suite(void)
{
	const struct test tests[] = {
		{ page_of_a_dump_is_the_golden_one, COUNT(pages) },
		{ page_of_a_dump_in_openmetrics_is_the_golden_one, COUNT(in_openmetrics) },
		{ page_before_attaching_shows_the_exporter_itself, 0 },
		{ page_after_a_failed_reload_shows_when_the_last_one_worked, 0 },
		{ page_of_a_failed_read_has_no_counters, FORMAT_OPENMETRICS + 1 },
		{ page_shows_the_exporters_own_programs_and_maps, 2 },
		{ page_shows_the_exporters_own_process, FORMAT_OPENMETRICS + 1 },
		{ families_are_sorted_by_name, 0 },
		{ families_keep_the_conventions_of_names, 0 },
		{ markdown_has_a_row_for_each_family, 0 },
	};

	return suite_make("families", tests, COUNT(tests));
}
