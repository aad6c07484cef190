/* SPDX-License-Identifier: Apache-2.0 */
/* The server with a web configuration, over sockets. TLS: tests/e2e. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "fake.h"
#include "http.h"
#include "log.h"
#include "running.h"
#include "server.h"
#include "suites.h"
#include "web_folder.h"

#define ASK "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n"
#define RIGHT ASK "Authorization: Basic bWU6c2VjcmV0\r\n\r\n" /* me:secret */
#define WRONG ASK "Authorization: Basic bWU6b3RoZXI=\r\n\r\n" /* me:other */
#define USERS "basic_auth_users:\n  me: "
/* of "secret"; SLOW takes minutes and is of nothing */
#define FAST "$2b$04$RJYiyVUsOk4lwYTCZk63ZuGnAZ4vTGy4zqtEe8cNKP/I7ANL70Kmi"
#define SLOW "$2b$24$RJYiyVUsOk4lwYTCZk63ZuGnAZ4vTGy4zqtEe8cNKP/I7ANL70Kmi"

static struct server server;
static struct web *web;
static struct fake_clock web_clock;
static struct client client;
static struct reply reply;

/* The clock is the machine's where threads look at it at once. */
static void start(const char *yaml, bool real_clock)
{
	char path[128], err[WEB_ERR_SIZE] = "";

	web_folder_open(yaml);
	web_folder_path("web.yml", path);
	fake_clock_init(&web_clock);
	web_clock.tick_ns = 0;
	log_setup(LOG_ERROR + 1, LOG_LOGFMT); /* nothing */
	ck_assert_int_eq(web_open(path, real_clock ? &clock_system : &web_clock.clock, &web, err,
				  sizeof(err)),
			 0);
	err[0] = '\0';
	running_start(&server.running, "--no-dump", true);
	server_listen(&server.listeners, "127.0.0.1:0", NULL);
	(void)http_start(&server.running.app, &server.listeners, web, &server.http, err,
			 sizeof(err));
	ck_assert_str_eq(err, "");
	server.address = server.listeners.item[0].address;
}

static void stop(void)
{
	server_stop(&server);
	web_close(web);
	web_folder_close();
}

static void check_ask(const char *request, unsigned int status, const char *body)
{
	client_ask(server.address, request, &reply);
	reply_check_text(&reply, status, body);
	reply_check_header(&reply, "WWW-Authenticate",
			   status == 401 ? "Basic realm=\"ior_exporter\"" : "");
}

START_TEST(request_waits_for_its_hash_and_is_answered)
{
	start(USERS FAST "\n", false);
	for (unsigned int i = 0; i < 3; i++) {
		check_ask(RIGHT, 200, "Healthy.\n");
		check_ask(WRONG, 401, "Unauthorized.\n");
		check_ask(ASK "\r\n", 401, "Unauthorized.\n");
	}
	stop();
}

START_TEST(connection_goes_on_after_its_request_waited)
{
	start(USERS FAST "\n", false);
	client_open(&client, server.address);
	client_send(&client, WRONG RIGHT WRONG RIGHT); /* at once */
	for (unsigned int i = 0; i < 4; i++) {
		client_read(&client, false, &reply);
		ck_assert_uint_eq(reply.status, i % 2 ? 200 : 401);
	}
	client_close(&client);
	stop();
}

static const char *const status_lines[] = { "HTTP/1.1 401 ", "HTTP/1.1 200 " };

/* The replies of client.h are of one thread. */
static void *ask_often(void *arg)
{
	struct client *mine = arg;
	uintptr_t failed = 0;

	for (unsigned int i = 0; i < 50; i++) {
		char line[sizeof("HTTP/1.1 200 ")] = "";

		client_open(mine, server.address);
		client_send(mine, i % 2 ? RIGHT : WRONG);
		(void)recv(mine->fd, line, sizeof(line) - 1, MSG_WAITALL);
		failed += strcmp(line, status_lines[i % 2]) != 0;
		client_close(mine);
	}
	return (void *)failed;
}

#define ASKERS 4

START_TEST(many_ask_while_users_change)
{
	static struct client own[ASKERS];
	pthread_t thread[ASKERS];
	void *failed;

	start(USERS FAST "\n", true);
	for (size_t i = 0; i < ASKERS; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, ask_often, &own[i]), 0);
	for (unsigned int i = 0; i < 50; i++)
		if (!web_reload(web))
			ck_abort_msg("reload %u", i);
	for (size_t i = 0; i < ASKERS; i++) {
		ck_assert_int_eq(pthread_join(thread[i], &failed), 0);
		ck_assert_ptr_null(failed);
	}
	stop();
}

/* Its hash takes minutes, and cannot be interrupted. */
START_TEST(server_stops_while_requests_wait)
{
	start(USERS SLOW "\n", false);
	client_open(&client, server.address);
	client_send(&client, RIGHT);
	/* a second one on another connection is answered: the first has been seen by then */
	check_ask(ASK "\r\n", 401, "Unauthorized.\n");
	stop();
	client_read(&client, false, &reply);
	ck_assert(reply.status == 503 || reply.status == 0); /* told, or just closed */
	client_close(&client);
}

START_TEST(client_that_leaves_while_it_waits_is_forgotten)
{
	start(USERS FAST "\n", false);
	for (unsigned int i = 0; i < 20; i++) {
		client_open(&client, server.address);
		client_send(&client, i % 2 ? RIGHT : WRONG);
		client_close(&client);
	}
	check_ask(RIGHT, 200, "Healthy.\n");
	stop();
}

START_TEST(requests_above_the_rate_are_refused)
{
	start("rate_limit: {interval: 10s, burst: 2}\n", false);
	check_ask(ASK "\r\n", 200, "Healthy.\n");
	check_ask(ASK "\r\n", 200, "Healthy.\n");
	check_ask(ASK "\r\n", 429, "Too many requests.\n");
	web_clock.now_ns += 10000000000;
	check_ask(ASK "\r\n", 200, "Healthy.\n");
	check_ask(ASK "\r\n", 429, "Too many requests.\n");
	stop();
}

START_TEST(change_is_seen_a_second_after_the_last_look)
{
	static const char yaml[] = "http_server_config: {headers: {X-Frame-Options: deny}}\n";

	start("{}\n", false);
	web_clock.now_ns += WEB_LOOK_NS;
	ck_assert(web_tick(web));
	web_folder_write("web.yml", yaml, strlen(yaml));
	web_clock.now_ns += WEB_LOOK_NS - 1;
	ck_assert(web_tick(web));
	check_ask(ASK "\r\n", 200, "Healthy.\n");
	reply_check_header(&reply, "X-Frame-Options", "");
	web_clock.now_ns++;
	ck_assert(web_tick(web));
	check_ask(ASK "\r\n", 200, "Healthy.\n");
	reply_check_header(&reply, "X-Frame-Options", "deny");
	web_folder_write("web.yml", "x", 1);
	ck_assert(web_tick(web));
	web_clock.now_ns += WEB_LOOK_NS;
	ck_assert(!web_tick(web));
	ck_assert(!web_tick(web)); /* what came of the last load */
	check_ask(ASK "\r\n", 200, "Healthy.\n");
	reply_check_header(&reply, "X-Frame-Options", "deny");
	web_folder_write("web.yml", "{}", 2);
	ck_assert(web_reload(web));
	check_ask(ASK "\r\n", 200, "Healthy.\n");
	reply_check_header(&reply, "X-Frame-Options", "");
	stop();
}

Suite *http_web_suite(void)
{
	const struct test tests[] = {
		{ request_waits_for_its_hash_and_is_answered, 0 },
		{ connection_goes_on_after_its_request_waited, 0 },
		{ many_ask_while_users_change, 0 },
		{ server_stops_while_requests_wait, 0 },
		{ client_that_leaves_while_it_waits_is_forgotten, 0 },
		{ requests_above_the_rate_are_refused, 0 },
		{ change_is_seen_a_second_after_the_last_look, 0 },
	};

	return suite_make("http_web", tests, COUNT(tests));
}
