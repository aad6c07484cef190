/* SPDX-License-Identifier: Apache-2.0 */
#include "routes.h"

#include <errno.h>
#include <string.h>

#include "encode.h"
#include "version.h"

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

static void serve_metrics(struct app *app, struct response *ret)
{
	struct view view;
	int r = app_view(app, &view);

	if (r == -EBUSY) {
		answer(ret, 503,
		       "Scrapes that do not read their pages hold all there is memory for.\n");
		return;
	}
	if (r == 0)
		ret->page = page_open(&view);
	if (!ret->page) {
		answer(ret, 500, "Out of memory.\n");
		return;
	}
	ret->status = 200;
	ret->content_type = ENCODE_TEXT_TYPE;
}

static void add_html(struct buf *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			buf_add_str(out, "&amp;");
			break;
		case '<':
			buf_add_str(out, "&lt;");
			break;
		case '"':
			buf_add_str(out, "&quot;");
			break;
		default:
			buf_add(out, text, 1);
		}
	}
}

static void serve_landing(struct app *app, struct response *ret)
{
	struct buf *out = &ret->body;
	struct build build;

	version_describe(&build);
	ret->status = 200;
	ret->content_type = HTML;
	buf_add_str(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
			 "<title>ior_exporter</title>\n</head>\n<body>\n<h1>ior_exporter</h1>\n"
			 "<p>System call latency, bytes and errors by program, counted in the "
			 "kernel.</p>\n<p>Version ");
	add_html(out, build.version);
	buf_add_str(out, ", revision ");
	add_html(out, build.revision);
	buf_add_str(out, app_is_ready(app) ? ". Tracing.</p>\n" : ". Not attached yet.</p>\n");
	buf_add_str(out, "<ul>\n<li><a href=\"");
	add_html(out, app->config->telemetry_path);
	buf_add_str(out, "\">Metrics</a></li>\n"
			 "<li><a href=\"/-/healthy\">Health</a></li>\n"
			 "<li><a href=\"/-/ready\">Readiness</a></li>\n</ul>\n</body>\n</html>\n");
}

static void serve_healthy(struct app *app, struct response *ret)
{
	(void)app;
	answer(ret, 200, "Healthy.\n");
}

static void serve_ready(struct app *app, struct response *ret)
{
	if (app_is_ready(app))
		answer(ret, 200, "Ready.\n");
	else
		answer(ret, 503, "Not attached yet.\n");
}

#ifdef SANDBOX_ESCAPES /* a build of the tests */
static void serve_escapes(struct app *app, struct response *ret)
{
	char text[ESCAPES_SIZE];

	(void)app;
	escapes_try(text);
	answer(ret, 200, text);
}
#endif

static const struct {
	const char *path; /* NULL: --web.telemetry-path */
	void (*serve)(struct app *app, struct response *ret);
} pages[] = {
	{ NULL, serve_metrics },	 { "/", serve_landing },
	{ "/-/healthy", serve_healthy }, { "/healthz", serve_healthy },
	{ "/-/ready", serve_ready },
#ifdef SANDBOX_ESCAPES
	{ "/-/escapes", serve_escapes },
#endif
};

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
	} else if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0) {
		answer(ret, 405, "Only GET and HEAD.\n");
		ret->allow = true;
	} else {
		pages[at].serve(app, ret);
	}
	if (ret->body.err) {
		buf_free(&ret->body);
		ret->status = 500; /* an empty one */
	}
}

void response_free(struct response *response)
{
	buf_free(&response->body);
	page_close(response->page);
	response->page = NULL;
}
