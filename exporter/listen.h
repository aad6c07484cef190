/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses as text to listening sockets. No resolver is used.
 */
#ifndef LISTEN_H
#define LISTEN_H

#include <stddef.h>
#include <sys/socket.h>

#include "values.h"

#define LISTENERS_MAX 16

struct listener {
	int fd;
	char address[80]; /* as bound: "127.0.0.1:9435", "[::1]:9435" */
};

struct listeners {
	struct listener item[LISTENERS_MAX];
	size_t n;
};

/* The socket addresses that one --web.listen-address stands for: "localhost:9435" is 127.0.0.1 and
 * ::1, ":9435" every address of both families, else a numeric host ("[::1]:9435", "10.0.0.1:80").
 * Returns how many (1 or 2), or -EINVAL if it is none of these. */
int listen_parse(const char *text, struct sockaddr_storage ret[2]);

/* Whether it is one: 0, or -EINVAL with one line in err. */
int listen_check(const char *text, char *err, size_t err_size);

/* "127.0.0.1:9435" or "[::1]:9435". */
void listen_describe(struct sockaddr_storage *address, char *ret, size_t size);

/* Binds and listens on all of them; a family that the machine lacks is passed over when the other
 * one works. Sockets of one port 0 get one common port. Returns 0, or -errno (-EINVAL: text is no
 * address) with one line in err and nothing open. */
int listen_open(const struct strings *addresses, struct listeners *ret, char *err, size_t err_size);

/* Closes all that are open; a listener whose socket was taken over has fd -1. */
void listen_close(struct listeners *listeners);

#endif
