/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the server answers: a function from request to response, without sockets.
 */
#ifndef ROUTES_H
#define ROUTES_H

#include <stdbool.h>

#include "app.h"
#include "buf.h"
#include "page.h"

struct request {
	const char *method;
	const char *path;
};

struct response {
	unsigned int status;
	const char *content_type;
	bool allow;	   /* send Allow: GET, HEAD */
	struct buf body;   /* owned; unless there is a page */
	struct page *page; /* owned */
};

/* Fills *ret, to be freed by response_free(). */
void route(struct app *app, const struct request *request, struct response *ret);
/* The same for a request that may not be answered: with the text of its status, 401, 429 or 503. */
void route_refuse(unsigned int status, struct response *ret);

void response_free(struct response *response);

#endif
