/* SPDX-License-Identifier: Apache-2.0 */
/* libmicrohttpd is known by this file, http_request.c, http_values.c and http_web.c. */
#include "http.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth.h"
#include "guard.h"
#include "head.h"
#include "http_request.h"
#include "http_values.h"
#include "http_web.h"
#include "log.h"
#include "routes.h"
#include "tls_server.h"

/* The guard's deadlines are shorter. */
#define IDLE_SECONDS 120
/* Connections that the guard has ended and libmicrohttpd has not closed yet; those that wait for
 * their password's hash it cannot close. */
#define ENDING_MAX (64 + AUTH_WAITING_MAX)
#define HEADER_BYTES_MAX (16 << 10)
#define BLOCK (32 << 10)

struct http {
	struct app *app;
	struct http_gate gate; /* what stands before it */
	struct MHD_Daemon *daemon[LISTENERS_MAX];
	size_t n;
};

/* MHD calls a handler once for the headers, and again when the request is complete: it closes the
 * connection after an answer to the first call. */
static char seen;

static ssize_t read_stream(void *stream, uint64_t pos, char *dst, size_t max)
{
	ssize_t n = stream_read(stream, dst, max);

	(void)pos;
	if (n < 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	return n ? n : MHD_CONTENT_READER_END_OF_STREAM;
}

static void close_stream(void *stream)
{
	stream_close(stream);
}

static void unref_body(void *body)
{
	body_unref(body);
}

/* libmicrohttpd (0.9.75) ends the chunks of a HEAD too, where the client expects the next answer. A
 * length that is known makes no chunks, so the page is made and counted. */
static uint64_t stream_length(struct stream *stream)
{
	char block[4096];
	uint64_t length = 0;
	ssize_t n;

	while ((n = stream_read(stream, block, sizeof(block))) > 0)
		length += (uint64_t)n;
	return length;
}

/* Takes over the body, the shared one or the stream. */
static struct MHD_Response *to_mhd(struct response *from, bool head)
{
	struct MHD_Response *ret;

	if (from->shared)
		ret = MHD_create_response_from_buffer_with_free_callback_cls(
			from->shared->len, from->shared->memory, unref_body, from->shared);
	else if (from->stream)
		ret = MHD_create_response_from_callback(
			head ? stream_length(from->stream) : MHD_SIZE_UNKNOWN, BLOCK, read_stream,
			from->stream, close_stream);
	else
		ret = MHD_create_response_from_buffer(from->body.len, from->body.data,
						      MHD_RESPMEM_MUST_FREE);
	if (ret) {
		from->shared = NULL;
		from->stream = NULL;
		from->body = (struct buf){ 0 };
	}
	return ret;
}

static void add_headers(struct MHD_Response *mhd, const struct response *response)
{
	const char *coding = compress_name(response->coding);

	if (response->content_type)
		(void)MHD_add_response_header(mhd, MHD_HTTP_HEADER_CONTENT_TYPE,
					      response->content_type);
	if (coding)
		(void)MHD_add_response_header(mhd, MHD_HTTP_HEADER_CONTENT_ENCODING, coding);
	if (response->negotiated)
		(void)MHD_add_response_header(mhd, MHD_HTTP_HEADER_VARY, "Accept, Accept-Encoding");
	if (response->allow)
		(void)MHD_add_response_header(mhd, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	if (response->status == MHD_HTTP_SERVICE_UNAVAILABLE)
		(void)MHD_add_response_header(mhd, MHD_HTTP_HEADER_RETRY_AFTER, "1");
	if (response->status == MHD_HTTP_UNAUTHORIZED)
		(void)MHD_add_response_header(mhd, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
					      "Basic realm=\"ior_exporter\"");
	(void)MHD_add_response_header(mhd, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	(void)MHD_add_response_header(mhd, "X-Content-Type-Options", "nosniff");
	(void)MHD_add_response_header(mhd, "Content-Security-Policy",
				      response->policy ? response->policy : "default-src 'none'");
}

/* Takes over the response. */
static enum MHD_Result answer(struct http *http, struct MHD_Connection *connection,
			      struct response *response, bool head)
{
	struct MHD_Response *mhd = to_mhd(response, head);
	enum MHD_Result ret;

	if (!mhd) {
		response_free(response);
		return MHD_NO; /* no memory to say so: the connection is closed */
	}
	add_headers(mhd, response);
	http_web_headers(http->gate.web, mhd);
	ret = MHD_queue_response(connection, response->status, mhd);
	MHD_destroy_response(mhd);
	return ret;
}

/* What is wrong with the request, of which the headers are there; NULL: nothing. */
static const char *look_at_head(struct http *http, struct MHD_Connection *connection,
				const char *version, void *state)
{
	uint64_t timeout_ns;
	const char *fault = http_head_fault(connection, version, &timeout_ns);

	guard_answer(http->gate.guard, http_conn(connection), timeout_ns);
	return state ? state : fault;
}

/* A request that may be answered. */
static void serve(struct http *http, struct MHD_Connection *connection, struct request *request,
		  struct response *ret)
{
	http_values(connection, request);
	if (!route_is_scrape(http->app, request) ||
	    guard_admit_scrape(http->gate.guard, http_conn(connection)))
		route(http->app, request, ret);
	else
		route_busy(http->app, ret);
	if (ret->status == MHD_HTTP_SERVICE_UNAVAILABLE)
		guard_end_slow(http->gate.guard);
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload_data,
			      size_t *upload_data_size, void **state)
{
	struct request request = { .method = method, .path = head_path(url) };
	const bool head = !strcmp(method, "HEAD");
	struct http *http = cls;
	struct response response;
	const char *fault = NULL;
	enum web_verdict verdict = WEB_PASS;

	(void)upload_data;
	(void)upload_data_size; /* a request that has a body is refused */
	if (*state != &seen) {
		fault = look_at_head(http, connection, version, *state);
		*state = &seen;
		if (!fault && (head || !strcmp(method, "GET")))
			return MHD_YES;
	}
	if (!fault)
		verdict = http_web_admit(http->gate.web, http_peer(connection), connection);
	if (verdict == WEB_WAIT)
		return MHD_YES;
	if (verdict == WEB_DROP)
		return MHD_NO;
	if (fault)
		route_fault(fault, &response);
	else if (verdict != WEB_PASS)
		route_refuse(verdict, &response);
	else
		serve(http, connection, &request, &response);
	return answer(http, connection, &response, head);
}

__attribute__((format(printf, 2, 0))) static void log_mhd(void *cls, const char *fmt, va_list args)
{
	char text[512];
	size_t n;

	(void)cls;
	(void)vsnprintf(text, sizeof(text), fmt, args);
	n = strlen(text);
	while (n && text[n - 1] == '\n')
		text[--n] = '\0';
	log_debug("libmicrohttpd", "text", text);
}

static struct MHD_Daemon *start_one(struct http *http, int fd)
{
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_CERT_CALLBACK, 0, tls_server_no_certificate },
		{ MHD_OPTION_END, 0, NULL },
	};
	unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG;

	if (http->gate.web)
		flags |= MHD_ALLOW_SUSPEND_RESUME;
	if (http->gate.web && web_has_tls(http->gate.web))
		flags |= MHD_USE_TLS;
	else
		tls[0].option = MHD_OPTION_END;
	/* the logger first: it hears of the other options' faults */
	return MHD_start_daemon(
		flags, 0, NULL, NULL, handle, http, MHD_OPTION_EXTERNAL_LOGGER, log_mhd, NULL,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
		guard_limit(http->gate.guard) + ENDING_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
		IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADER_BYTES_MAX,
		/* a request without Host is head's: libmicrohttpd (0.9.75) would refuse it twice */
		MHD_OPTION_STRICT_FOR_CLIENT, 0, MHD_OPTION_NOTIFY_CONNECTION, http_connection,
		&http->gate, MHD_OPTION_NOTIFY_COMPLETED, http_request_completed, &http->gate,
		MHD_OPTION_URI_LOG_CALLBACK, http_request_begins, &http->gate, MHD_OPTION_ARRAY,
		tls, MHD_OPTION_END);
}

int http_start(struct app *app, struct listeners *listeners, struct web *web, struct http **ret,
	       char *err, size_t err_size)
{
	struct http *http = calloc(1, sizeof(*http));
	int r;

	if (http)
		http->gate.guard = guard_start(app->clock, app->config->web_max_requests);
	if (!http || !http->gate.guard) {
		(void)snprintf(err, err_size, "start the server: out of memory");
		http_stop(http);
		return -ENOMEM;
	}
	http->app = app;
	http->gate.web = web;
	r = http_web_start(web, err, err_size);
	if (r < 0) {
		http_stop(http);
		return r;
	}
	for (size_t i = 0; i < listeners->n; i++) {
		/* A copy: libmicrohttpd closes the socket in some of its failures, and a descriptor
		 * closed twice may be somebody else's. */
		int fd = fcntl(listeners->item[i].fd, F_DUPFD_CLOEXEC, 0);

		http->daemon[i] = fd < 0 ? NULL : start_one(http, fd);
		if (!http->daemon[i]) {
			(void)snprintf(
				err, err_size,
				"serve on %s: libmicrohttpd refused (--log.level=debug shows why)",
				listeners->item[i].address);
			http_stop(http);
			return -EIO;
		}
		http->n++;
		(void)close(listeners->item[i].fd);
		listeners->item[i].fd = -1;
	}
	*ret = http;
	return 0;
}

void http_stop(struct http *http)
{
	if (!http)
		return;
	web_stop(http->gate.web); /* a connection that waits cannot be ended */
	for (size_t i = 0; i < http->n; i++)
		MHD_stop_daemon(http->daemon[i]);
	guard_stop(http->gate.guard);
	free(http);
}

const char *http_library(void)
{
	return MHD_get_version();
}
