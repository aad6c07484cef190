/* SPDX-License-Identifier: Apache-2.0 */
/* The exporter with its server on a port of the loopback that was free. */
#ifndef SERVER_H
#define SERVER_H

#include "client.h"
#include "http.h"
#include "listen.h"
#include "running.h"

struct server {
	struct running running;
	struct listeners listeners;
	struct http *http;
	const char *address; /* of the first listener */
};

void server_start(struct server *ret, bool attached);
/* On another address. */
void server_start_at(struct server *ret, const char *address, bool attached);
void server_stop(struct server *server);

/* Is this the whole page of now? */
void server_check_page(struct server *server, const struct reply *reply);

/* The listeners alone, for a server that is yet to start. */
void server_listen(struct listeners *ret, const char *one, const char *two);

#endif
