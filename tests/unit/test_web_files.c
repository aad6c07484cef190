/* SPDX-License-Identifier: Apache-2.0 */
/* How the files of the web configuration are opened, and whether they changed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suites.h"
#include "temp.h"
#include "web_folder.h"

static char *path_of(const char *name)
{
	static char path[4][128];
	static size_t at;

	at = (at + 1) % COUNT(path);
	web_folder_path(name, path[at]);
	return path[at];
}

static void check_read(struct web_files *files, const char *path, const char *expected)
{
	char *text = NULL;
	size_t n;

	ck_assert_int_eq(web_files_read(files, path, &text, &n), 0);
	ck_assert_str_eq(text, expected);
	ck_assert_uint_eq(n, strlen(expected));
	web_text_free(text);
}

START_TEST(files_of_the_last_load_are_watched)
{
	struct web_files files = { .n = 0 };
	const size_t before = temp_count_fds();

	web_folder_open("x");
	check_read(&files, path_of("cert.pem"), WEB_CERT);
	check_read(&files, path_of("key.pem"), WEB_KEY);
	ck_assert(!web_files_changed(&files));
	web_folder_write("ca.pem", "other", 5); /* not one of them */
	ck_assert(!web_files_changed(&files));
	web_folder_write("key.pem", "other", 5);
	ck_assert(web_files_changed(&files));
	ck_assert(web_files_changed(&files)); /* until it is read */
	check_read(&files, path_of("key.pem"), "other");
	ck_assert(!web_files_changed(&files));
	web_files_begin(&files);
	check_read(&files, path_of("cert.pem"), WEB_CERT);
	web_folder_write("key.pem", "again", 5);
	ck_assert(!web_files_changed(&files)); /* not used any more */
	web_files_free(&files);
	ck_assert_uint_eq(temp_count_fds(), before);
	web_folder_close();
}

START_TEST(file_that_goes_comes_or_is_replaced_has_changed)
{
	struct web_files files = { .n = 0 };
	char *text = NULL;
	size_t n;

	web_folder_open("x");
	check_read(&files, path_of("cert.pem"), WEB_CERT);
	web_folder_write("ca.pem", WEB_CERT, strlen(WEB_CERT)); /* the same text, another file */
	ck_assert_int_eq(rename(path_of("ca.pem"), path_of("cert.pem")), 0);
	ck_assert(web_files_changed(&files));
	check_read(&files, path_of("cert.pem"), WEB_CERT);
	ck_assert(!web_files_changed(&files));
	ck_assert_int_eq(unlink(path_of("cert.pem")), 0);
	ck_assert(web_files_changed(&files));
	ck_assert_int_eq(web_files_read(&files, path_of("cert.pem"), &text, &n), -ENOENT);
	ck_assert_ptr_null(text);
	ck_assert(!web_files_changed(&files)); /* still gone */
	web_folder_write("cert.pem", "back", 4);
	ck_assert(web_files_changed(&files));
	web_files_free(&files);
	web_folder_close();
}

/* As the opener does it that was not told of them. */
static int open_none(void *calls, const char *path)
{
	(void)path;
	++*(size_t *)calls;
	return -EPERM;
}

START_TEST(path_that_the_opener_does_not_know_is_told)
{
	size_t calls = 0;
	struct web_files files = { .open = open_none, .arg = &calls };
	struct web_config config;
	char err[WEB_ERR_SIZE], expected[WEB_ERR_SIZE];
	static const char text[] = "tls_server_config: {cert_file: ca.pem, key_file: key.pem}";

	web_folder_open(WEB_TLS);
	ck_assert_int_eq(web_config_parse(text, sizeof(text) - 1, path_of("web.yml"), &files,
					  &config, err, sizeof(err)),
			 -EPERM);
	ck_assert_uint_eq(calls, 1);
	(void)snprintf(expected, sizeof(expected),
		       "%s/web.yml:1: read %s/ca.pem: Operation not permitted (not "
		       "known at the start: needs a restart)",
		       web_folder, web_folder);
	ck_assert_str_eq(err, expected);
	web_files_free(&files);
	web_folder_close();
}

START_TEST(paths_that_are_not_used_any_more_make_room)
{
	struct web_files files = { .n = 0 };
	char *text = NULL, name[16];
	size_t n;

	web_folder_open("x");
	for (size_t i = 0; i < 3 * (size_t)WEB_FILES_MAX; i++) {
		web_files_begin(&files);
		(void)snprintf(name, sizeof(name), "%zu", i);
		ck_assert_int_eq(web_files_read(&files, path_of(name), &text, &n), -ENOENT);
	}
	ck_assert_uint_le(files.n, WEB_FILES_MAX);
	for (size_t i = 1; i < WEB_FILES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "x%zu", i);
		ck_assert_int_eq(web_files_read(&files, path_of(name), &text, &n), -ENOENT);
	}
	ck_assert_int_eq(web_files_read(&files, path_of("more"), &text, &n), -EMFILE);
	web_files_free(&files);
	web_folder_close();
}

Suite *web_files_suite(void)
{
	const struct test tests[] = {
		{ files_of_the_last_load_are_watched, 0 },
		{ file_that_goes_comes_or_is_replaced_has_changed, 0 },
		{ path_that_the_opener_does_not_know_is_told, 0 },
		{ paths_that_are_not_used_any_more_make_room, 0 },
	};

	return suite_make("web_files", tests, COUNT(tests));
}
