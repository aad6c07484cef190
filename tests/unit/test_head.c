/* SPDX-License-Identifier: Apache-2.0 */
#include "head.h"
#include "suites.h"

#define NO_PATH "the target is no path"
#define NO_HOST "the target has no host"
#define CHARACTER "the target has a character that is none of a path or query"
#define PERCENT "the target has a % without two digits"
#define ZERO "the target has a zero byte"
#define NAME "a header's name is none"
#define CONTROL "a header has a control character"
#define BODY "a request has no body here"

static void check_fault(const char *fault, const char *expected)
{
	if (expected)
		ck_assert_str_eq(fault ? fault : "none", expected);
	else
		ck_assert_ptr_null(fault);
}

static const struct {
	const char *target, *fault;
} targets[] = {
	{ "/", NULL },
	{ "/metrics?name[]=ior_up&x=%22%5b", NULL },
	{ "/m/\xc3\xb6", NULL },
	{ "//", NULL },
	{ "/a/../b", NULL },
	{ "*", NULL },
	{ "", NO_PATH },
	{ "**", NO_PATH },
	{ "metrics", NO_PATH },
	{ "http://localhost/metrics?x=%22", NULL },
	{ "HTTPS://[::1]:9435", NULL },
	{ "http://h?x", NULL },
	{ "http://", NO_HOST },
	{ "http:///metrics", NO_HOST },
	{ "http://?x", NO_HOST },
	{ "http://:80/", NO_HOST },
	{ "http://me@h/", NO_HOST },
	{ "http://h%2fx/", NO_HOST },
	{ "http://h#x", NO_HOST },
	{ "http://h/%", PERCENT },
	{ "http://h/#", CHARACTER },
	{ "http:/h/", NO_PATH },
	{ "ftp://h/", NO_PATH },
	{ "localhost:80", NO_PATH },
	{ "?x", NO_PATH },
	{ "/a b", CHARACTER },
	{ "/a\tb", CHARACTER },
	{ "/\x7f", CHARACTER },
	{ "/\x01", CHARACTER },
	{ "/a#b", CHARACTER },
	{ "/%", PERCENT },
	{ "/%a", PERCENT },
	{ "/%g0", PERCENT },
	{ "/%0g", PERCENT },
	{ "/%%41", PERCENT },
	{ "/metrics%00", ZERO },
	{ "/metrics?x=%00", ZERO },
	{ "/%0a%20", NULL }, /* such a page there is none */
};

START_TEST(target_has_its_fault)
{
	check_fault(head_target_fault(targets[_i].target), targets[_i].fault);
}

START_TEST(path_of_a_uri_begins_behind_its_host)
{
	ck_assert_str_eq(head_path("/metrics"), "/metrics");
	ck_assert_str_eq(head_path("*"), "*");
	ck_assert_str_eq(head_path("http://localhost:9435/metrics"), "/metrics");
	ck_assert_str_eq(head_path("HTTPS://[::1]/a//b"), "/a//b");
	ck_assert_str_eq(head_path("http://h"), "/");
	ck_assert_str_eq(head_path("http:/h"), "http:/h");
}

#define HOST                             \
	{                                \
		"Host", "localhost:9435" \
	}

static const struct {
	const char *version;
	const char *field[3][2]; /* name and value */
	const char *fault;
} heads[] = {
	{ "HTTP/1.1", { HOST }, NULL },
	{ "HTTP/1.1", { { "hOST", "[::1]:80" } }, NULL },
	{ "HTTP/1.1", { { "Host", "" } }, NULL },
	{ "HTTP/1.0", { { NULL } }, NULL },
	{ "HTTP/1.0", { { "A", "b" } }, NULL },
	{ "HTTP/1.1", { { "A", "b" } }, "there is no Host" },
	{ "HTTP/1.2", { { NULL } }, "there is no Host" },
	{ "HTTP/1.1", { HOST, HOST }, "there is more than one Host" },
	{ "HTTP/1.0", { HOST, { "host", "x" } }, "there is more than one Host" },
	{ "HTTP/1.1", { { "Host", "a b" } }, "Host is none" },
	{ "HTTP/1.1", { { "Host", "a/b" } }, "Host is none" },
	{ "HTTP/1.1", { { "Host", "me@a" } }, "Host is none" },
	{ "HTTP/1.1", { { "Host", "\xc3\xb6" } }, "Host is none" },
	{ "HTTP/1.1", { HOST, { "Content-Length", "0" } }, NULL },
	{ "HTTP/1.1", { HOST, { "Content-Length", "00" } }, BODY },
	{ "HTTP/1.1", { HOST, { "Content-Length", "1" } }, BODY },
	{ "HTTP/1.1", { HOST, { "content-length", "-1" } }, BODY },
	{ "HTTP/1.1", { HOST, { "Content-Length", "0, 0" } }, BODY },
	{ "HTTP/1.1", { HOST, { "Content-Length", "" } }, BODY },
	{ "HTTP/1.1", { HOST, { "Content-Length", "0" }, { "Content-Length", "5" } }, BODY },
	{ "HTTP/1.1", { HOST, { "Transfer-Encoding", "chunked" } }, BODY },
	{ "HTTP/1.1", { HOST, { "transfer-encoding", "" } }, BODY },
	{ "HTTP/1.1", { HOST, { "A ", "b" } }, NAME },
	{ "HTTP/1.1", { HOST, { "", "b" } }, NAME },
	{ "HTTP/1.1", { HOST, { "A(", "b" } }, NAME },
	{ "HTTP/1.1", { HOST, { "A\x80", "b" } }, NAME },
	{ "HTTP/1.1", { HOST, { "!#$%&'*+-.^_`|~09azAZ", "b" } }, NULL },
	{ "HTTP/1.1", { HOST, { "A", "a\rb" } }, CONTROL },
	{ "HTTP/1.1", { HOST, { "A", "a\x7f" } }, CONTROL },
	{ "HTTP/1.1", { HOST, { "A", "a\tb\xff" } }, NULL },
	/* the first fault is told */
	{ "HTTP/1.1", { { "A\x7f", "\x01" } }, NAME },
};

START_TEST(head_has_its_fault)
{
	struct head head = HEAD_EMPTY;

	for (size_t i = 0; i < 3 && heads[_i].field[i][0]; i++)
		head_add(&head, heads[_i].field[i][0], heads[_i].field[i][1]);
	check_fault(head_fault(&head, heads[_i].version), heads[_i].fault);
	ck_assert_uint_eq(head.timeout_ns, UINT64_MAX);
}

static const struct {
	const char *value;
	uint64_t ns;
} timeouts[] = {
	{ "1", 1000000000 },
	{ "1.000", 1000000000 },
	{ "10", 10000000000 },
	{ "0.25", 250000000 },
	{ "0.000000001", 1 },
	{ "0.0000000019", 1 },
	{ "2.123456789123", 2123456789 },
	{ "86400", 86400000000000 },
	{ "99999", 99999000000000 },
	{ "007", 7000000000 },
	{ "1.", 1000000000 },
	/* junk is as if it were not there */
	{ "", UINT64_MAX },
	{ "0", UINT64_MAX },
	{ "0.0", UINT64_MAX },
	{ "-1", UINT64_MAX },
	{ "+1", UINT64_MAX },
	{ ".5", UINT64_MAX },
	{ "1e3", UINT64_MAX },
	{ "1s", UINT64_MAX },
	{ "1.5.5", UINT64_MAX },
	{ "1 ", UINT64_MAX },
	{ "0x10", UINT64_MAX },
	{ "NaN", UINT64_MAX },
	{ "Inf", UINT64_MAX },
	{ "100000", UINT64_MAX },
	{ "99999999999999999999", UINT64_MAX },
};

START_TEST(scrape_timeout_is_read)
{
	struct head head = HEAD_EMPTY;

	head_add(&head, "x-prometheus-scrape-timeout-seconds", timeouts[_i].value);
	head_add(&head, "Host", "x");
	ck_assert_uint_eq(head.timeout_ns, timeouts[_i].ns);
	check_fault(head_fault(&head, "HTTP/1.1"), NULL);
}

Suite *head_suite(void)
{
	const struct test tests[] = {
		{ target_has_its_fault, COUNT(targets) },
		{ path_of_a_uri_begins_behind_its_host, 1 },
		{ head_has_its_fault, COUNT(heads) },
		{ scrape_timeout_is_read, COUNT(timeouts) },
	};

	return suite_make("head", tests, COUNT(tests));
}
