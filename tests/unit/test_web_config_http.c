/* SPDX-License-Identifier: Apache-2.0 */
/* The sections http_server_config, basic_auth_users and rate_limit. */
#include <stdio.h>
#include <string.h>

#include "auth_bcrypt.h"
#include "suites.h"
#include "web_folder.h"

#define DIGITS "RJYiyVUsOk4lwYTCZk63Zu8aCQLHCXXlOdRvOmCbP8IRi.PQWTNpO"
#define HTTP "http_server_config:\n"
#define HEADERS HTTP "  headers:\n"
#define USERS "basic_auth_users:\n"
#define NO_HASH "is no bcrypt hash ($2a$, $2b$ or $2y$, as htpasswd -nB makes)"

static const struct {
	const char *yaml, *words; /* behind "web.yml:" */
} mistakes[] = {
	{ "http_server_config: [a]\n", "1: http_server_config is no mapping" },
	{ HTTP "  http3: true\n", "2: http_server_config: unknown key 'http3'" },
	{ HTTP "  http2: maybe\n", "2: http2 is neither true nor false" },
	{ HTTP "  http2: 'false'\n", "2: http2 is neither true nor false" },
	{ HTTP "  headers: deny\n", "2: headers is no mapping" },
	{ HEADERS "    Content-Type: foo\n", "3: headers: 'Content-Type' cannot be set" },
	{ HEADERS "    x-frame-options: deny\n", "3: headers: 'x-frame-options' cannot be set" },
	{ HEADERS "    X-Frame-Options: foo\n",
	  "3: X-Frame-Options: 'foo' is not deny or sameorigin" },
	{ HEADERS "    X-Frame-Options:\n", "3: X-Frame-Options: '' is not deny or sameorigin" },
	{ HEADERS "    X-XSS-Protection: 1\n    X-Content-Type-Options: sniff\n",
	  "4: X-Content-Type-Options: 'sniff' is not nosniff" },
	{ HEADERS "    X-XSS-Protection: [1]\n", "3: X-XSS-Protection is no text of one line" },
	{ HEADERS "    Content-Security-Policy: \"a\\r\\nSet-Cookie: b\"\n",
	  "3: Content-Security-Policy is no text of one line" },
	{ HEADERS "    X-XSS-Protection: 1\n    X-XSS-Protection: 0\n",
	  "4: headers: 'X-XSS-Protection' is given twice" },
	{ USERS "  - a\n", "2: basic_auth_users is no mapping" },
	{ USERS "  john: doe\n", "2: basic_auth_users: that of 'john' " NO_HASH },
	{ USERS "  a: $2y$10$" DIGITS "\n  b: $2y$03$" DIGITS "\n",
	  "3: basic_auth_users: that of 'b' " NO_HASH },
	{ USERS "  a:\n", "2: basic_auth_users: that of 'a' " NO_HASH },
	{ USERS "  a: {b: c}\n", "2: basic_auth_users: that of 'a' " NO_HASH },
	{ USERS "  a: \"$2y$10$" DIGITS "\\0\"\n", "2: a has a NUL" },
	{ USERS "  a:b: $2y$10$" DIGITS "\n",
	  "2: basic_auth_users: a user's name with a colon cannot be sent" },
	{ USERS "  a: $2y$10$" DIGITS "\n  a: $2y$10$" DIGITS "\n",
	  "3: basic_auth_users: 'a' is given twice" },
	{ "rate_limit: 1\n", "1: rate_limit is no mapping" },
	{ "rate_limit:\n  rate: 1\n", "2: rate_limit: unknown key 'rate'" },
	{ "rate_limit:\n  interval: 1\n  burst: 1\n",
	  "2: interval is no duration (write 100ms, 10s or 1h30m; 24h at most)" },
	{ "rate_limit:\n  interval: -1s\n  burst: 1\n",
	  "2: interval is no duration (write 100ms, 10s or 1h30m; 24h at most)" },
	{ "rate_limit:\n  interval: 25h\n  burst: 1\n",
	  "2: interval is no duration (write 100ms, 10s or 1h30m; 24h at most)" },
	{ "rate_limit:\n  interval: 1s\n  burst: -1\n", "3: burst is no number up to 100000" },
	{ "rate_limit:\n  interval: 1s\n  burst: 100001\n", "3: burst is no number up to 100000" },
	{ "rate_limit:\n  interval: 1s\n",
	  "2: rate_limit: with a burst of 0 every request would be refused" },
};

START_TEST(mistake_is_told_with_its_line)
{
	char words[WEB_ERR_SIZE];

	(void)snprintf(words, sizeof(words), "web.yml:%s", mistakes[_i].words);
	web_folder_check_mistake(mistakes[_i].yaml, words);
}

START_TEST(headers_are_taken_as_they_stand)
{
	static const char yaml[] = HTTP
		"  http2: false\n  headers:\n"
		"    X-Frame-Options: sameorigin\n"
		"    Strict-Transport-Security: max-age=1; includeSubDomains\n"
		"    X-Content-Type-Options: nosniff\n"
		"    X-XSS-Protection: 1\n"
		"    Content-Security-Policy: \"\"\n";
	static const struct {
		const char *name, *value;
	} expected[] = {
		{ "X-Frame-Options", "sameorigin" },
		{ "Strict-Transport-Security", "max-age=1; includeSubDomains" },
		{ "X-Content-Type-Options", "nosniff" },
		{ "X-XSS-Protection", "1" },
		{ "Content-Security-Policy", NULL },
	};
	struct web_config config;
	char err[WEB_ERR_SIZE];

	web_folder_open(yaml);
	ck_assert_int_eq(web_folder_load(&config, err), 0);
	web_folder_close();
	ck_assert_uint_eq(config.headers_n, COUNT(expected));
	for (size_t i = 0; i < COUNT(expected); i++) {
		ck_assert_str_eq(config.header[i].name, expected[i].name);
		ck_assert_pstr_eq(config.header[i].value, expected[i].value);
	}
	ck_assert_uint_eq(config.http2_line, 0);
	web_config_free(&config);
}

START_TEST(users_and_rate_are_taken)
{
	static const char yaml[] = HTTP "  http2: True\n" USERS "  alice: $2y$12$" DIGITS
					"\n  2: '$2a$04$" DIGITS "'\n  '': $2b$31$" DIGITS
					"\nrate_limit: {interval: 1m30s, burst: 5}\n";
	struct web_config config;
	char err[WEB_ERR_SIZE];

	web_folder_open(yaml);
	ck_assert_int_eq(web_folder_load(&config, err), 0);
	web_folder_close();
	ck_assert_uint_eq(config.users_n, 3);
	ck_assert_str_eq(config.user[0].name, "alice");
	ck_assert_str_eq(config.user[0].hash, "$2y$12$" DIGITS);
	ck_assert_str_eq(config.user[1].name, "2");
	ck_assert_str_eq(config.user[2].name, "");
	ck_assert_uint_eq(config.rate_interval_ns, 90000000000);
	ck_assert_uint_eq(config.rate_burst, 5);
	ck_assert_uint_eq(config.http2_line, 2);
	web_config_free(&config);
}

START_TEST(an_interval_of_nothing_is_no_limit)
{
	struct web_config config;
	char err[WEB_ERR_SIZE];

	web_folder_open("rate_limit:\n  interval: 0\n  burst: 0\n");
	ck_assert_int_eq(web_folder_load(&config, err), 0);
	web_folder_close();
	ck_assert_uint_eq(config.rate_interval_ns, 0);
	web_config_free(&config);
}

static const struct {
	const char *text;
	bool is;
} hashes[] = {
	{ "$2y$10$" DIGITS, true },
	{ "$2a$04$" DIGITS, true },
	{ "$2b$31$" DIGITS, true },
	{ "$2x$10$" DIGITS, false },
	{ "$2$10$" DIGITS, false },
	{ "$1y$10$" DIGITS, false },
	{ "$2y$03$" DIGITS, false },
	{ "$2y$32$" DIGITS, false },
	{ "$2y$40$" DIGITS, false },
	{ "$2y$1a$" DIGITS, false },
	{ "$2y$ 9$" DIGITS, false },
	{ "$2y-10$" DIGITS, false },
	{ "$2y$10-" DIGITS, false },
	{ "$2y$10$" DIGITS ".", false },
	{ "$2y$10$+JYiyVUsOk4lwYTCZk63Zu8aCQLHCXXlOdRvOmCbP8IRi.PQWTNpO", false },
	{ "", false },
};

START_TEST(hash_is_bcrypts_or_not)
{
	ck_assert_int_eq(auth_bcrypt_is_hash(hashes[_i].text), hashes[_i].is);
}

Suite *web_config_http_suite(void)
{
	const struct test tests[] = {
		{ mistake_is_told_with_its_line, COUNT(mistakes) },
		{ headers_are_taken_as_they_stand, 0 },
		{ users_and_rate_are_taken, 0 },
		{ an_interval_of_nothing_is_no_limit, 0 },
		{ hash_is_bcrypts_or_not, COUNT(hashes) },
	};

	return suite_make("web_config_http", tests, COUNT(tests));
}
