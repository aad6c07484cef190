/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a request's headers and query say, taken over from libmicrohttpd for routes. One of the
 * files that know libmicrohttpd.
 */
#ifndef HTTP_VALUES_H
#define HTTP_VALUES_H

#include <microhttpd.h>

#include "routes.h"

/* Fills in accept, accept_encoding and query, which are valid as long as the request. */
void http_values(struct MHD_Connection *connection, struct request *ret);

#endif
