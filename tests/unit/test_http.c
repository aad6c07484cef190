/* SPDX-License-Identifier: Apache-2.0 */
/* Requests over a socket, and what comes back byte by byte. Faults: test_http_faults.c; starting
 * and stopping: test_http_start.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "landing.h"
#include "server.h"
#include "suites.h"

#define HOST "Host: localhost\r\n"
#define PLAIN "text/plain; charset=utf-8"

static struct reply reply;
static struct client client;

START_TEST(metrics_are_sent_with_their_length)
{
	char length[REPLY_VALUE_SIZE];
	struct server server;

	server_start(&server, true);
	running_grow(&server.running.fake, 150);
	client_ask(server.address, "GET /metrics HTTP/1.1\r\n" HOST "\r\n", &reply);
	reply_check_header(&reply, "Transfer-Encoding", "");
	ck_assert_uint_eq(strtoul(reply_header(&reply, "Content-Length", length), NULL, 10),
			  reply.body_n);
	server_check_page(&server, &reply);
	server_stop(&server);
}

START_TEST(large_metrics_are_sent_in_chunks)
{
	struct server server;

	server_start(&server, true);
	server.running.app.bodies.body_bytes_max = 200 << 10;
	running_grow(&server.running.fake, 150);
	client_ask(server.address, "GET /metrics HTTP/1.1\r\n" HOST "\r\n", &reply);
	reply_check_header(&reply, "Transfer-Encoding", "chunked");
	ck_assert_uint_gt(reply.body_n, 4 * (64 << 10));
	server_check_page(&server, &reply);
	server_stop(&server);
}

/* HTTP/1.0 knows no chunks: the end of the connection is the end of the page. */
START_TEST(metrics_are_sent_to_an_old_client)
{
	struct server server;

	server_start(&server, true);
	server.running.app.bodies.body_bytes_max = 200 << 10;
	running_grow(&server.running.fake, 150);
	client_ask(server.address, "GET /metrics HTTP/1.0\r\n\r\n", &reply);
	reply_check_header(&reply, "Transfer-Encoding", "");
	server_check_page(&server, &reply);
	server_stop(&server);
}

START_TEST(metrics_before_attaching_are_the_exporters_own)
{
	struct server server;

	server_start(&server, false);
	client_ask(server.address, "GET /metrics HTTP/1.1\r\n" HOST "\r\n", &reply);
	server_check_page(&server, &reply);
	server_stop(&server);
}

static const char *const urls[] = {
	"/metrics?",
	"/metrics?name=ior_up",
	"/metrics?x=1&y=%22",
	"/%6detrics",
};

START_TEST(query_that_is_no_filter_is_passed_over)
{
	struct server server;
	char request[128];

	server_start(&server, true);
	(void)snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\n" HOST "\r\n", urls[_i]);
	client_ask(server.address, request, &reply);
	server_check_page(&server, &reply);
	server_stop(&server);
}

static const struct {
	const char *request;
	bool attached;
	unsigned int status;
	const char *allow, *body;
} answers[] = {
	{ "GET /-/healthy HTTP/1.1\r\n" HOST "\r\n", false, 200, "", "Healthy.\n" },
	{ "GET /-/ready HTTP/1.1\r\n" HOST "\r\n", true, 200, "", "Ready.\n" },
	{ "GET /-/ready HTTP/1.1\r\n" HOST "\r\n", false, 503, "", "Not attached yet.\n" },
	{ "GET /x HTTP/1.1\r\n" HOST "\r\n", true, 404, "", "No such page.\n" },
	{ "POST /metrics HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", true, 405, "GET, HEAD",
	  "Only GET and HEAD.\n" },
	{ "DELETE /-/ready HTTP/1.1\r\n" HOST "\r\n", true, 405, "GET, HEAD",
	  "Only GET and HEAD.\n" },
	{ "OPTIONS / HTTP/1.1\r\n" HOST "\r\n", true, 405, "GET, HEAD", "Only GET and HEAD.\n" },
	{ "BREW / HTTP/1.1\r\n" HOST "\r\n", true, 405, "GET, HEAD", "Only GET and HEAD.\n" },
	{ "GET /-/healthy HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", true, 200, "",
	  "Healthy.\n" },
	{ "GET http://localhost:9435/-/healthy HTTP/1.1\r\n" HOST "\r\n", true, 200, "",
	  "Healthy.\n" },
	{ "GET HTTP://[::1]/-/healthy?x HTTP/1.1\r\n" HOST "\r\n", true, 200, "", "Healthy.\n" },
	{ "POST http://h HTTP/1.1\r\n" HOST "\r\n", true, 405, "GET, HEAD",
	  "Only GET and HEAD.\n" },
	{ "GET /-/healthy HTTP/1.0\r\n\r\n", true, 200, "", "Healthy.\n" },
};

START_TEST(request_has_its_answer)
{
	struct server server;

	server_start(&server, answers[_i].attached);
	client_ask(server.address, answers[_i].request, &reply);
	reply_check_text(&reply, answers[_i].status, answers[_i].body);
	reply_check_header(&reply, "Content-Type", PLAIN);
	reply_check_header(&reply, "Allow", answers[_i].allow);
	server_stop(&server);
}

static const char *const pages[] = { "/", "/metrics", "/-/healthy", "/x" };

START_TEST(every_answer_is_kept_from_caches_and_from_being_taken_for_something_else)
{
	struct server server;
	char request[128];

	server_start(&server, true);
	(void)snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\n" HOST "\r\n", pages[_i]);
	client_ask(server.address, request, &reply);
	reply_check_header(&reply, "Cache-Control", "no-store");
	reply_check_header(&reply, "X-Content-Type-Options", "nosniff");
	reply_check_header(&reply, "Content-Security-Policy",
			   strcmp(pages[_i], "/") ? "default-src 'none'" : landing_policy);
	server_stop(&server);
}

/* The next answer follows the headers at once, so no byte of a body has come. */
START_TEST(head_has_the_headers_of_get_and_no_body)
{
	static const char *const names[] = { "Content-Type", "Content-Length", "Allow" };
	char request[128], values[COUNT(names)][REPLY_VALUE_SIZE];
	struct server server;

	server_start(&server, true);
	(void)snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\n" HOST "\r\n", pages[_i]);
	client_ask(server.address, request, &reply);
	for (size_t i = 0; i < COUNT(names); i++)
		(void)reply_header(&reply, names[i], values[i]);
	client_open(&client, server.address);
	(void)snprintf(request, sizeof(request), "HEAD %s HTTP/1.1\r\n" HOST "\r\n", pages[_i]);
	client_send(&client, request);
	client_read(&client, true, &reply);
	for (size_t i = 0; i < COUNT(names); i++)
		if (values[i][0]) /* a stream's length is told by its last chunk alone */
			reply_check_header(&reply, names[i], values[i]);
	client_send(&client, "GET /-/healthy HTTP/1.1\r\n" HOST "\r\n");
	client_read(&client, false, &reply);
	reply_check_text(&reply, 200, "Healthy.\n");
	client_close(&client);
	server_stop(&server);
}

START_TEST(connection_is_kept_for_further_requests)
{
	struct server server;

	server_start(&server, true);
	client_open(&client, server.address);
	for (int i = 0; i < 3; i++) {
		client_send(&client, "GET /metrics HTTP/1.1\r\n" HOST "\r\n");
		client_read(&client, false, &reply);
		server_check_page(&server, &reply);
		client_send(&client, "GET /x HTTP/1.1\r\n" HOST "\r\n");
		client_read(&client, false, &reply);
		reply_check_text(&reply, 404, "No such page.\n");
	}
	client_close(&client);
	server_stop(&server);
}

START_TEST(requests_sent_at_once_are_answered_in_order)
{
	struct server server;

	server_start(&server, true);
	client_open(&client, server.address);
	client_send(&client, "GET /-/ready HTTP/1.1\r\n" HOST "\r\n"
			     "GET /metrics HTTP/1.1\r\n" HOST "\r\n"
			     "GET /x HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
	client_read(&client, false, &reply);
	reply_check_text(&reply, 200, "Ready.\n");
	client_read(&client, false, &reply);
	server_check_page(&server, &reply);
	client_read(&client, false, &reply);
	reply_check_text(&reply, 404, "No such page.\n");
	ck_assert(client_at_end(&client));
	client_close(&client);
	server_stop(&server);
}

Suite *http_suite(void)
{
	const struct test tests[] = {
		{ metrics_are_sent_with_their_length, 0 },
		{ large_metrics_are_sent_in_chunks, 0 },
		{ metrics_are_sent_to_an_old_client, 0 },
		{ metrics_before_attaching_are_the_exporters_own, 0 },
		{ query_that_is_no_filter_is_passed_over, COUNT(urls) },
		{ request_has_its_answer, COUNT(answers) },
		{ every_answer_is_kept_from_caches_and_from_being_taken_for_something_else,
		  COUNT(pages) },
		{ head_has_the_headers_of_get_and_no_body, COUNT(pages) },
		{ connection_is_kept_for_further_requests, 0 },
		{ requests_sent_at_once_are_answered_in_order, 0 },
	};

	return suite_make("http", tests, COUNT(tests));
}
