/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "probe.h"
#include "server.h"
#include "suites.h"

#define ERR_SIZE 512
#define UNHEALTHY "the answer is not a healthy exporter's"

/* Asks at one --web.listen-address, and compares the line. */
static void check_probe(const char *address, bool tls, int r, const char *expected)
{
	char *item[] = { (char *)address };
	const struct strings addresses = { item, 1 };
	char err[ERR_SIZE] = "";

	ck_assert_int_eq(probe(&addresses, tls, err, sizeof(err)), r);
	ck_assert_str_eq(err, expected);
}

/* Where an exporter listens, and a --web.listen-address that stands for it. */
static const struct {
	const char *listens, *host;
} places[] = {
	{ "127.0.0.1:0", "127.0.0.1" },
	{ "127.0.0.1:0", "localhost" },
	{ "127.0.0.1:0", "" },
	{ "127.0.0.1:0", "0.0.0.0" },
	{ "[::1]:0", "[::1]" },
	{ "[::1]:0", "localhost" },
	{ "[::1]:0", "" },
	{ "[::1]:0", "[::]" },
};

/* ":PORT" of an address. */
static const char *port_of(const char *address)
{
	return strrchr(address, ':');
}

START_TEST(running_exporter_is_healthy)
{
	struct server server;
	char address[80];

	server_start_at(&server, places[_i / 2].listens, _i & 1); /* attached or not */
	(void)snprintf(address, sizeof(address), "%s%s", places[_i / 2].host,
		       port_of(server.address));
	check_probe(address, false, 0, "");
	server_stop(&server);
}

START_TEST(one_healthy_address_of_several_is_enough)
{
	char *item[] = { (char *)"127.0.0.1:1", NULL };
	const struct strings addresses = { item, 2 };
	char err[ERR_SIZE] = "", address[80];
	struct server server;

	server_start(&server, true);
	(void)snprintf(address, sizeof(address), "%s", server.address);
	item[1] = address;
	ck_assert_int_eq(probe(&addresses, false, err, sizeof(err)), 0);
	ck_assert_str_eq(err, "");
	server_stop(&server);
}

START_TEST(closed_port_is_told_of_each_address)
{
	char expected[ERR_SIZE], one[80], both[80];
	struct server server;

	server_start(&server, true);
	(void)snprintf(one, sizeof(one), "%s", server.address);
	(void)snprintf(both, sizeof(both), "localhost%s", port_of(one));
	server_stop(&server);
	(void)snprintf(expected, sizeof(expected), "probe %s: Connection refused", one);
	check_probe(one, false, -ECONNREFUSED, expected);
	(void)snprintf(expected, sizeof(expected),
		       "probe %s: Connection refused; [::1]%s: Connection refused", one,
		       port_of(one));
	check_probe(both, false, -ECONNREFUSED, expected);
}

static const char *const bad_addresses[] = { "", "9435", "example.org:80", "localhost:x" };

START_TEST(address_that_is_none_is_told)
{
	char expected[ERR_SIZE];

	(void)snprintf(expected, sizeof(expected), "--web.listen-address: '%s' is not HOST:PORT",
		       bad_addresses[_i]);
	check_probe(bad_addresses[_i], false, -EINVAL, expected);
}

/* Somebody else's server: answers one connection, byte by byte. */
struct stranger {
	int fd;
	const char *answer;
};

static void *answer(void *arg)
{
	static const char end[] = "\r\n\r\n";
	const struct stranger *stranger = arg;
	int fd = accept(stranger->fd, NULL, NULL);
	size_t seen = 0;
	char byte;

	while (seen < strlen(end) && recv(fd, &byte, 1, 0) == 1)
		seen = byte == end[seen] ? seen + 1 : byte == '\r';
	for (const char *p = stranger->answer; *p; p++)
		(void)send(fd, p, 1, MSG_NOSIGNAL);
	(void)shutdown(fd, SHUT_RDWR);
	(void)close(fd);
	return NULL;
}

static const struct {
	const char *answer;
	int r;
} answers[] = {
	{ "HTTP/1.1 200 OK\r\n\r\nHealthy.\n", 0 },
	{ "HTTP/1.1 200 ", 0 },
	{ "HTTP/1.1 401 Unauthorized\r\n\r\n", 0 }, /* it wants a password: it is alive */
	{ "HTTP/1.1 429 Too Many Requests\r\n\r\n", 0 },
	{ "HTTP/1.1 403 Forbidden\r\n\r\n", -EPROTO },
	{ "", -EPROTO },
	{ "HTTP/1.1 20", -EPROTO },
	{ "HTTP/1.1 503 Service Unavailable\r\n\r\n", -EPROTO },
	{ "HTTP/1.1 2000 What\r\n\r\n", -EPROTO },
	{ "HTTP/1.1 404 Not Found\r\n\r\n", -EPROTO },
	{ "SSH-2.0-OpenSSH_9.2p1\r\n", -EPROTO },
	{ "\x15\x03\x01", -EPROTO }, /* TLS */
};

START_TEST(answer_of_anything_else_is_told)
{
	struct listeners listeners;
	struct stranger stranger = { .answer = answers[_i].answer };
	char expected[ERR_SIZE] = "";
	pthread_t thread;

	server_listen(&listeners, "127.0.0.1:0", NULL);
	stranger.fd = listeners.item[0].fd;
	ck_assert_int_eq(fcntl(stranger.fd, F_SETFL, 0), 0); /* let accept() wait */
	ck_assert_int_eq(pthread_create(&thread, NULL, answer, &stranger), 0);
	if (answers[_i].r)
		(void)snprintf(expected, sizeof(expected), "probe %s: " UNHEALTHY,
			       listeners.item[0].address);
	check_probe(listeners.item[0].address, false, answers[_i].r, expected);
	(void)pthread_join(thread, NULL);
	listen_close(&listeners);
}

/* Nobody takes the connection from the kernel's queue. */
START_TEST(silent_address_leaves_the_next_one_time)
{
	char address[80], silent[80];
	char *item[] = { silent, address };
	const struct strings addresses = { item, 2 };
	struct listeners listeners;
	struct server server;
	char err[ERR_SIZE] = "";

	server_listen(&listeners, "127.0.0.1:0", NULL);
	(void)snprintf(silent, sizeof(silent), "%s", listeners.item[0].address);
	server_start(&server, true);
	(void)snprintf(address, sizeof(address), "%s", server.address);
	ck_assert_int_eq(probe(&addresses, false, err, sizeof(err)), 0);
	ck_assert_str_eq(err, "");
	server_stop(&server);
	listen_close(&listeners);
}

START_TEST(silence_ends_after_three_seconds)
{
	struct listeners listeners;
	char expected[ERR_SIZE];
	uint64_t begin = clock_system.monotonic_ns(clock_system.arg), took;

	server_listen(&listeners, "127.0.0.1:0", NULL);
	(void)snprintf(expected, sizeof(expected), "probe %s: Connection timed out",
		       listeners.item[0].address);
	check_probe(listeners.item[0].address, _i, -ETIMEDOUT, expected);
	took = clock_system.monotonic_ns(clock_system.arg) - begin;
	ck_assert_uint_ge(took, 3000000000);
	ck_assert_uint_le(took, 6000000000);
	listen_close(&listeners);
}

/* TLS itself, which needs a certificate: tests/e2e/test_tls.py */
START_TEST(exporter_without_tls_is_not_healthy_over_tls)
{
	char expected[ERR_SIZE];
	struct server server;

	server_start(&server, true);
	(void)snprintf(expected, sizeof(expected), "probe %s: " UNHEALTHY, server.address);
	check_probe(server.address, true, -EPROTO, expected);
	server_stop(&server);
}

Suite *probe_suite(void)
{
	const struct test tests[] = {
		{ running_exporter_is_healthy, 2 * COUNT(places) },
		{ one_healthy_address_of_several_is_enough, 0 },
		{ closed_port_is_told_of_each_address, 0 },
		{ address_that_is_none_is_told, COUNT(bad_addresses) },
		{ answer_of_anything_else_is_told, COUNT(answers) },
		{ silent_address_leaves_the_next_one_time, 0 },
		{ silence_ends_after_three_seconds, 2 },
		{ exporter_without_tls_is_not_healthy_over_tls, 0 },
	};

	return suite_make("probe", tests, COUNT(tests));
}
