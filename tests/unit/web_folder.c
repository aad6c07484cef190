/* SPDX-License-Identifier: Apache-2.0 */
#include "web_folder.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suites.h"

char web_folder[64];

void web_folder_path(const char *name, char ret[128])
{
	(void)snprintf(ret, 128, "%s/%s", web_folder, name);
}

void web_folder_write(const char *name, const char *text, size_t n)
{
	char path[128];
	FILE *file;

	web_folder_path(name, path);
	file = fopen(path, "we");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, n, file), n);
	ck_assert_int_eq(fclose(file), 0);
}

void web_folder_open(const char *yaml)
{
	(void)snprintf(web_folder, sizeof(web_folder), "/tmp/ior-unit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(web_folder));
	web_folder_write("web.yml", yaml, strlen(yaml));
	web_folder_write("cert.pem", WEB_CERT, strlen(WEB_CERT));
	web_folder_write("key.pem", WEB_KEY, strlen(WEB_KEY));
	web_folder_write("ca.pem", WEB_CA, strlen(WEB_CA));
}

void web_folder_close(void)
{
	static const char *const names[] = { "web.yml", "cert.pem", "key.pem", "ca.pem" };

	for (size_t i = 0; i < COUNT(names); i++) {
		char path[128];

		web_folder_path(names[i], path);
		(void)unlink(path);
	}
	(void)rmdir(web_folder);
}

int web_folder_load(struct web_config *ret, char err[WEB_ERR_SIZE])
{
	struct web_files files = { .n = 0 };
	char path[128];
	int r;

	web_folder_path("web.yml", path);
	err[0] = '\0';
	r = web_config_load(path, &files, ret, err, WEB_ERR_SIZE);
	web_files_free(&files);
	return r;
}

void web_folder_check_mistake(const char *yaml, const char *words)
{
	static const struct web_config none;
	char err[WEB_ERR_SIZE], expected[WEB_ERR_SIZE];
	struct web_config config;
	int r;

	web_folder_open(yaml);
	(void)snprintf(expected, sizeof(expected), "--web.config.file: %s/%s", web_folder, words);
	r = web_folder_load(&config, err);
	web_folder_close();
	ck_assert_str_eq(err, expected);
	ck_assert_int_eq(r, -EINVAL);
	ck_assert_mem_eq(&config, &none, sizeof(none)); /* nothing to free */
}
