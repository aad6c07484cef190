/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_client.h"

#include <errno.h>

#ifndef NO_TLS

#include <gnutls/gnutls.h>
#include <poll.h>
#include <stdlib.h>

struct tls_client {
	gnutls_session_t session;
	gnutls_certificate_credentials_t credentials; /* none of ours; GnuTLS wants the object */
};

bool tls_client_is_built(void)
{
	return true;
}

static int set_up(struct tls_client *client, int fd)
{
	int r = gnutls_certificate_allocate_credentials(&client->credentials);

	if (!r)
		r = gnutls_init(&client->session,
				GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
	if (!r)
		r = gnutls_set_default_priority(client->session);
	if (!r)
		r = gnutls_credentials_set(client->session, GNUTLS_CRD_CERTIFICATE,
					   client->credentials);
	if (!r)
		gnutls_transport_set_int(client->session, fd);
	return r;
}

int tls_client_open(int fd, struct tls_client **ret)
{
	struct tls_client *client = calloc(1, sizeof(*client));
	int r;

	if (!client)
		return -ENOMEM;
	r = set_up(client, fd);
	if (r) {
		tls_client_close(client);
		return r == GNUTLS_E_MEMORY_ERROR ? -ENOMEM : -EPROTO;
	}
	*ret = client;
	return 0;
}

/* GnuTLS asks to be called again at once for what ends nothing, such as a warning. */
static bool goes_on(ssize_t r)
{
	return r < 0 && r != GNUTLS_E_AGAIN && !gnutls_error_is_fatal((int)r);
}

static ssize_t to_errno(const struct tls_client *client, ssize_t r, short *events)
{
	if (r >= 0)
		return r;
	if (r == GNUTLS_E_FATAL_ALERT_RECEIVED &&
	    gnutls_alert_get(client->session) == GNUTLS_A_CERTIFICATE_REQUIRED)
		return -EACCES;
	if (r != GNUTLS_E_AGAIN)
		return -EPROTO;
	*events = gnutls_record_get_direction(client->session) ? POLLOUT : POLLIN;
	return -EAGAIN;
}

int tls_client_handshake(struct tls_client *client, short *events)
{
	ssize_t r;

	do
		r = gnutls_handshake(client->session);
	while (goes_on(r));
	return (int)to_errno(client, r, events);
}

ssize_t tls_client_send(struct tls_client *client, const void *src, size_t n, short *events)
{
	ssize_t r;

	do
		r = gnutls_record_send(client->session, src, n);
	while (goes_on(r));
	return to_errno(client, r, events);
}

ssize_t tls_client_recv(struct tls_client *client, void *dst, size_t n, short *events)
{
	ssize_t r;

	do
		r = gnutls_record_recv(client->session, dst, n);
	while (goes_on(r));
	if (r == GNUTLS_E_PREMATURE_TERMINATION)
		return 0;
	return to_errno(client, r, events);
}

void tls_client_close(struct tls_client *client)
{
	if (!client)
		return;
	if (client->session)
		gnutls_deinit(client->session);
	if (client->credentials)
		gnutls_certificate_free_credentials(client->credentials);
	free(client);
}

#else

bool tls_client_is_built(void)
{
	return false;
}

int tls_client_open(int fd, struct tls_client **ret)
{
	(void)fd;
	(void)ret;
	return -ENOTSUP;
}

int tls_client_handshake(struct tls_client *client, short *events)
{
	(void)client;
	(void)events;
	return -ENOTSUP;
}

ssize_t tls_client_send(struct tls_client *client, const void *src, size_t n, short *events)
{
	(void)src;
	(void)n;
	return tls_client_handshake(client, events);
}

ssize_t tls_client_recv(struct tls_client *client, void *dst, size_t n, short *events)
{
	(void)dst;
	(void)n;
	return tls_client_handshake(client, events);
}

void tls_client_close(struct tls_client *client)
{
	(void)client;
}

#endif
