/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS for the server's connections, by GnuTLS: certificate, versions, ciphers, and client
 * certificates. Immutable and counted: a reload makes another one for the connections to come, and
 * those that are open keep theirs. Knows nothing of the HTTP library but the session that it made.
 *
 * A client's certificate is judged at the end of the handshake, before any of its bytes is read as
 * a request; one that is not good ends the handshake with an alert, as with Go's servers. As a
 * second lock, a request asks tls_peer_is_good() too: it is only after that judgement.
 */
#ifndef TLS_SERVER_H
#define TLS_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "web_config.h"

struct tls_server;
struct tls_peer;

/* Returns 0; -EINVAL with a reason in err that begins with what is no good, -ENOMEM, or -ENOTSUP
 * in a build without TLS. */
int tls_server_new(const struct web_tls *config, struct tls_server **ret, char *err,
		   size_t err_size);
struct tls_server *tls_server_ref(struct tls_server *server);
void tls_server_unref(struct tls_server *server); /* NULL is fine */

/* A gnutls_certificate_retrieve_function2 that has none: for the HTTP library, so that a session
 * that is not prepared cannot be used. */
extern void *const tls_server_no_certificate;

/* Prepares a gnutls_session_t before its handshake. The peer must outlive the session's use. NULL
 * if that failed: the session then has no certificate, and no handshake succeeds. */
struct tls_peer *tls_peer_new(struct tls_server *server, void *session);

/* Was the handshake ended, and the client found as client_auth_type wants it? */
bool tls_peer_is_good(const struct tls_peer *peer);
void tls_peer_free(struct tls_peer *peer); /* NULL is fine */

#endif
