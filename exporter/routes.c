/* SPDX-License-Identifier: Apache-2.0 */
#include "routes.h"

#include <errno.h>
#include <string.h>

#include "encode.h"
#include "landing.h"

#ifdef SANDBOX_ESCAPES
#include "escapes.h"
#endif

#define PLAIN "text/plain; charset=utf-8"
#define HTML "text/html; charset=utf-8"

static void answer(struct response *ret, unsigned int status, const char *text)
{
	ret->status = status;
	ret->content_type = PLAIN;
	buf_add_str(&ret->body, text);
}

/* The page of a view, whose snapshot it takes over. */
static void serve_page(struct app *app, const struct view *view, const struct request *request,
		       const struct filter *filter, struct response *ret)
{
	const struct accepted accepted = negotiate_format(&request->accept);
	const struct page_options options = {
		.format = accepted.format,
		.created = app->config->openmetrics_created,
		.families = filter->filters ? filter->families : NULL,
	};
	struct made made;

	if (bodies_make(&app->bodies, view, &options, negotiate_coding(&request->accept_encoding),
			&made) < 0) {
		answer(ret, 500, "Out of memory.\n");
		return;
	}
	ret->status = 200;
	ret->content_type = accepted.content_type;
	ret->negotiated = true;
	ret->shared = made.body;
	ret->stream = made.stream;
	ret->coding = made.body ? made.body->coding : stream_coding(made.stream);
}

static void serve_metrics(struct app *app, const struct request *request, struct response *ret)
{
	struct filter filter;
	struct view view;
	char err[256];
	int r;

	if (query_filter(&request->query, &filter, err, sizeof(err)) < 0) {
		answer(ret, 400, err);
		return;
	}
	r = app_view(app, &view);
	if (r == 0)
		serve_page(app, &view, request, &filter, ret);
	else if (r == -EBUSY)
		answer(ret, 503,
		       "Scrapes that do not read their pages hold all there is memory for.\n");
	else
		answer(ret, 500, "Out of memory.\n");
}

static void serve_landing(struct app *app, const struct request *request, struct response *ret)
{
	(void)request;
	ret->status = 200;
	ret->content_type = HTML;
	ret->policy = landing_policy;
	landing_render(app, &ret->body);
}

static void serve_healthy(struct app *app, const struct request *request, struct response *ret)
{
	(void)app;
	(void)request;
	answer(ret, 200, "Healthy.\n");
}

static void serve_ready(struct app *app, const struct request *request, struct response *ret)
{
	(void)request;
	if (app_is_ready(app))
		answer(ret, 200, "Ready.\n");
	else
		answer(ret, 503, "Not attached yet.\n");
}

#ifdef SANDBOX_ESCAPES /* a build of the tests */
static void serve_escapes(struct app *app, const struct request *request, struct response *ret)
{
	char text[ESCAPES_SIZE];

	(void)app;
	(void)request;
	escapes_try(text);
	answer(ret, 200, text);
}
#endif

static const struct {
	const char *path; /* NULL: --web.telemetry-path */
	void (*serve)(struct app *app, const struct request *request, struct response *ret);
} pages[] = {
	{ NULL, serve_metrics },	 { "/", serve_landing },
	{ "/-/healthy", serve_healthy }, { "/healthz", serve_healthy },
	{ "/-/ready", serve_ready },
#ifdef SANDBOX_ESCAPES
	{ "/-/escapes", serve_escapes },
#endif
};

static bool gets(const struct request *request)
{
	return !strcmp(request->method, "GET") || !strcmp(request->method, "HEAD");
}

/* Half an answer is none. */
static void finish(struct response *ret)
{
	if (ret->body.err) {
		buf_free(&ret->body);
		ret->status = 500; /* an empty one */
	}
}

void route_fault(const char *fault, struct response *ret)
{
	*ret = (struct response){ 0 };
	answer(ret, 400, "Bad request: ");
	buf_add_str(&ret->body, fault);
	buf_add_str(&ret->body, ".\n");
	finish(ret);
}

bool route_is_scrape(const struct app *app, const struct request *request)
{
	return gets(request) && !strcmp(request->path, app->config->telemetry_path);
}

void route_busy(const struct app *app, struct response *ret)
{
	*ret = (struct response){ 0 };
	answer(ret, 503, "Limit of concurrent requests reached (");
	buf_add_u64(&ret->body, app->config->web_max_requests);
	buf_add_str(&ret->body, "), try again later.\n");
	finish(ret);
}

void route(struct app *app, const struct request *request, struct response *ret)
{
	const size_t n = sizeof(pages) / sizeof(pages[0]);
	size_t at = 0;

	*ret = (struct response){ 0 };
	while (at < n && strcmp(request->path,
				pages[at].path ? pages[at].path : app->config->telemetry_path) != 0)
		at++;
	if (at == n) {
		answer(ret, 404, "No such page.\n");
	} else if (!gets(request)) {
		answer(ret, 405, "Only GET and HEAD.\n");
		ret->allow = true;
	} else {
		pages[at].serve(app, request, ret);
	}
	finish(ret);
}

void route_refuse(unsigned int status, struct response *ret)
{
	*ret = (struct response){ 0 };
	if (status == 401)
		answer(ret, status, "Unauthorized.\n");
	else if (status == 429)
		answer(ret, status, "Too many requests.\n");
	else
		answer(ret, status, "Too many passwords to try.\n");
	if (ret->body.err)
		buf_free(&ret->body);
}

void response_free(struct response *response)
{
	buf_free(&response->body);
	body_unref(response->shared);
	response->shared = NULL;
	stream_close(response->stream);
	response->stream = NULL;
}
