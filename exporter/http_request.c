/* SPDX-License-Identifier: Apache-2.0 */
#include "http_request.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "head.h"
#include "http_web.h"

/* libmicrohttpd (0.9.75) answers twice when it cannot read a Content-Length. It takes the first one
 * that there is, so it gets one that it can read, before those of the client: they are head's. */
static const char no_length[] = MHD_HTTP_HEADER_CONTENT_LENGTH;

/* A connection's, of each that looks at it. */
struct link {
	struct conn *conn;
	struct web_peer *peer;
};

static void begin(const struct http_gate *gate, struct MHD_Connection *connection,
		  struct link **ret)
{
	const int fd =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	const union MHD_ConnectionInfo *address =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct link *link = calloc(1, sizeof(*link));

	if (link) {
		link->conn = guard_add(gate->guard, fd, address ? address->client_addr : NULL);
		link->peer = http_web_peer(gate->web, connection);
	} else {
		(void)shutdown(fd, SHUT_RDWR); /* nobody would look at it */
	}
	*ret = link;
}

void http_connection(void *gate_, struct MHD_Connection *connection, void **link_,
		     enum MHD_ConnectionNotificationCode code)
{
	const struct http_gate *gate = gate_;
	struct link *link = *link_;

	if (code != MHD_CONNECTION_NOTIFY_CLOSED) {
		begin(gate, connection, (struct link **)link_);
	} else if (link) {
		guard_remove(gate->guard, link->conn);
		web_peer_close(link->peer);
		free(link);
		*link_ = NULL;
	}
}

static const struct link *link_of(struct MHD_Connection *connection)
{
	static const struct link none;
	const struct link *link =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
			->socket_context;

	return link ?: &none;
}

struct conn *http_conn(struct MHD_Connection *connection)
{
	return link_of(connection)->conn;
}

struct web_peer *http_peer(struct MHD_Connection *connection)
{
	return link_of(connection)->peer;
}

void http_request_completed(void *gate, struct MHD_Connection *connection, void **state,
			    enum MHD_RequestTerminationCode code)
{
	(void)state;
	(void)code; /* if it is closed now, that is told next */
	guard_idle(((struct http_gate *)gate)->guard, http_conn(connection));
}

static const char *target_fault(const char *target, struct MHD_Connection *connection)
{
	if (MHD_set_connection_value(connection, MHD_HEADER_KIND, no_length, "0") != MHD_YES)
		return "there is no memory for its headers";
	/* A zero byte would end the string before the version, which libmicrohttpd leaves in its
	 * place behind the target. */
	if (strncmp(target + strlen(target) + 1, "HTTP/", strlen("HTTP/")) != 0)
		return "the target has a zero byte";
	return head_target_fault(target);
}

void *http_request_begins(void *gate, const char *target, struct MHD_Connection *connection)
{
	guard_head(((struct http_gate *)gate)->guard, http_conn(connection));
	return (void *)target_fault(target, connection);
}

static enum MHD_Result add(void *head, enum MHD_ValueKind kind, const char *name, const char *value)
{
	(void)kind;
	if (name == no_length)
		return MHD_YES;
	/* libmicrohttpd (0.9.75) adds a folded line to the name of its header, for which it takes
	 * new memory: behind the values, which stay where they were received. */
	if (value && (uintptr_t)value < (uintptr_t)name)
		head_add(head, "", "");
	head_add(head, name, value ? value : "");
	return MHD_YES;
}

const char *http_head_fault(struct MHD_Connection *connection, const char *version,
			    uint64_t *timeout_ns)
{
	struct head head = HEAD_EMPTY;

	(void)MHD_get_connection_values(connection, MHD_HEADER_KIND, add, &head);
	*timeout_ns = head.timeout_ns;
	return head_fault(&head, version);
}
