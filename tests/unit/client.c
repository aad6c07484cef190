/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "listen.h"

/* A server that does not answer fails a test soon, without ending it by its timeout. */
#define TIMEOUT_SECONDS 30

static char body[1 << 20];

/* narrow: 0, or bytes that it takes before it is read. */
static void open_socket(struct client *client, const char *address, int narrow)
{
	const struct timeval timeout = { .tv_sec = TIMEOUT_SECONDS };
	struct sockaddr_storage to[2];

	ck_assert_int_eq(listen_parse(address, to), 1);
	client->n = client->at = 0;
	client->fd = socket(to[0].ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ne(client->fd, -1);
	ck_assert_int_eq(setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)),
			 0);
	if (narrow)
		ck_assert_int_eq(
			setsockopt(client->fd, SOL_SOCKET, SO_RCVBUF, &narrow, sizeof(narrow)), 0);
	ck_assert_int_eq(connect(client->fd, (struct sockaddr *)&to[0], sizeof(to[0])), 0);
}

void client_open(struct client *client, const char *address)
{
	open_socket(client, address, 0);
}

void client_open_narrow(struct client *client, const char *address)
{
	open_socket(client, address, 4096);
}

void client_close(struct client *client)
{
	(void)close(client->fd);
}

void client_send(struct client *client, const char *text)
{
	size_t n = strlen(text);

	while (n) {
		ssize_t sent = send(client->fd, text, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		text += sent;
		n -= (size_t)sent;
	}
}

/* Receives some more bytes. False at the end. */
static bool fill(struct client *client)
{
	ssize_t n;

	memmove(client->bytes, client->bytes + client->at, client->n - client->at);
	client->n -= client->at;
	client->at = 0;
	ck_assert_uint_lt(client->n, sizeof(client->bytes));
	n = recv(client->fd, client->bytes + client->n, sizeof(client->bytes) - client->n, 0);
	if (n <= 0)
		return false;
	client->n += (size_t)n;
	return true;
}

/* Uses up the bytes to the first `end` and including it. Returns them without it, valid until more
 * are received; NULL if it does not come. */
static const char *read_until(struct client *client, const char *end, size_t *n)
{
	const char *begin, *found;

	while (!(found = memmem(client->bytes + client->at, client->n - client->at, end,
				strlen(end))))
		if (!fill(client))
			return NULL;
	begin = client->bytes + client->at;
	*n = (size_t)(found - begin);
	client->at += *n + strlen(end);
	return begin;
}

/* Appends n bytes to the body. False if they do not come. */
static bool read_body(struct client *client, size_t n, struct reply *ret)
{
	ck_assert_uint_le(ret->body_n + n, sizeof(body));
	while (n) {
		size_t have = client->n - client->at;

		if (!have && !fill(client))
			return false;
		have = client->n - client->at < n ? client->n - client->at : n;
		memcpy(body + ret->body_n, client->bytes + client->at, have);
		client->at += have;
		ret->body_n += have;
		n -= have;
	}
	return true;
}

static bool read_chunks(struct client *client, struct reply *ret)
{
	for (;;) {
		size_t n, size;
		const char *line = read_until(client, "\r\n", &n);
		char *end;

		if (!line)
			return false;
		size = strtoul(line, &end, 16);
		ck_assert_msg(n && end == line + n, "'%.*s' is no size of a chunk", (int)n, line);
		if (!read_body(client, size, ret))
			return false;
		line = read_until(client, "\r\n", &n);
		if (!line)
			return false;
		ck_assert_uint_eq(n, 0);
		if (!size)
			return true;
	}
}

void client_read(struct client *client, bool to_head, struct reply *ret)
{
	char length[REPLY_VALUE_SIZE], encoding[REPLY_VALUE_SIZE];
	const char *head;
	size_t n;

	ret->status = 0;
	ret->body = body;
	ret->body_n = 0;
	ret->complete = false;
	head = read_until(client, "\r\n\r\n", &n);
	if (!head)
		return;
	ck_assert_uint_lt(n + 2, sizeof(ret->head));
	memcpy(ret->head, head, n + 2);
	ret->head[n + 2] = '\0';
	ck_assert_mem_eq(ret->head, "HTTP/1.1 ", strlen("HTTP/1.1 "));
	ret->status = (unsigned int)strtoul(ret->head + strlen("HTTP/1.1 "), NULL, 10);
	(void)reply_header(ret, "Content-Length", length);
	if (to_head) {
		ret->complete = true;
	} else if (!strcmp(reply_header(ret, "Transfer-Encoding", encoding), "chunked")) {
		ck_assert_str_eq(length, "");
		ret->complete = read_chunks(client, ret);
	} else if (*length) {
		ret->complete = read_body(client, strtoul(length, NULL, 10), ret);
	} else {
		while (client->at < client->n || fill(client))
			(void)read_body(client, client->n - client->at, ret);
		ret->complete = true;
	}
}

bool client_at_end(struct client *client)
{
	errno = 0;
	if (client->at < client->n || fill(client))
		return false;
	ck_assert_msg(errno != EAGAIN, "the server does not close the connection");
	return true;
}

void client_drain(struct client *client)
{
	errno = 0;
	do
		client->n = client->at = 0;
	while (fill(client));
	ck_assert_msg(errno != EAGAIN, "the server does not close the connection");
}

void client_ask(const char *address, const char *text, struct reply *ret)
{
	static struct client client;

	client_open(&client, address);
	client_send(&client, text);
	client_read(&client, !strncmp(text, "HEAD ", 5), ret);
	client_close(&client);
}

const char *reply_header(const struct reply *reply, const char *name, char ret[REPLY_VALUE_SIZE])
{
	const char *line = strstr(reply->head, "\r\n") + 2;

	ret[0] = '\0';
	for (; *line; line += strcspn(line, "\n") + 1) {
		size_t n = strcspn(line, "\r"), colon = strcspn(line, ":");
		const char *text = line + colon + 1;

		ck_assert_uint_lt(colon, n);
		if (colon != strlen(name) || strncasecmp(line, name, colon))
			continue;
		if (ret[0])
			return "?";
		text += strspn(text, " ");
		n -= (size_t)(text - line);
		ck_assert_uint_lt(n, REPLY_VALUE_SIZE);
		memcpy(ret, text, n);
		ret[n] = '\0';
	}
	return ret;
}

void reply_check_header(const struct reply *reply, const char *name, const char *expected)
{
	char value[REPLY_VALUE_SIZE];

	ck_assert_str_eq(reply_header(reply, name, value), expected);
}

void reply_check_body(const struct reply *reply, unsigned int status, const void *expected,
		      size_t n)
{
	ck_assert_uint_eq(reply->status, status);
	ck_assert(reply->complete);
	ck_assert_uint_eq(reply->body_n, n);
	ck_assert(!memcmp(reply->body, expected, n));
}

void reply_check_text(const struct reply *reply, unsigned int status, const char *expected)
{
	reply_check_body(reply, status, expected, strlen(expected));
}
