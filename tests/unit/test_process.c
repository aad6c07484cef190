/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "failing.h"
#include "proc_folder.h"
#include "suites.h"
#include "temp.h"

static struct proc_folder folder;

/* What a status says, part by part: "stat CPU VIRTUAL RESIDENT-PAGES start START limits FILES SPACE
 * fds N ", without those that it does not have. */
static void describe(const struct process_status *is, char ret[256])
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	char *at = ret;

	*at = '\0';
	if (is->has_stat)
		at += sprintf(at, "stat %" PRIu64 " %" PRIu64 " %" PRIu64 " ", is->cpu_ns,
			      is->virtual_bytes, is->resident_bytes / page);
	if (is->has_start)
		at += sprintf(at, "start %" PRIu64 " ", is->start_wall_ns);
	if (is->has_limits)
		at += sprintf(at, "limits %" PRIu64 " %" PRIu64 " ", is->max_fds,
			      is->virtual_max_bytes);
	if (is->has_fds)
		(void)sprintf(at, "fds %" PRIu64 " ", is->open_fds);
}

static void check_read(const struct process *process, int r, const char *expected)
{
	struct process_status status;
	char text[256];

	memset(&status, 0xff, sizeof(status)); /* nothing of the last one may stay */
	ck_assert_int_eq(process_read(process, &status), r);
	describe(&status, text);
	ck_assert_str_eq(text, expected);
}

/* 0.25 s + 0.5 s; 1700000000 s + 33.5 s */
#define STAT "stat 750000000 4294967296 1000 "
#define START "start 1700000033500000000 "
#define LIMITS "limits 1024 18446744073709551615 "
#define FDS "fds 3 "

START_TEST(all_parts_are_read_and_each_time_anew)
{
	struct process process;

	proc_folder_make(&folder);
	ck_assert_int_eq(process_open(folder.path, &process), 0);
	for (int i = 0; i < 3; i++)
		check_read(&process, 0, STAT START LIMITS FDS);
	proc_folder_write(&folder, "self/stat", PROC_STAT(") (", "100", "0", "3350", "1", "2"));
	proc_folder_write(&folder, "self/limits", PROC_LIMITS("unlimited", "4096"));
	proc_folder_write(&folder, "self/fd/7", "");
	check_read(&process, 0,
		   "stat 1000000000 1 2 " START "limits 18446744073709551615 4096 fds 4 ");
	process_close(&process);
	proc_folder_remove(&folder);
}

static const struct {
	const char *file, *text;
	int r;
	const char *rest;
} damages[] = {
	{ "self/stat", "", -EINVAL, LIMITS FDS },
	{ "self/stat", "4242 (x) S 1\n", -EINVAL, LIMITS FDS },
	{ "self/limits", "", -EINVAL, STAT START FDS },
	{ "self/limits", "Max open files 7 8 files\n", -EINVAL, STAT START FDS },
	/* numbers of 64 bits that do not fit any more as nanoseconds or bytes */
	{ "self/stat", PROC_STAT("x", "18446744073709551615", "0", "0", "0", "0"), -EOVERFLOW,
	  LIMITS FDS },
	{ "self/stat", PROC_STAT("x", "0", "18446744073709551615", "0", "0", "0"), -EOVERFLOW,
	  LIMITS FDS },
	{ "self/stat", PROC_STAT("x", "1844674407370", "1844674407370", "0", "0", "0"), -EOVERFLOW,
	  LIMITS FDS },
	{ "self/stat", PROC_STAT("x", "0", "0", "18446744073709551615", "0", "0"), -EOVERFLOW,
	  LIMITS FDS },
	{ "self/stat", PROC_STAT("x", "0", "0", "1844674407370", "0", "0"), -EOVERFLOW,
	  LIMITS FDS },
	{ "self/stat", PROC_STAT("x", "0", "0", "0", "0", "18446744073709551615"), -EOVERFLOW,
	  LIMITS FDS },
};

START_TEST(part_that_cannot_be_read_is_missing_and_its_error_told)
{
	struct process process;

	proc_folder_make(&folder);
	ck_assert_int_eq(process_open(folder.path, &process), 0);
	proc_folder_write(&folder, damages[_i].file, damages[_i].text);
	check_read(&process, damages[_i].r, damages[_i].rest);
	process_close(&process);
	proc_folder_remove(&folder);
}

START_TEST(largest_numbers_that_fit_are_exact)
{
	struct process process;

	proc_folder_make(&folder);
	ck_assert_int_eq(process_open(folder.path, &process), 0);
	proc_folder_write(&folder, "self/stat",
			  PROC_STAT("x", "1844674407369", "1", "1674674407370",
				    "18446744073709551615", "4503599627370495"));
	process.page_bytes = 4096;
	process.tick_ns = 10000000;
	ck_assert_uint_eq((uint64_t)sysconf(_SC_PAGESIZE), 4096);
	check_read(&process, 0,
		   "stat 18446744073700000000 18446744073709551615 4503599627370495 "
		   "start 18446744073700000000 " LIMITS FDS);
	process_close(&process);
	proc_folder_remove(&folder);
}

/* By removing what is opened; errors are told by the first part. */
static const struct {
	const char *removed;
	int open, read;
	const char *rest;
} lacks[] = {
	{ "stat", -ENOENT, -ENODATA, STAT LIMITS FDS },
	{ "self/stat", -ENOENT, -EBADF, LIMITS FDS },
	{ "self/limits", -ENOENT, -EBADF, STAT START FDS },
	{ "self/fd", -ENOENT, -EBADF, STAT START LIMITS },
	{ "self", -ENOENT, -EBADF, "" },
};

START_TEST(what_cannot_be_opened_is_done_without)
{
	char from[128], to[128];
	struct process process;

	proc_folder_make(&folder);
	(void)snprintf(from, sizeof(from), "%s/%s", folder.path, lacks[_i].removed);
	(void)snprintf(to, sizeof(to), "%s/gone", folder.path);
	ck_assert_int_eq(rename(from, to), 0);
	ck_assert_int_eq(process_open(folder.path, &process), lacks[_i].open);
	check_read(&process, lacks[_i].read, lacks[_i].rest);
	process_close(&process);
	proc_folder_remove(&folder);
}

START_TEST(start_of_the_machine_that_is_not_told_is_not_made_up)
{
	struct process process;

	proc_folder_make(&folder);
	proc_folder_write(&folder, "stat", "cpu 1 2\nbtime 0\n");
	ck_assert_int_eq(process_open(folder.path, &process), -EINVAL);
	check_read(&process, -ENODATA, STAT LIMITS FDS);
	process_close(&process);
	proc_folder_remove(&folder);
}

/* Of this process, whose numbers others tell too; and more descriptors than one look at the folder
 * brings. */
START_TEST(own_descriptors_and_limits_are_the_kernels)
{
	struct process_status status;
	struct process process;
	struct rlimit files, space;
	int fds[600];

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &files), 0);
	ck_assert_int_eq(getrlimit(RLIMIT_AS, &space), 0);
	ck_assert_int_eq(process_open("/proc", &process), 0);
	ck_assert_int_eq(process_read(&process, &status), 0);
	/* temp_count_fds() sees "." and "..", and has one open itself */
	ck_assert_uint_eq(status.open_fds, temp_count_fds() - 3);
	ck_assert_uint_eq(status.max_fds, files.rlim_cur);
	ck_assert_uint_eq(status.virtual_max_bytes, space.rlim_cur);
	for (size_t n = 0; n < COUNT(fds); n++) {
		const uint64_t before = status.open_fds;

		fds[n] = dup(STDERR_FILENO);
		ck_assert_int_ge(fds[n], 0);
		ck_assert_int_eq(process_read(&process, &status), 0);
		ck_assert_uint_eq(status.open_fds, before + 1);
	}
	for (size_t n = 0; n < COUNT(fds); n++)
		(void)close(fds[n]);
	process_close(&process);
}

START_TEST(reads_allocate_nothing_and_open_nothing)
{
	struct process_status status;
	struct process process;
	size_t before;

	ck_assert_int_eq(process_open("/proc", &process), 0);
	before = temp_count_fds();
	failing_arm(1);
	for (int i = 0; i < 3; i++)
		(void)process_read(&process, &status);
	ck_assert(!failing_disarm());
	ck_assert_uint_eq(temp_count_fds(), before);
	process_close(&process);
	ck_assert_uint_eq(temp_count_fds(), before - 3);
	process_close(NULL);
}

Suite *process_suite(void)
{
	const struct test tests[] = {
		{ all_parts_are_read_and_each_time_anew, 0 },
		{ part_that_cannot_be_read_is_missing_and_its_error_told, COUNT(damages) },
		{ largest_numbers_that_fit_are_exact, 0 },
		{ what_cannot_be_opened_is_done_without, COUNT(lacks) },
		{ start_of_the_machine_that_is_not_told_is_not_made_up, 0 },
		{ own_descriptors_and_limits_are_the_kernels, 0 },
		{ reads_allocate_nothing_and_open_nothing, 0 },
	};

	return suite_make("process", tests, COUNT(tests));
}
