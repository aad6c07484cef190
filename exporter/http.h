/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server: listening sockets to routes.
 */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "app.h"
#include "listen.h"
#include "web.h"

struct http;

/* Serves the app on the listeners, whose sockets it takes over (their fd becomes -1), in one thread
 * each, as --web.config.file wants it (borrowed; NULL: there is none). Returns 0, or -errno with
 * one line in err. */
int http_start(struct app *app, struct listeners *listeners, struct web *web, struct http **ret,
	       char *err, size_t err_size);

/* Ends all connections, and the waiting of the web and closes the sockets. NULL is fine. */
void http_stop(struct http *http);

/* Version of the library, and whether it can do TLS. */
const char *http_library(void);
bool http_has_tls(void);

#endif
