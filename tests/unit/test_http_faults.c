/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and clients that are not as they should be, and lack of memory while serving. */
#include <errno.h>
#include <string.h>

#include "buf.h"
#include "failing.h"
#include "http.h"
#include "log.h"
#include "server.h"
#include "suites.h"

#define HOST "Host: localhost\r\n"

static struct reply reply;
static struct client client;

#define GET "GET /-/healthy HTTP/1.1\r\n"
#define BAD "Bad request: "

/* Of each kind one; tests/e2e/test_malformed.py has more. body NULL: it is libmicrohttpd's, which
 * from 1.0 on most are. */
static const struct {
	const char *request;
	unsigned int status;
	const char *body;
} malformed[] = {
	{ GET "\r\n", 400, BAD "there is no Host.\n" },
	{ GET HOST HOST "\r\n", 400, BAD "there is more than one Host.\n" },
	{ GET "Host: a b\r\n\r\n", 400, BAD "Host is none.\n" },
	{ GET HOST "Content-Length: x\r\n\r\n", 400, BAD "a request has no body here.\n" },
	{ GET HOST "Content-Length: 5\r\n\r\nhello", 400, BAD "a request has no body here.\n" },
	{ "POST /x HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello", 400,
	  BAD "a request has no body here.\n" },
	{ GET HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
	  BAD "a request has no body here.\n" },
	{ GET HOST "A : b\r\n\r\n", 400, BAD "a header's name is none.\n" },
	{ GET HOST "A: b\r\n c\r\n\r\n", 400, BAD "a header's name is none.\n" },
	{ GET HOST "A: b\r\n c\r\n d\r\nE: f\r\n\r\n", 400, BAD "a header's name is none.\n" },
	{ GET HOST "A: b\rc\r\n\r\n", 400, BAD "a header has a control character.\n" },
	{ "GET /%00 HTTP/1.1\r\n" HOST "\r\n", 400, BAD "the target has a zero byte.\n" },
	{ "GET ftp://x/ HTTP/1.1\r\n" HOST "\r\n", 400, BAD "the target is no path.\n" },
	{ "GET /a b HTTP/1.1\r\n" HOST "\r\n", 400,
	  BAD "the target has a character that is none of a path or query.\n" },
	{ GET HOST "A\r\n\r\n", 400, NULL },
	{ "GET / HTTP/2.0\r\n" HOST "\r\n", 505, NULL },
};

/* libmicrohttpd from 1.0 on mends folded headers, as RFC 9112 allows it, and asks for a target
 * without white space to be taken. */
static unsigned int status_of(const char *request, unsigned int status, bool newer)
{
	if (newer && strstr(request, "\r\n c"))
		return 200;
	return newer && strstr(request, "/a b") ? 301 : status;
}

/* What follows it is not taken for a request. */
START_TEST(malformed_request_is_refused_and_its_connection_closed)
{
	const bool newer = http_library()[0] != '0';
	const unsigned int status = status_of(malformed[_i].request, malformed[_i].status, newer);
	struct server server;

	server_start(&server, true);
	client_open(&client, server.address);
	client_send(&client, malformed[_i].request);
	client_send(&client, GET HOST "\r\n");
	client_read(&client, false, &reply);
	if (malformed[_i].body && !newer)
		reply_check_text(&reply, status, malformed[_i].body);
	ck_assert_uint_eq(reply.status, status);
	if (status == 200)
		client_read(&client, false, &reply);
	else
		ck_assert(client_at_end(&client));
	client_close(&client);
	client_ask(server.address, GET HOST "\r\n", &reply);
	reply_check_text(&reply, 200, "Healthy.\n");
	server_stop(&server);
}

START_TEST(client_that_goes_away_harms_nobody)
{
	static const char *const requests[] = { "", "GE", "GET /metrics HTTP/1.1\r\n" HOST,
						"GET /metrics HTTP/1.1\r\n" HOST "\r\n" };
	struct server server;

	server_start(&server, true);
	running_grow(&server.running.fake, 150);
	for (size_t i = 0; i < COUNT(requests); i++) {
		client_open(&client, server.address);
		client_send(&client, requests[i]);
		client_close(&client);
	}
	client_ask(server.address, "GET /metrics HTTP/1.1\r\n" HOST "\r\n", &reply);
	server_check_page(&server, &reply);
	server_stop(&server);
}

/* One request with the n-th allocation failing. Returns whether it came. */
static bool fail_at(size_t n, const struct buf *page, const struct buf *not_up)
{
	struct server server;
	bool failed;

	server_start(&server, true);
	failing_arm_elsewhere(n);
	client_ask(server.address, "GET /metrics HTTP/1.1\r\n" HOST "\r\n", &reply);
	failed = failing_disarm();
	if (reply.complete && reply.status == 200 && reply.body_n == not_up->len)
		ck_assert(failed && !memcmp(reply.body, not_up->data, not_up->len));
	else if (reply.complete && reply.status == 200)
		ck_assert(reply.body_n == page->len && !memcmp(reply.body, page->data, page->len));
	else if (reply.complete)
		reply_check_text(&reply, 500, "Out of memory.\n");
	ck_assert(failed || reply.complete);
	server_stop(&server);
	return failed;
}

START_TEST(lack_of_memory_never_sends_a_whole_page_that_is_wrong)
{
	struct buf page = { 0 }, not_up = { 0 };
	struct running running;
	size_t n = 1;

	log_setup(LOG_ERROR + 1, LOG_LOGFMT);
	running_start(&running, "--no-dump", true);
	running_page(&running, &page);
	running.clock.now_ns += 1000000000; /* past --max-age */
	running.fake.failure = -ENOMEM;
	running_page(&running, &not_up); /* which counts it */
	running_stop(&running);
	while (fail_at(n, &page, &not_up))
		n++;
	ck_assert_uint_ne(n, 1);
	buf_free(&page);
	buf_free(&not_up);
}

Suite *http_faults_suite(void)
{
	const struct test tests[] = {
		{ malformed_request_is_refused_and_its_connection_closed, COUNT(malformed) },
		{ client_that_goes_away_harms_nobody, 0 },
		{ lack_of_memory_never_sends_a_whole_page_that_is_wrong, 0 },
	};

	return suite_make("http_faults", tests, COUNT(tests));
}
