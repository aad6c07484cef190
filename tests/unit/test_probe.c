/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "probe.h"
#include "server.h"
#include "suites.h"

#define ERR_SIZE 512

static const char *const hosts[] = { "127.0.0.1", "localhost", "", "0.0.0.0" };

START_TEST(running_exporter_is_healthy)
{
	struct server server;
	char address[80], err[ERR_SIZE] = "";

	server_start(&server, _i & 1); /* attached or not */
	(void)snprintf(address, sizeof(address), "%s%s", hosts[_i / 2],
		       strrchr(server.address, ':'));
	ck_assert_int_eq(probe(address, err, sizeof(err)), 0);
	ck_assert_str_eq(err, "");
	server_stop(&server);
}

START_TEST(closed_port_is_told)
{
	char address[80], err[ERR_SIZE], expected[ERR_SIZE];
	struct server server;

	server_start(&server, true);
	(void)snprintf(address, sizeof(address), "%s", server.address);
	server_stop(&server);
	ck_assert_int_eq(probe(address, err, sizeof(err)), -ECONNREFUSED);
	(void)snprintf(expected, sizeof(expected), "probe %s: Connection refused", address);
	ck_assert_str_eq(err, expected);
}

static const char *const bad_addresses[] = { "", "9435", "example.org:80", "localhost:x" };

START_TEST(address_that_is_none_is_told)
{
	char err[ERR_SIZE], expected[ERR_SIZE];

	ck_assert_int_eq(probe(bad_addresses[_i], err, sizeof(err)), -EINVAL);
	(void)snprintf(expected, sizeof(expected), "--web.listen-address: '%s' is not HOST:PORT",
		       bad_addresses[_i]);
	ck_assert_str_eq(err, expected);
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
	char err[ERR_SIZE] = "", expected[ERR_SIZE] = "";
	pthread_t thread;

	server_listen(&listeners, "127.0.0.1:0", NULL);
	stranger.fd = listeners.item[0].fd;
	ck_assert_int_eq(fcntl(stranger.fd, F_SETFL, 0), 0); /* let accept() wait */
	ck_assert_int_eq(pthread_create(&thread, NULL, answer, &stranger), 0);
	ck_assert_int_eq(probe(listeners.item[0].address, err, sizeof(err)), answers[_i].r);
	(void)pthread_join(thread, NULL);
	if (answers[_i].r)
		(void)snprintf(expected, sizeof(expected),
			       "probe %s: the answer is not a healthy exporter's",
			       listeners.item[0].address);
	ck_assert_str_eq(err, expected);
	listen_close(&listeners);
}

Suite *probe_suite(void)
{
	const struct test tests[] = {
		{ running_exporter_is_healthy, 2 * COUNT(hosts) },
		{ closed_port_is_told, 0 },
		{ address_that_is_none_is_told, COUNT(bad_addresses) },
		{ answer_of_anything_else_is_told, COUNT(answers) },
	};

	return suite_make("probe", tests, COUNT(tests));
}
