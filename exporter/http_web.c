/* SPDX-License-Identifier: Apache-2.0 */
#include "http_web.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "http.h"

bool http_has_tls(void)
{
	return MHD_is_feature_supported(MHD_FEATURE_SSL) == MHD_YES;
}

int http_web_start(struct web *web, char *err, size_t err_size)
{
	int r;

	if (web && web_has_tls(web) && !http_has_tls()) {
		(void)snprintf(err, err_size, WEB_NO_TLS);
		return -ENOTSUP;
	}
	r = web ? web_start(web) : 0;
	if (r < 0)
		(void)snprintf(err, err_size, "start the server: %s", strerror(-r));
	return r;
}

static void suspend(void *connection)
{
	MHD_suspend_connection(connection);
}

static void resume(void *connection)
{
	MHD_resume_connection(connection);
}

struct web_peer *http_web_peer(struct web *web, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *session;

	if (!web)
		return NULL;
	session = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	return web_peer_open(web, session ? session->tls_session : NULL, suspend, resume,
			     connection);
}

enum web_verdict http_web_admit(struct web *web, struct web_peer *peer,
				struct MHD_Connection *connection)
{
	if (!web)
		return WEB_PASS;
	return web_admit(web, peer,
			 MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
						     MHD_HTTP_HEADER_AUTHORIZATION));
}

static void set_header(void *response, const char *name, const char *value)
{
	const char *ours = MHD_get_response_header(response, name);

	if (ours)
		(void)MHD_del_response_header(response, name, ours);
	if (value)
		(void)MHD_add_response_header(response, name, value);
}

void http_web_headers(struct web *web, struct MHD_Response *response)
{
	if (web)
		web_each_header(web, set_header, response);
}
