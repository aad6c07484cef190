/* SPDX-License-Identifier: Apache-2.0 */
#include "http_web.h"

#include <stddef.h>

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
