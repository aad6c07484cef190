/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libmicrohttpd says of connections and of the heads of requests, for guard, web and head.
 * One of the files that know libmicrohttpd; http.c has the answers.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <microhttpd.h>
#include <stdint.h>

#include "guard.h"
#include "web.h"

/* What stands before the server. */
struct http_gate {
	struct guard *guard;
	struct web *web; /* NULL: no --web.config.file */
};

/* For MHD_OPTION_NOTIFY_CONNECTION, MHD_OPTION_NOTIFY_COMPLETED and MHD_OPTION_URI_LOG_CALLBACK,
 * each with the gate as its argument. The last one's return, which is the first value of the
 * request's state, is what is wrong with the target (char *), or NULL. */
void http_connection(void *gate, struct MHD_Connection *connection, void **link,
		     enum MHD_ConnectionNotificationCode code);
void http_request_completed(void *gate, struct MHD_Connection *connection, void **state,
			    enum MHD_RequestTerminationCode code);
void *http_request_begins(void *gate, const char *target, struct MHD_Connection *connection);

/* The guard's of this connection; NULL if it had no place. */
struct conn *http_conn(struct MHD_Connection *connection);

/* The web's, see http_web_peer(). */
struct web_peer *http_peer(struct MHD_Connection *connection);

/* What is wrong with the headers, or NULL; and how long the client waits for an answer, UINT64_MAX
 * if it does not say. */
const char *http_head_fault(struct MHD_Connection *connection, const char *version,
			    uint64_t *timeout_ns);

#endif
