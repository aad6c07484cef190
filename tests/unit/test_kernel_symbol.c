/* SPDX-License-Identifier: Apache-2.0 */
/* Names looked for in files that stand for the kernel's. */
#include <stdlib.h>
#include <string.h>

#include "kernel_symbol.h"
#include "suites.h"
#include "temp.h"

#define NAME "trace_call_bpf_faultable"
#define LEN (sizeof(NAME) - 1)
#define BLOCK ((size_t)64 << 10) /* what is read at once */

static void check_found(const char *bytes, size_t n, bool found)
{
	char path[TEMP_PATH_SIZE];
	const char *const paths[] = { path, NULL };

	(void)temp_file(bytes, n, path);
	ck_assert_int_eq(symbol_in_first_of(paths, NAME), found);
}

#define TEXT(text) (text), sizeof(text) - 1

static const struct {
	const char *bytes;
	size_t n;
	bool found;
} files[] = {
	{ TEXT(""), false },
	{ TEXT("other\0names\0"), false },
	/* as BTF has it, at the start, in the middle and at the end */
	{ TEXT(NAME "\0other\0"), true },
	{ TEXT("one\0" NAME "\0other\0"), true },
	{ TEXT("one\0" NAME "\0"), true },
	/* as kallsyms has it: of the kernel, of a module */
	{ TEXT("0000 T one\n0000 T " NAME "\n0000 T other\n"), true },
	{ TEXT("0000 T one\n0000 t " NAME "\t[module]\n"), true },
	/* part of a longer name, or of one that is cut off */
	{ TEXT("0000 T " NAME "s\n"), false },
	{ TEXT(NAME "_new\0" NAME "2\0"), false },
	{ TEXT(NAME " \n"), false },
	{ TEXT(NAME), false },
	{ TEXT("trace_call_bpf_faultabl\0trace_call_bpf\0"), false },
	/* the second of two is the one */
	{ TEXT(NAME "x\0" NAME "\0"), true },
	{ TEXT(NAME NAME "\n"), true },
};

START_TEST(name_counts_when_it_ends_as_names_do)
{
	check_found(files[_i].bytes, files[_i].n, files[_i].found);
}

/* The name begins `at` bytes into a file of three blocks, and a byte follows. */
static void check_at(size_t at, char follows, bool found)
{
	const size_t size = 3 * BLOCK;
	char *bytes = malloc(size);

	ck_assert_ptr_nonnull(bytes);
	memset(bytes, 't', size); /* how the name begins */
	memcpy(bytes + at, NAME, LEN);
	bytes[at + LEN] = follows;
	check_found(bytes, size, found);
	free(bytes);
}

/* At each place that has a part of it, or of what follows, on the other side of an edge. What is
 * kept of a block moves the next edges, so both are tried. */
START_TEST(name_on_the_edge_of_what_is_read_at_once_is_found)
{
	const size_t edge = _i ? 2 * BLOCK - LEN : BLOCK;

	for (size_t at = edge - LEN - 2; at <= edge + 2; at++) {
		check_at(at, '\0', true);
		check_at(at, '\n', true);
		check_at(at, 's', false);
	}
}

START_TEST(name_at_both_ends_of_a_large_file_is_found)
{
	check_at(0, '\0', true);
	check_at(3 * BLOCK - LEN - 1, '\0', true);
	check_at(3 * BLOCK - LEN - 1, '\n', true);
	check_at(3 * BLOCK - LEN - 1, 's', false);
}

START_TEST(first_file_that_can_be_opened_decides)
{
	char with[TEMP_PATH_SIZE], without[TEMP_PATH_SIZE];
	const char *const lists[][4] = {
		{ with, without, NULL },
		{ without, with, NULL },
		{ "/nonexistent/x", with, without, NULL },
		{ "/nonexistent/x", without, with, NULL },
	};

	(void)temp_file(TEXT(NAME "\0"), with);
	(void)temp_file(TEXT("other\0"), without);
	ck_assert(symbol_in_first_of(lists[0], NAME));
	ck_assert(!symbol_in_first_of(lists[1], NAME));
	ck_assert(symbol_in_first_of(lists[2], NAME));
	ck_assert(!symbol_in_first_of(lists[3], NAME));
}

/* None is there, or the first is a folder, which opens and cannot be read. */
START_TEST(nobody_can_tell_counts_as_there)
{
	const char *const lists[][3] = {
		{ NULL },
		{ "/nonexistent/x", NULL },
		{ "/nonexistent/x", "/nonexistent/y", NULL },
		{ "/", NULL },
	};

	for (size_t i = 0; i < COUNT(lists); i++)
		ck_assert_msg(symbol_in_first_of(lists[i], NAME), "list %zu", i);
}

START_TEST(no_file_stays_open)
{
	const char *const lists[][2] = { { "/proc/self/exe", NULL }, { "/", NULL } };
	const size_t before = temp_count_fds();

	for (size_t i = 0; i < COUNT(lists); i++)
		(void)symbol_in_first_of(lists[i], NAME);
	ck_assert_uint_eq(temp_count_fds(), before);
}

START_TEST(running_kernel_has_what_all_have)
{
	ck_assert(kernel_has_symbol("task_struct") || kernel_has_symbol("do_exit"));
}

Suite *kernel_symbol_suite(void)
{
	const struct test tests[] = {
		{ name_counts_when_it_ends_as_names_do, COUNT(files) },
		{ name_on_the_edge_of_what_is_read_at_once_is_found, 2 },
		{ name_at_both_ends_of_a_large_file_is_found, 0 },
		{ first_file_that_can_be_opened_decides, 0 },
		{ nobody_can_tell_counts_as_there, 0 },
		{ no_file_stays_open, 0 },
		{ running_kernel_has_what_all_have, 0 },
	};

	return suite_make("kernel_symbol", tests, COUNT(tests));
}
