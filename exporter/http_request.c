/* SPDX-License-Identifier: Apache-2.0 */
#include "http_request.h"

#include <stddef.h>
#include <string.h>

#include "head.h"

/* libmicrohttpd (0.9.75) answers twice when it cannot read a Content-Length. It takes the first one
 * that there is, so it gets one that it can read, before those of the client: they are head's. */
static const char no_length[] = MHD_HTTP_HEADER_CONTENT_LENGTH;

void http_connection(void *guard, struct MHD_Connection *connection, void **conn,
		     enum MHD_ConnectionNotificationCode code)
{
	const union MHD_ConnectionInfo *fd, *address;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		guard_remove(guard, *conn);
		return;
	}
	fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	address = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	*conn = guard_add(guard, fd->connect_fd, address ? address->client_addr : NULL);
}

struct conn *http_conn(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
		->socket_context;
}

void http_request_completed(void *guard, struct MHD_Connection *connection, void **state,
			    enum MHD_RequestTerminationCode code)
{
	(void)state;
	(void)code; /* if it is closed now, that is told next */
	guard_idle(guard, http_conn(connection));
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

void *http_request_begins(void *guard, const char *target, struct MHD_Connection *connection)
{
	guard_head(guard, http_conn(connection));
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
