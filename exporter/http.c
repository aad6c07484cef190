/* SPDX-License-Identifier: Apache-2.0 */
/* The only file that knows libmicrohttpd. */
#include "http.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "routes.h"
#include "tls_server.h"

#define CONNECTIONS_MAX 128
#define IDLE_SECONDS 30
#define HEADER_BYTES_MAX (16 << 10)
#define BLOCK (32 << 10)

struct http {
	struct app *app;
	struct web *web; /* NULL: no --web.config.file */
	struct MHD_Daemon *daemon[LISTENERS_MAX];
	size_t n;
};

/* MHD calls a handler once for the headers, then again with each part of a body. The answer is
 * decided by the headers alone; a body is not read. */
static char seen;

static ssize_t read_page(void *page, uint64_t pos, char *dst, size_t max)
{
	ssize_t n = page_read(page, dst, max);

	(void)pos;
	if (n < 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	return n ? n : MHD_CONTENT_READER_END_OF_STREAM;
}

static void close_page(void *page)
{
	page_close(page);
}

/* libmicrohttpd (0.9.75) ends the chunks of a HEAD too, where the client expects the next answer. A
 * length that is known makes no chunks, so the page is made and counted. */
static uint64_t page_length(struct page *page)
{
	char block[4096];
	uint64_t length = 0;
	ssize_t n;

	while ((n = page_read(page, block, sizeof(block))) > 0)
		length += (uint64_t)n;
	return length;
}

/* Takes over the body or page. */
static struct MHD_Response *to_mhd(struct response *from, bool head)
{
	struct MHD_Response *ret;

	if (from->page) {
		ret = MHD_create_response_from_callback(head ? page_length(from->page) :
							       MHD_SIZE_UNKNOWN,
							BLOCK, read_page, from->page, close_page);
		if (ret)
			from->page = NULL;
	} else {
		ret = MHD_create_response_from_buffer(from->body.len, from->body.data,
						      MHD_RESPMEM_MUST_FREE);
		if (ret)
			from->body = (struct buf){ 0 };
	}
	return ret;
}

static void suspend(void *connection)
{
	MHD_suspend_connection(connection);
}

static void resume(void *connection)
{
	MHD_resume_connection(connection);
}

/* With --web.config.file a connection has a peer, from before its handshake on. */
static void notify(void *cls, struct MHD_Connection *connection, void **peer,
		   enum MHD_ConnectionNotificationCode what)
{
	const union MHD_ConnectionInfo *session;
	struct http *http = cls;

	if (!http->web)
		return;
	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		web_peer_close(*peer);
		*peer = NULL;
		return;
	}
	session = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	*peer = web_peer_open(http->web, session ? session->tls_session : NULL, suspend, resume,
			      connection);
}

static enum web_verdict admit(struct http *http, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *peer;

	if (!http->web)
		return WEB_PASS;
	peer = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	return web_admit(http->web, peer->socket_context,
			 MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
						     MHD_HTTP_HEADER_AUTHORIZATION));
}

/* In place of one of ours that has the name. */
static void set_header(void *mhd, const char *name, const char *value)
{
	const char *ours = MHD_get_response_header(mhd, name);

	if (ours)
		(void)MHD_del_response_header(mhd, name, ours);
	if (value)
		(void)MHD_add_response_header(mhd, name, value);
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload_data,
			      size_t *upload_data_size, void **state)
{
	const struct request request = { .method = method, .path = url };
	struct http *http = cls;
	struct MHD_Response *mhd;
	struct response response;
	enum web_verdict verdict;
	enum MHD_Result ret;

	(void)version;
	(void)upload_data;
	if (*state != &seen && (!strcmp(method, "GET") || !strcmp(method, "HEAD"))) {
		*state = &seen;
		return MHD_YES;
	}
	if (*upload_data_size) { /* the body of a GET: an answer may not come before its end */
		*upload_data_size = 0;
		return MHD_YES;
	}
	verdict = admit(http, connection);
	if (verdict == WEB_WAIT)
		return MHD_YES;
	if (verdict == WEB_DROP)
		return MHD_NO;
	if (verdict == WEB_PASS)
		route(http->app, &request, &response);
	else
		route_refuse(verdict, &response);
	mhd = to_mhd(&response, !strcmp(method, "HEAD"));
	if (!mhd) {
		response_free(&response);
		return MHD_NO; /* no memory to say so: the connection is closed */
	}
	if (response.content_type)
		(void)MHD_add_response_header(mhd, MHD_HTTP_HEADER_CONTENT_TYPE,
					      response.content_type);
	if (response.allow)
		(void)MHD_add_response_header(mhd, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	(void)MHD_add_response_header(mhd, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	(void)MHD_add_response_header(mhd, "X-Content-Type-Options", "nosniff");
	(void)MHD_add_response_header(mhd, "Content-Security-Policy", "default-src 'none'");
	if (verdict == WEB_401)
		(void)MHD_add_response_header(mhd, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
					      "Basic realm=\"ior_exporter\"");
	if (http->web)
		web_each_header(http->web, set_header, mhd);
	ret = MHD_queue_response(connection, response.status, mhd);
	MHD_destroy_response(mhd);
	return ret;
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

	if (http->web)
		flags |= MHD_ALLOW_SUSPEND_RESUME;
	if (http->web && web_has_tls(http->web))
		flags |= MHD_USE_TLS;
	else
		tls[0].option = MHD_OPTION_END;
	/* the logger first: it hears of the other options' faults */
	return MHD_start_daemon(
		flags, 0, NULL, NULL, handle, http, MHD_OPTION_EXTERNAL_LOGGER, log_mhd, NULL,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_CONNECTION, notify, http,
		MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
		IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADER_BYTES_MAX,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
}

int http_start(struct app *app, struct listeners *listeners, struct web *web, struct http **ret,
	       char *err, size_t err_size)
{
	struct http *http = calloc(1, sizeof(*http));

	if (!http) {
		(void)snprintf(err, err_size, "start the server: out of memory");
		return -ENOMEM;
	}
	http->app = app;
	http->web = web;
	if (web && web_has_tls(web) && !http_has_tls()) {
		(void)snprintf(err, err_size, WEB_NO_TLS);
		http_stop(http);
		return -ENOTSUP;
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
	web_stop(http->web); /* a connection that waits cannot be ended */
	for (size_t i = 0; i < http->n; i++)
		MHD_stop_daemon(http->daemon[i]);
	free(http);
}

const char *http_library(void)
{
	return MHD_get_version();
}

bool http_has_tls(void)
{
	return MHD_is_feature_supported(MHD_FEATURE_SSL) == MHD_YES;
}
