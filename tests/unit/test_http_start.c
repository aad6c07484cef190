/* SPDX-License-Identifier: Apache-2.0 */
/* The server's start and end. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "failing.h"
#include "log.h"
#include "server.h"
#include "suites.h"
#include "temp.h"

#define HEALTH "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n"

static struct reply reply;
static struct client client;

START_TEST(server_takes_the_sockets_over_and_closes_them_in_the_end)
{
	const size_t before = temp_count_fds();
	struct listeners again;
	struct server server;

	server_start(&server, true);
	ck_assert_int_eq(server.listeners.item[0].fd, -1);
	http_stop(server.http);
	server.http = NULL;
	server_listen(&again, server.address, NULL); /* the port is free again */
	listen_close(&again);
	server_stop(&server);
	ck_assert_uint_eq(temp_count_fds(), before);
}

START_TEST(every_listener_is_served)
{
	struct server server;
	char err[512];

	running_start(&server.running, "--no-dump", true);
	server_listen(&server.listeners, "127.0.0.1:0", "127.0.0.1:0");
	ck_assert_int_eq(http_start(&server.running.app, &server.listeners, NULL, &server.http, err,
				    sizeof(err)),
			 0);
	for (size_t i = 0; i < 2; i++) {
		client_ask(server.listeners.item[i].address, HEALTH, &reply);
		ck_assert_uint_eq(reply.status, 200);
	}
	server_stop(&server);
}

START_TEST(server_stops_while_a_connection_is_idle)
{
	struct server server;

	server_start(&server, true);
	client_open(&client, server.address);
	client_send(&client, HEALTH);
	client_read(&client, false, &reply);
	ck_assert_uint_eq(reply.status, 200);
	server_stop(&server);
	ck_assert(client_at_end(&client));
	client_close(&client);
}

START_TEST(server_stops_while_a_request_is_half_sent)
{
	struct server server;

	server_start(&server, true);
	client_ask(server.address, HEALTH, &reply);
	client_open(&client, server.address);
	client_send(&client, "GET /metrics HTTP/1.1\r\nHost: ");
	server_stop(&server);
	ck_assert(client_at_end(&client));
	client_close(&client);
}

/* The page is larger than what the sockets hold, and nobody reads it. */
START_TEST(server_stops_while_a_page_is_half_sent)
{
	struct server server;
	char byte;

	server_start(&server, true);
	running_grow(&server.running.fake, RUNNING_ROWS_MAX);
	client_open(&client, server.address);
	client_send(&client, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
	ck_assert_int_eq(recv(client.fd, &byte, 1, 0), 1);
	server_stop(&server);
	client_close(&client);
}

START_TEST(stopping_no_server_is_fine)
{
	http_stop(NULL);
}

/* listen_close() closes what it was given: were it closed already, it could be somebody else's
 * file. Of a file that cannot be waited for, libmicrohttpd makes no server. */
START_TEST(socket_that_is_none_is_refused_and_still_the_callers)
{
	struct server server = { .http = NULL };
	char err[512], expected[512], path[TEMP_PATH_SIZE];
	int r;

	running_start(&server.running, "--no-dump", true);
	server_listen(&server.listeners, "127.0.0.1:0", NULL);
	ck_assert_int_eq(close(server.listeners.item[0].fd), 0);
	server.listeners.item[0].fd = temp_text("no socket", path);
	r = http_start(&server.running.app, &server.listeners, NULL, &server.http, err,
		       sizeof(err));
	(void)snprintf(expected, sizeof(expected),
		       "serve on %s: libmicrohttpd refused (--log.level=debug shows why)",
		       server.listeners.item[0].address);
	ck_assert_int_eq(r, -EIO);
	ck_assert_str_eq(err, expected);
	ck_assert_ptr_null(server.http);
	ck_assert_int_ge(fcntl(server.listeners.item[0].fd, F_GETFD), 0);
	server_stop(&server);
}

START_TEST(lack_of_memory_for_a_server_is_told)
{
	struct server server = { .http = NULL };
	char err[512];
	int r;

	running_start(&server.running, "--no-dump", true);
	server_listen(&server.listeners, "127.0.0.1:0", NULL);
	failing_arm(1);
	r = http_start(&server.running.app, &server.listeners, NULL, &server.http, err,
		       sizeof(err));
	ck_assert(failing_disarm());
	ck_assert_int_eq(r, -ENOMEM);
	ck_assert_str_eq(err, "start the server: out of memory");
	server_stop(&server);
}

Suite *http_start_suite(void)
{
	const struct test tests[] = {
		{ server_takes_the_sockets_over_and_closes_them_in_the_end, 0 },
		{ every_listener_is_served, 0 },
		{ server_stops_while_a_connection_is_idle, 0 },
		{ server_stops_while_a_request_is_half_sent, 0 },
		{ server_stops_while_a_page_is_half_sent, 0 },
		{ stopping_no_server_is_fine, 0 },
		{ socket_that_is_none_is_refused_and_still_the_callers, 0 },
		{ lack_of_memory_for_a_server_is_told, 0 },
	};

	return suite_make("http_start", tests, COUNT(tests));
}
