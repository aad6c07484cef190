/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "failing.h"
#include "suites.h"
#include "web_config.h"

#define ERR_SIZE 512
#define CERT "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
#define KEY "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"
#define TLS "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n"

static char folder[64];

static void path_of(const char *name, char ret[128])
{
	(void)snprintf(ret, 128, "%s/%s", folder, name);
}

static void write_file(const char *name, const char *text, size_t n)
{
	char path[128];
	FILE *file;

	path_of(name, path);
	file = fopen(path, "we");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, n, file), n);
	ck_assert_int_eq(fclose(file), 0);
}

/* A folder with a configuration, a certificate and a key; runs are in processes of their own. */
static void setup(const char *yaml)
{
	(void)snprintf(folder, sizeof(folder), "/tmp/ior-unit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	write_file("web.yml", yaml, strlen(yaml));
	write_file("cert.pem", CERT, strlen(CERT));
	write_file("key.pem", KEY, strlen(KEY));
}

static void teardown(void)
{
	static const char *const names[] = { "web.yml", "cert.pem", "key.pem" };

	for (size_t i = 0; i < COUNT(names); i++) {
		char path[128];

		path_of(names[i], path);
		(void)unlink(path);
	}
	(void)rmdir(folder);
}

static int load(struct web_config *ret, char *err)
{
	char path[128];

	path_of("web.yml", path);
	err[0] = '\0';
	return web_config_load(path, ret, err, ERR_SIZE);
}

static const char *const good[] = {
	TLS,
	"---\n# TLS\n" TLS "...\n",
	"{tls_server_config: {key_file: 'key.pem', \"cert_file\": cert.pem}}",
	"tls_server_config: &a\n  key_file: key.pem\n  cert_file: cert.pem\n",
};

START_TEST(certificate_and_key_are_read_from_beside_the_configuration)
{
	struct web_config config;
	char err[ERR_SIZE];

	setup(good[_i]);
	ck_assert_int_eq(load(&config, err), 0);
	ck_assert_str_eq(config.cert, CERT);
	ck_assert_str_eq(config.key, KEY);
	web_config_free(&config);
	ck_assert_ptr_null(config.cert);
	ck_assert_ptr_null(config.key);
	teardown();
}

START_TEST(path_from_the_root_is_taken_as_it_is)
{
	char yaml[512], err[ERR_SIZE];
	struct web_config config;

	setup("");
	(void)snprintf(
		yaml, sizeof(yaml),
		"tls_server_config:\n  cert_file: %s/cert.pem\n  key_file: %s/../%s/key.pem\n",
		folder, folder, strrchr(folder, '/') + 1);
	write_file("web.yml", yaml, strlen(yaml));
	ck_assert_int_eq(load(&config, err), 0);
	ck_assert_str_eq(config.cert, CERT);
	ck_assert_str_eq(config.key, KEY);
	web_config_free(&config);
	teardown();
}

START_TEST(configuration_without_a_folder_is_of_the_working_folder)
{
	struct web_config config;
	char err[ERR_SIZE];

	setup(TLS);
	ck_assert_int_eq(chdir(folder), 0);
	ck_assert_int_eq(web_config_load("web.yml", &config, err, sizeof(err)), 0);
	ck_assert_str_eq(config.cert, CERT);
	web_config_free(&config);
	teardown();
}

static const char *const nothing[] = { "", "# nothing\n", "{}\n" };

START_TEST(empty_configuration_is_no_tls)
{
	struct web_config config;
	char err[ERR_SIZE];

	setup(nothing[_i]);
	ck_assert_int_eq(load(&config, err), 0);
	ck_assert_ptr_null(config.cert);
	ck_assert_ptr_null(config.key);
	teardown();
}

static const struct {
	const char *yaml;
	const char *err; /* behind "--web.config.file: FOLDER/" */
	int r;
} mistakes[] = {
	{ TLS "basic_auth_users:\n  me: x\n", "web.yml:4: not supported 'basic_auth_users'",
	  -EINVAL },
	{ "http_server_config:\n  http2: false\n", "web.yml:1: not supported 'http_server_config'",
	  -EINVAL },
	{ "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n"
	  "  client_auth_type: RequireAndVerifyClientCert\n",
	  "web.yml:4: not supported 'client_auth_type'", -EINVAL },
	{ "tls_server_config:\n  cert_file: cert.pem\n  KEY_FILE: key.pem\n",
	  "web.yml:3: not supported 'KEY_FILE'", -EINVAL },
	{ "? [a]\n: b\n", "web.yml:1: not supported '?'", -EINVAL },
	{ "tls_server_config:\n  ? {a: b}\n  : c\n", "web.yml:2: not supported '?'", -EINVAL },
	{ "tls_server_config:\n  cert_file: cert.pem\n",
	  "web.yml:2: tls_server_config needs cert_file and key_file", -EINVAL },
	{ "tls_server_config:\n  key_file: key.pem\n",
	  "web.yml:2: tls_server_config needs cert_file and key_file", -EINVAL },
	{ "tls_server_config: {}\n", "web.yml:1: tls_server_config needs cert_file and key_file",
	  -EINVAL },
	{ TLS "  cert_file: cert.pem\n", "web.yml:4: given twice: 'cert_file'", -EINVAL },
	{ TLS TLS, "web.yml:4: given twice: 'tls_server_config'", -EINVAL },
	{ "tls_server_config:\n", "web.yml:1: tls_server_config is no mapping", -EINVAL },
	{ "tls_server_config: yes\n", "web.yml:1: tls_server_config is no mapping", -EINVAL },
	{ "tls_server_config:\n- cert_file: cert.pem\n",
	  "web.yml:2: tls_server_config is no mapping", -EINVAL },
	{ "tls_server_config:\n  cert_file: [cert.pem]\n",
	  "web.yml:2: no file name for 'cert_file'", -EINVAL },
	{ "- tls_server_config\n", "web.yml:1: not a mapping", -EINVAL },
	{ "just text\n", "web.yml:1: not a mapping", -EINVAL },
	{ "---\n---\n" TLS, "web.yml:2: not a mapping", -EINVAL },
	{ "tls_server_config: {\n", "web.yml:2: did not find expected node content", -EINVAL },
	{ "a: b: c\n", "web.yml:1: mapping values are not allowed in this context", -EINVAL },
	{ "\tx: y\n", "web.yml:1: found character that cannot start any token", -EINVAL },
	{ "tls_server_config: *b\n", "web.yml:1: found undefined alias", -EINVAL },
	/* what follows would be configured and silently absent */
	{ TLS "---\nbasic_auth_users:\n  me: x\n", "web.yml:4: more than one document", -EINVAL },
};

START_TEST(mistake_is_told_with_its_line)
{
	char err[ERR_SIZE], expected[ERR_SIZE];
	struct web_config config;
	int r;

	setup(mistakes[_i].yaml);
	(void)snprintf(expected, sizeof(expected), "--web.config.file: %s/%s", folder,
		       mistakes[_i].err);
	r = load(&config, err);
	teardown();
	ck_assert_int_eq(r, mistakes[_i].r);
	ck_assert_str_eq(err, expected);
	ck_assert_ptr_null(config.cert);
	ck_assert_ptr_null(config.key);
}

static const struct {
	const char *name, *yaml;
} missing[] = {
	{ "none.pem", "tls_server_config:\n  cert_file: none.pem\n  key_file: key.pem\n" },
	{ "none.pem", "tls_server_config:\n  cert_file: cert.pem\n  key_file: none.pem\n" },
	{ "", "tls_server_config:\n  cert_file: ''\n  key_file: key.pem\n" },
};

START_TEST(file_that_cannot_be_read_is_told)
{
	char err[ERR_SIZE], expected[ERR_SIZE];
	const bool folder_itself = !missing[_i].name[0];
	struct web_config config;
	int r;

	setup(missing[_i].yaml);
	(void)snprintf(expected, sizeof(expected), "--web.config.file: read %s/%s: %s", folder,
		       missing[_i].name,
		       folder_itself ? "Input/output error" : "No such file or directory");
	r = load(&config, err);
	teardown();
	ck_assert_int_eq(r, folder_itself ? -EIO : -ENOENT);
	ck_assert_str_eq(err, expected);
}

START_TEST(configuration_that_is_missing_is_told)
{
	struct web_config config;
	char err[ERR_SIZE];

	ck_assert_int_eq(web_config_load("/nonexistent/web.yml", &config, err, sizeof(err)),
			 -ENOENT);
	ck_assert_str_eq(err,
			 "--web.config.file: read /nonexistent/web.yml: No such file or directory");
	ck_assert_ptr_null(config.cert);
}

START_TEST(file_larger_than_any_certificate_is_refused)
{
	const size_t most = 1 << 20;
	char *large = malloc(most + 1);
	char err[ERR_SIZE], expected[ERR_SIZE];
	struct web_config config;
	int r;

	setup(TLS);
	ck_assert_ptr_nonnull(large);
	memset(large, 'x', most + 1);
	write_file("cert.pem", large, most + 1 - (size_t)_i);
	free(large);
	(void)snprintf(expected, sizeof(expected), "--web.config.file: read %s/cert.pem: %s",
		       folder, "File too large");
	r = load(&config, err);
	teardown();
	ck_assert_int_eq(r, _i ? 0 : -EFBIG); /* by one byte */
	ck_assert(_i || !strcmp(err, expected));
	web_config_free(&config);
}

START_TEST(lack_of_memory_is_told_and_leaks_nothing)
{
	struct web_config config;
	char err[ERR_SIZE], expected[ERR_SIZE];
	size_t n = 1;

	setup(TLS);
	(void)snprintf(expected, sizeof(expected), "--web.config.file: %s/web.yml: out of memory",
		       folder);
	for (;; n++) {
		int r;

		failing_arm(n);
		r = load(&config, err);
		if (!failing_disarm())
			break;
		ck_assert_int_eq(r, -ENOMEM);
		ck_assert_str_eq(err, expected);
	}
	teardown();
	ck_assert_str_eq(config.key, KEY);
	ck_assert_uint_ne(n, 1);
	web_config_free(&config);
}

Suite *web_config_suite(void)
{
	const struct test tests[] = {
		{ certificate_and_key_are_read_from_beside_the_configuration, COUNT(good) },
		{ path_from_the_root_is_taken_as_it_is, 0 },
		{ configuration_without_a_folder_is_of_the_working_folder, 0 },
		{ empty_configuration_is_no_tls, COUNT(nothing) },
		{ mistake_is_told_with_its_line, COUNT(mistakes) },
		{ file_that_cannot_be_read_is_told, COUNT(missing) },
		{ configuration_that_is_missing_is_told, 0 },
		{ file_larger_than_any_certificate_is_refused, 2 },
		{ lack_of_memory_is_told_and_leaks_nothing, 0 },
	};

	return suite_make("web_config", tests, COUNT(tests));
}
