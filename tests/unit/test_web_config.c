/* SPDX-License-Identifier: Apache-2.0 */
/* The file as a whole and the files it names; its sections: test_web_config_tls.c and
 * test_web_config_http.c. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "failing.h"
#include "suites.h"
#include "web_folder.h"

static const char *const good[] = {
	WEB_TLS,
	"---\n# TLS\n" WEB_TLS "...\n",
	"{tls_server_config: {key_file: 'key.pem', \"cert_file\": cert.pem}}",
	"tls_server_config: &a\n  key_file: key.pem\n  cert_file: cert.pem\n",
	"{tls_server_config: {key_file: key.pem, cert_file: cert.pem, key: , cert: '', client_ca: ~}}",
};

START_TEST(certificate_and_key_are_read_from_beside_the_configuration)
{
	struct web_config config;
	char err[WEB_ERR_SIZE];

	web_folder_open(good[_i]);
	ck_assert_int_eq(web_folder_load(&config, err), 0);
	ck_assert(config.tls.on);
	ck_assert_str_eq(config.tls.cert.text, WEB_CERT);
	ck_assert_str_eq(config.tls.key.text, WEB_KEY);
	ck_assert_ptr_null(config.tls.client_ca.text);
	web_config_free(&config);
	ck_assert_ptr_null(config.tls.cert.text);
	ck_assert_ptr_null(config.tls.key.text);
	web_folder_close();
}

START_TEST(path_from_the_root_is_taken_as_it_is)
{
	char yaml[512], err[WEB_ERR_SIZE];
	struct web_config config;

	web_folder_open("");
	(void)snprintf(
		yaml, sizeof(yaml),
		"tls_server_config:\n  cert_file: %s/cert.pem\n  key_file: %s/../%s/key.pem\n",
		web_folder, web_folder, strrchr(web_folder, '/') + 1);
	web_folder_write("web.yml", yaml, strlen(yaml));
	ck_assert_int_eq(web_folder_load(&config, err), 0);
	ck_assert_str_eq(config.tls.cert.text, WEB_CERT);
	ck_assert_str_eq(config.tls.key.text, WEB_KEY);
	web_config_free(&config);
	web_folder_close();
}

START_TEST(configuration_without_a_folder_is_of_the_working_folder)
{
	struct web_files files = { .n = 0 };
	struct web_config config;
	char err[WEB_ERR_SIZE];

	web_folder_open(WEB_TLS);
	ck_assert_int_eq(chdir(web_folder), 0);
	ck_assert_int_eq(web_config_load("web.yml", &files, &config, err, sizeof(err)), 0);
	ck_assert_str_eq(config.tls.cert.text, WEB_CERT);
	web_config_free(&config);
	web_files_free(&files);
	web_folder_close();
}

static const char *const nothing[] = {
	"",
	"# nothing\n",
	"{}\n",
	"~\n",
	"http_server_config:\nbasic_auth_users:\nrate_limit:\n",
	"{http_server_config: {}, basic_auth_users: {}, rate_limit: {}}\n",
};

START_TEST(empty_configuration_is_no_tls_and_no_users)
{
	struct web_config config;
	char err[WEB_ERR_SIZE];

	web_folder_open(nothing[_i]);
	ck_assert_int_eq(web_folder_load(&config, err), 0);
	ck_assert(!config.tls.on);
	ck_assert_ptr_null(config.tls.cert.text);
	ck_assert_uint_eq(config.users_n, 0);
	ck_assert_uint_eq(config.headers_n, 0);
	ck_assert_uint_eq(config.rate_interval_ns, 0);
	ck_assert_uint_eq(config.http2_line, 0);
	web_config_free(&config);
	web_folder_close();
}

static const struct {
	const char *yaml, *words;
} mistakes[] = {
	{ "tls_server_configs:\n", "web.yml:1: the file: unknown key 'tls_server_configs'" },
	{ WEB_TLS "runtime:\n  x: y\n", "web.yml:4: the file: unknown key 'runtime'" },
	{ "? [a]\n: b\n", "web.yml:1: the file: unknown key '?'" },
	{ "\"rate_limit\\0x\": {}\n", "web.yml:1: the file: unknown key '?'" },
	{ WEB_TLS WEB_TLS, "web.yml:4: the file: 'tls_server_config' is given twice" },
	{ "rate_limit: {}\n\nrate_limit:\n", "web.yml:3: the file: 'rate_limit' is given twice" },
	{ "- tls_server_config\n", "web.yml:1: the file is no mapping" },
	{ "just text\n", "web.yml:1: the file is no mapping" },
	{ "tls_server_config: {\n", "web.yml:2: did not find expected node content" },
	{ "a: b: c\n", "web.yml:1: mapping values are not allowed in this context" },
	{ "\tx: y\n", "web.yml:1: found character that cannot start any token" },
	{ "tls_server_config: *b\n", "web.yml:1: found undefined alias" },
	{ "tls_server_config: \xff\n", "web.yml:1: invalid leading UTF-8 octet" },
	/* what follows would be configured and silently absent */
	{ WEB_TLS "---\nbasic_auth_users:\n  me: x\n", "web.yml:4: more than one document" },
	{ "---\n---\n" WEB_TLS, "web.yml:2: more than one document" },
};

START_TEST(mistake_is_told_with_its_line)
{
	web_folder_check_mistake(mistakes[_i].yaml, mistakes[_i].words);
}

static const struct {
	const char *yaml, *words;
	int r;
} missing[] = {
	{ "tls_server_config:\n  cert_file: none.pem\n  key_file: key.pem\n",
	  "web.yml:2: read FOLDER/none.pem: No such file or directory", -ENOENT },
	{ "tls_server_config:\n  cert_file: cert.pem\n  key_file: none.pem\n",
	  "web.yml:3: read FOLDER/none.pem: No such file or directory", -ENOENT },
	{ WEB_TLS "  client_auth_type: RequireAndVerifyClientCert\n\n  client_ca_file: none.pem\n",
	  "web.yml:6: read FOLDER/none.pem: No such file or directory", -ENOENT },
	{ "tls_server_config:\n  cert_file: .\n  key_file: key.pem\n",
	  "web.yml:2: read FOLDER/.: Is a directory", -EISDIR },
};

START_TEST(file_that_cannot_be_read_is_told)
{
	char err[WEB_ERR_SIZE], expected[WEB_ERR_SIZE];
	const char *name = strstr(missing[_i].words, "FOLDER");
	struct web_config config;
	int r;

	web_folder_open(missing[_i].yaml);
	(void)snprintf(expected, sizeof(expected), "--web.config.file: %s/%.*s%s%s", web_folder,
		       (int)(name - missing[_i].words), missing[_i].words, web_folder,
		       name + strlen("FOLDER"));
	r = web_folder_load(&config, err);
	web_folder_close();
	ck_assert_str_eq(err, expected);
	ck_assert_int_eq(r, missing[_i].r);
}

START_TEST(configuration_that_is_missing_is_told)
{
	struct web_files files = { .n = 0 };
	struct web_config config;
	char err[WEB_ERR_SIZE];

	ck_assert_int_eq(web_config_load("/nonexistent/web.yml", &files, &config, err, sizeof(err)),
			 -ENOENT);
	ck_assert_str_eq(err,
			 "--web.config.file: read /nonexistent/web.yml: No such file or directory");
	ck_assert_ptr_null(config.tls.cert.text);
	web_files_free(&files);
}

START_TEST(file_larger_than_any_certificate_is_refused)
{
	char *large = malloc(WEB_FILE_SIZE_MAX + 1);
	char err[WEB_ERR_SIZE], expected[WEB_ERR_SIZE];
	struct web_config config;
	int r;

	web_folder_open(WEB_TLS);
	ck_assert_ptr_nonnull(large);
	memset(large, 'x', WEB_FILE_SIZE_MAX + 1);
	web_folder_write("cert.pem", large, WEB_FILE_SIZE_MAX + 1 - (size_t)_i);
	free(large);
	(void)snprintf(expected, sizeof(expected),
		       "--web.config.file: %s/web.yml:2: read %s/cert.pem: %s", web_folder,
		       web_folder, "File too large");
	r = web_folder_load(&config, err);
	web_folder_close();
	ck_assert_int_eq(r, _i ? 0 : -EFBIG); /* by one byte */
	ck_assert(_i || !strcmp(err, expected));
	web_config_free(&config);
}

#define HASH "$2y$04$RJYiyVUsOk4lwYTCZk63Zu8aCQLHCXXlOdRvOmCbP8IRi.PQWTNpO"

START_TEST(lack_of_memory_is_told_and_leaks_nothing)
{
	static const char yaml[] = WEB_TLS "  client_auth_type: RequireAndVerifyClientCert\n"
					   "  client_ca_file: ca.pem\n"
					   "  client_allowed_sans: [a, b]\n"
					   "http_server_config: {headers: {X-XSS-Protection: 1}}\n"
					   "basic_auth_users: {a: " HASH ", b: " HASH "}\n";
	struct web_config config;
	char err[WEB_ERR_SIZE], expected[WEB_ERR_SIZE], read_failed[WEB_ERR_SIZE];
	size_t n = 1;

	web_folder_open(yaml);
	(void)snprintf(expected, sizeof(expected), "--web.config.file: %s/web.yml: out of memory",
		       web_folder);
	(void)snprintf(read_failed, sizeof(read_failed),
		       "--web.config.file: read %s/web.yml: Cannot allocate memory", web_folder);
	for (;; n++) {
		int r;

		failing_arm(n);
		r = web_folder_load(&config, err);
		if (!failing_disarm())
			break;
		ck_assert_int_eq(r, -ENOMEM);
		ck_assert_msg(!strcmp(err, expected) || !strcmp(err, read_failed), "%zu: %s", n,
			      err);
	}
	web_folder_close();
	ck_assert_str_eq(config.tls.client_ca.text, WEB_CA);
	ck_assert_uint_eq(config.users_n, 2);
	ck_assert_uint_gt(n, 15);
	web_config_free(&config);
}

Suite *web_config_suite(void)
{
	const struct test tests[] = {
		{ certificate_and_key_are_read_from_beside_the_configuration, COUNT(good) },
		{ path_from_the_root_is_taken_as_it_is, 0 },
		{ configuration_without_a_folder_is_of_the_working_folder, 0 },
		{ empty_configuration_is_no_tls_and_no_users, COUNT(nothing) },
		{ mistake_is_told_with_its_line, COUNT(mistakes) },
		{ file_that_cannot_be_read_is_told, COUNT(missing) },
		{ configuration_that_is_missing_is_told, 0 },
		{ file_larger_than_any_certificate_is_refused, 2 },
		{ lack_of_memory_is_told_and_leaks_nothing, 0 },
	};

	return suite_make("web_config", tests, COUNT(tests));
}
