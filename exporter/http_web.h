/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What --web.config.file has to say of connections, requests and responses, told to libmicrohttpd.
 * One of the files that know it; web.c knows what is said.
 */
#ifndef HTTP_WEB_H
#define HTTP_WEB_H

#include <microhttpd.h>

#include "web.h"

/* Before the first connection; web may be NULL. Returns 0, or -errno with one line in err. */
int http_web_start(struct web *web, char *err, size_t err_size);

/* The peer of a connection that begins; NULL without `web`, or without memory: web_admit() then
 * refuses what needs one. */
struct web_peer *http_web_peer(struct web *web, struct MHD_Connection *connection);

/* May the request be answered? As web_admit(); always, if web is NULL. */
enum web_verdict http_web_admit(struct web *web, struct web_peer *peer,
				struct MHD_Connection *connection);

/* Puts its headers into the response, in place of ours of the same name. */
void http_web_headers(struct web *web, struct MHD_Response *response);

#endif
