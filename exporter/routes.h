/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the server answers: a function from request to response, without sockets.
 */
#ifndef ROUTES_H
#define ROUTES_H

#include <stdbool.h>

#include "app.h"
#include "body.h"
#include "buf.h"
#include "negotiate.h"
#include "query.h"
#include "stream.h"

struct request {
	const char *method;
	const char *path;
	struct header_values accept, accept_encoding;
	struct query query;
};

struct response {
	unsigned int status;
	const char *content_type;
	const char *policy; /* Content-Security-Policy; NULL: nothing is allowed */
	bool allow;	    /* send Allow: GET, HEAD */
	bool negotiated;    /* send Vary: Accept, Accept-Encoding */
	enum coding coding; /* of shared and stream */
	struct buf body;    /* owned; or one of these two, which are owned too: */
	struct body *shared;
	struct stream *stream;
};

/* Fills *ret, to be freed by response_free(). */
void route(struct app *app, const struct request *request, struct response *ret);

/* The answer to a request that is none, with what is wrong with it. */
void route_fault(const char *fault, struct response *ret);

/* Would route() make a page of metrics? And the answer when as many as may be are on their way. */
bool route_is_scrape(const struct app *app, const struct request *request);
void route_busy(const struct app *app, struct response *ret);

/* The same for a request that may not be answered: with the text of its status, 401, 429 or 503. */
void route_refuse(unsigned int status, struct response *ret);

void response_free(struct response *response);

#endif
