/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1 over a raw socket, strict about what comes back. Does not allocate. */
#ifndef CLIENT_H
#define CLIENT_H

#include <stdbool.h>
#include <stddef.h>

struct client {
	int fd;
	size_t n, at; /* bytes[at..n) have been received and not been used yet */
	char bytes[16 << 10];
};

struct reply {
	unsigned int status; /* 0: closed without an answer */
	bool complete;	     /* as long as its headers say */
	char head[4096];     /* status line and headers */
	const char *body;    /* until the next reply is read; 1 MiB at most */
	size_t body_n;
};

/* Connects to "127.0.0.1:9435" and the like. */
void client_open(struct client *client, const char *address);
void client_close(struct client *client);

/* Takes little more than it reads. */
void client_open_narrow(struct client *client, const char *address);

/* Sends the text; what the server does not take any more is lost. */
void client_send(struct client *client, const char *text);

/* Reads the next reply; that to a HEAD has no body. */
void client_read(struct client *client, bool to_head, struct reply *ret);

/* Is there nothing more, and the connection closed by the server? */
bool client_at_end(struct client *client);

/* Reads what there is until the server closes the connection, or resets it. */
void client_drain(struct client *client);

/* One request on a connection of its own. */
void client_ask(const char *address, const char *text, struct reply *ret);

/* Value of a header, "" if it is not there, "?" if it is there twice; in ret. */
#define REPLY_VALUE_SIZE 256
const char *reply_header(const struct reply *reply, const char *name, char ret[REPLY_VALUE_SIZE]);

/* Assert. */
void reply_check_header(const struct reply *reply, const char *name, const char *expected);
void reply_check_body(const struct reply *reply, unsigned int status, const void *expected,
		      size_t n);
void reply_check_text(const struct reply *reply, unsigned int status, const char *expected);

#endif
