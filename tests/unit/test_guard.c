/* SPDX-License-Identifier: Apache-2.0 */
/* Connections of a server that end in time, over a clock that is set while the server runs. */
#include <stdatomic.h>
#include <unistd.h>

#include "conns.h"
#include "server.h"
#include "suites.h"

#define HOST "Host: localhost\r\n"
#define HEALTHY "GET /-/healthy HTTP/1.1\r\n" HOST "\r\n"

static struct reply reply;
static struct client client, other;
static struct server server;
static _Atomic uint64_t now_ns;

static uint64_t read_now(void *arg)
{
	(void)arg;
	return atomic_load(&now_ns);
}

static const struct clock test_clock = { read_now, read_now, NULL };

/* Serves on that clock, with scrapes_max. */
static void start(uint64_t scrapes_max)
{
	char err[512] = "";

	atomic_store(&now_ns, 1000000000);
	running_start(&server.running, "--no-dump", true);
	server.running.app.clock = &test_clock;
	server.running.parse.config.web_max_requests = scrapes_max;
	server_listen(&server.listeners, "127.0.0.1:0", NULL);
	(void)http_start(&server.running.app, &server.listeners, NULL, &server.http, err,
			 sizeof(err));
	ck_assert_str_eq(err, "");
	server.address = server.listeners.item[0].address;
}

/* Lets time pass, of which the guard learns by the next connection. */
static void pass(uint64_t ns)
{
	static struct client waker;

	atomic_fetch_add(&now_ns, ns);
	client_open(&waker, server.address);
	client_send(&waker, HEALTHY);
	client_read(&waker, false, &reply);
	reply_check_text(&reply, 200, "Healthy.\n");
	client_close(&waker);
}

static const struct {
	const char *first, *then;
} heads[] = {
	{ "", "" },
	{ "G", "E" },
	{ "GET /metrics HTTP/1.1\r\n", "A" },
	{ "GET /metrics HTTP/1.1\r\n" HOST "A: b\r\nC", "d" },
	{ "\r\n\r\n\r\n", "\r\n" },
};

/* Inactivity it would not be: the client has just sent something. */
START_TEST(head_that_does_not_end_ends)
{
	start(40);
	client_open(&client, server.address);
	client_send(&client, heads[_i].first);
	pass(0); /* the server knows the client now */
	pass(CONNS_HEAD_NS - 1);
	client_send(&client, heads[_i].then);
	pass(1);
	ck_assert(client_at_end(&client));
	client_close(&client);
	server_stop(&server);
}

START_TEST(connection_is_kept_over_a_minute_between_scrapes)
{
	start(40);
	client_open(&client, server.address);
	for (int i = 0; i < 3; i++) {
		client_send(&client, HEALTHY);
		client_read(&client, false, &reply);
		reply_check_text(&reply, 200, "Healthy.\n");
		pass(0); /* the server knows that it is sent */
		pass(CONNS_IDLE_NS - 1);
	}
	pass(1);
	ck_assert(client_at_end(&client));
	client_close(&client);
	server_stop(&server);
}

static const struct {
	const char *header;
	uint64_t ns;
} answers[] = {
	{ "", CONNS_ANSWER_NS },
	{ "X-Prometheus-Scrape-Timeout-Seconds: 10\r\n", 10000000000ull },
	{ "X-Prometheus-Scrape-Timeout-Seconds: 3600\r\n", CONNS_ANSWER_NS },
};

/* Asks for a page of some megabytes, and reads its first bytes alone. */
static void ask_and_do_not_read(struct client *ret, const char *header)
{
	client_open_narrow(ret, server.address);
	client_send(ret, "GET /metrics HTTP/1.1\r\n" HOST);
	client_send(ret, header);
	client_send(ret, "\r\n");
	ck_assert_int_eq(read(ret->fd, ret->bytes, 8), 8);
}

START_TEST(answer_that_is_not_read_ends)
{
	start(40);
	running_grow(&server.running.fake, RUNNING_ROWS_MAX);
	ask_and_do_not_read(&client, answers[_i].header);
	pass(answers[_i].ns - 1);
	ck_assert_int_eq(read(client.fd, client.bytes, 8), 8);
	pass(1);
	client_drain(&client);
	client_close(&client);
	server_stop(&server);
}

START_TEST(scrape_above_the_limit_is_told_to_come_again_unless_one_is_slow)
{
	start(1);
	running_grow(&server.running.fake, RUNNING_ROWS_MAX);
	ask_and_do_not_read(&client, "");
	client_open(&other, server.address);
	client_send(&other, "HEAD /metrics HTTP/1.1\r\n" HOST "\r\n");
	client_read(&other, true, &reply);
	ck_assert_uint_eq(reply.status, 503);
	reply_check_header(&reply, "Retry-After", "1");
	client_send(&other, "GET /metrics HTTP/1.1\r\n" HOST "\r\n");
	client_read(&other, false, &reply);
	reply_check_text(&reply, 503,
			 "Limit of concurrent requests reached (1), try again later.\n");
	pass(CONNS_ANSWER_NS - 1); /* far more than it needs for what it took */
	client_send(&other, "HEAD /metrics HTTP/1.1\r\n" HOST "\r\n");
	client_read(&other, true, &reply);
	ck_assert_uint_eq(reply.status, 200);
	client_drain(&client);
	client_close(&client);
	client_close(&other);
	server_stop(&server);
}

START_TEST(newcomers_find_a_place_where_all_are_taken)
{
	static struct client many[CONNS_MAX];

	start(40);
	for (size_t i = 0; i < COUNT(many); i++)
		client_open(&many[i], server.address);
	pass(0);
	atomic_fetch_add(&now_ns, CONNS_HASTE_NS);
	for (size_t i = 0; i < 10; i++)
		pass(0);
	for (size_t i = 0; i < COUNT(many); i++)
		client_close(&many[i]);
	server_stop(&server);
}

Suite *guard_suite(void)
{
	const struct test tests[] = {
		{ head_that_does_not_end_ends, COUNT(heads) },
		{ connection_is_kept_over_a_minute_between_scrapes, 0 },
		{ answer_that_is_not_read_ends, COUNT(answers) },
		{ scrape_above_the_limit_is_told_to_come_again_unless_one_is_slow, 0 },
		{ newcomers_find_a_place_where_all_are_taken, 0 },
	};

	return suite_make("guard", tests, COUNT(tests));
}
