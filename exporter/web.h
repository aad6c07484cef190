/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --web.config.file at work: what stands between a connection and the routes, and its reload. Each
 * connection has a web_peer, each request asks web_admit() first. Above web_config, auth,
 * tls_server and rate_limit; below http, whose library it does not know.
 *
 * What the connections share is an immutable, counted web_state; a reload swaps it under a lock, or
 * fails and leaves the old one. The files are read by web_open(), web_reload() and web_tick()
 * alone, all of one thread.
 */
#ifndef WEB_H
#define WEB_H

#include <stdbool.h>
#include <stddef.h>

#include "clock.h"
#include "web_config.h"

struct web;
struct web_peer;

/* Reads the file. The clock is borrowed. Returns 0, or -errno with one line in err. */
int web_open(const char *path, const struct clock *clock, struct web **ret, char *err,
	     size_t err_size);

/* Starts the thread that tries passwords; before the first request. It has the rights of the
 * caller's. Returns 0 or -errno. */
int web_start(struct web *web);

/* Wakes all that wait; from now on nobody waits. Before the connections end. NULL is fine. */
void web_stop(struct web *web);

/* When there are no more peers. NULL is fine. */
void web_close(struct web *web);

bool web_has_tls(const struct web *web); /* for ever: a reload does not change it */

#define WEB_NO_TLS                                                                                \
	"--web.config.file: serve TLS: this build has none, its libmicrohttpd was built without " \
	"(use the dynamic build, or a TLS proxy)"

#define WEB_LOOK_NS 1000000000 /* how often the files are looked at */

/* Reads all again and goes by it from the next connection and request on; logs what came of it.
 * False if that failed: the old one goes on. */
bool web_reload(struct web *web);

/* The same if a file has changed and WEB_LOOK_NS have passed since the last look. Returns what came
 * of the last reload. */
bool web_tick(struct web *web);

/* A connection's; NULL without memory. `connection` is what suspend and resume are called with:
 * suspend from within web_admit(), resume from another thread. session: the gnutls_session_t, NULL
 * without TLS. */
struct web_peer *web_peer_open(struct web *web, void *session, void (*suspend)(void *connection),
			       void (*resume)(void *connection), void *connection);
void web_peer_close(struct web_peer *peer); /* NULL is fine */

enum web_verdict {
	WEB_PASS,
	WEB_WAIT, /* suspended; ask again when resumed */
	WEB_DROP, /* close the connection without an answer */
	/* refused, with this status */
	WEB_401 = 401, /* needs a name and a password, or another */
	WEB_429 = 429, /* too many requests */
	WEB_503 = 503, /* too many passwords to try */
};

/* May the peer's request be answered? authorization: its header, or NULL. The peer may be NULL. */
enum web_verdict web_admit(struct web *web, struct web_peer *peer, const char *authorization);

/* Calls set for each header to be sent with every response; a value NULL: it is not to be sent. */
void web_each_header(struct web *web, void (*set)(void *arg, const char *name, const char *value),
		     void *arg);

#endif
