/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_server.h"

#include <errno.h>

#ifndef NO_TLS

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "tls_san.h"

struct tls_server {
	atomic_uint holders;
	gnutls_certificate_credentials_t credentials;
	gnutls_priority_t priority;
	enum client_auth client_auth;
	struct strings allowed_sans; /* empty: all */
};

struct tls_peer {
	struct tls_server *server;
	bool good;
};

static int tell(int r, const char *what, char *err, size_t err_size)
{
	(void)snprintf(err, err_size, "%s: %s", what, gnutls_strerror(r));
	return r == GNUTLS_E_MEMORY_ERROR ? -ENOMEM : -EINVAL;
}

static gnutls_datum_t datum(const char *text)
{
	/* GnuTLS only reads it */
	return (gnutls_datum_t){ (unsigned char *)text, (unsigned int)strlen(text) };
}

static int trust(struct tls_server *server, const struct web_tls *config, char *err,
		 size_t err_size)
{
	gnutls_datum_t ca;
	int r;

	if (!config->client_ca.text)
		return 0;
	ca = datum(config->client_ca.text);
	r = gnutls_certificate_set_x509_trust_mem(server->credentials, &ca, GNUTLS_X509_FMT_PEM);
	if (r < 0)
		return tell(r, "client_ca", err, err_size);
	if (r == 0) {
		(void)snprintf(err, err_size, "client_ca: has no certificate");
		return -EINVAL;
	}
	return 0;
}

static int set_up(struct tls_server *server, const struct web_tls *config, char *err,
		  size_t err_size)
{
	const gnutls_datum_t cert = datum(config->cert.text), key = datum(config->key.text);
	const char *at;
	int r = gnutls_certificate_allocate_credentials(&server->credentials);

	if (r < 0)
		return tell(r, "TLS", err, err_size);
	r = gnutls_certificate_set_x509_key_mem2(server->credentials, &cert, &key,
						 GNUTLS_X509_FMT_PEM, NULL, 0);
	if (r < 0)
		return tell(r, "certificate and key (do they match?)", err, err_size);
	r = gnutls_priority_init(&server->priority, config->priority, &at);
	if (r < 0)
		return tell(r, "versions, cipher suites and curves", err, err_size);
	for (size_t i = 0; i < config->allowed_sans.n; i++)
		if (strings_add(&server->allowed_sans, config->allowed_sans.item[i],
				strlen(config->allowed_sans.item[i])) < 0)
			return -ENOMEM;
	return trust(server, config, err, err_size);
}

int tls_server_new(const struct web_tls *config, struct tls_server **ret, char *err,
		   size_t err_size)
{
	struct tls_server *server = calloc(1, sizeof(*server));
	int r;

	if (!server)
		return -ENOMEM;
	atomic_init(&server->holders, 1);
	server->client_auth = config->client_auth;
	r = set_up(server, config, err, err_size);
	if (r < 0)
		tls_server_unref(server);
	else
		*ret = server;
	return r;
}

struct tls_server *tls_server_ref(struct tls_server *server)
{
	(void)atomic_fetch_add(&server->holders, 1);
	return server;
}

void tls_server_unref(struct tls_server *server)
{
	if (!server || atomic_fetch_sub(&server->holders, 1) != 1)
		return;
	if (server->priority)
		gnutls_priority_deinit(server->priority);
	if (server->credentials)
		gnutls_certificate_free_credentials(server->credentials);
	strings_free(&server->allowed_sans);
	free(server);
}

/* The alert that says what is wrong with a certificate. */
static gnutls_alert_description_t alert_for(unsigned int status)
{
	if (status & GNUTLS_CERT_SIGNER_NOT_FOUND)
		return GNUTLS_A_UNKNOWN_CA;
	if (status & GNUTLS_CERT_EXPIRED)
		return GNUTLS_A_CERTIFICATE_EXPIRED;
	if (status & GNUTLS_CERT_REVOKED)
		return GNUTLS_A_CERTIFICATE_REVOKED;
	return GNUTLS_A_BAD_CERTIFICATE;
}

/* Returns an alert, or -1: it is signed by one of the authorities, for clients, and of today. */
static int verify(gnutls_session_t session)
{
	gnutls_typed_vdata_st purpose = { .type = GNUTLS_DT_KEY_PURPOSE_OID,
					  .data = (unsigned char *)GNUTLS_KP_TLS_WWW_CLIENT };
	unsigned int status = 0;

	if (gnutls_certificate_verify_peers(session, &purpose, 1, &status) < 0)
		return GNUTLS_A_BAD_CERTIFICATE;
	return status ? (int)alert_for(status) : -1;
}

/* The same of a client and of its certificate, if it has one. */
static int judge(gnutls_session_t session, const struct tls_server *server)
{
	unsigned int n = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &n);
	const bool given = chain && n;
	int alert = -1;

	if (!given)
		return server->client_auth == CLIENT_REQUIRE_ANY ||
				       server->client_auth == CLIENT_REQUIRE_AND_VERIFY ?
			       (int)GNUTLS_A_CERTIFICATE_REQUIRED :
			       -1;
	if (server->client_auth >= CLIENT_VERIFY_IF_GIVEN)
		alert = verify(session);
	if (alert < 0 && server->allowed_sans.n && !tls_san_is_in(&chain[0], &server->allowed_sans))
		alert = GNUTLS_A_BAD_CERTIFICATE;
	return alert;
}

/* When the client's Finished has come: its certificate is known by then, and that it has the key.
 */
static int at_finished(gnutls_session_t session, unsigned int type, unsigned int when,
		       unsigned int incoming, const gnutls_datum_t *message)
{
	struct tls_peer *peer = gnutls_db_get_ptr(session);
	int alert;

	(void)type;
	(void)when;
	(void)message;
	if (!incoming)
		return 0;
	alert = judge(session, peer->server);
	if (alert < 0) {
		peer->good = true;
		return 0;
	}
	log_debug("client refused", "alert", gnutls_alert_get_name((unsigned int)alert));
	/* whether it arrives or not, this ends the handshake */
	(void)gnutls_alert_send(session, GNUTLS_AL_FATAL, (unsigned int)alert);
	return GNUTLS_E_CERTIFICATE_ERROR;
}

static int no_certificate(gnutls_session_t session, const gnutls_datum_t *authorities,
			  int authorities_n, const gnutls_pk_algorithm_t *algorithms,
			  int algorithms_n, gnutls_pcert_st **certs, unsigned int *certs_n,
			  gnutls_privkey_t *key)
{
	(void)session;
	(void)authorities;
	(void)authorities_n;
	(void)algorithms;
	(void)algorithms_n;
	(void)certs;
	(void)certs_n;
	(void)key;
	return -1;
}

void *const tls_server_no_certificate = (void *)no_certificate;

struct tls_peer *tls_peer_new(struct tls_server *server, void *session)
{
	struct tls_peer *peer = calloc(1, sizeof(*peer));

	if (!peer)
		return NULL;
	if (gnutls_priority_set(session, server->priority) < 0 ||
	    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, server->credentials) < 0) {
		free(peer);
		return NULL;
	}
	peer->server = tls_server_ref(server);
	/* The session's own pointer is the HTTP library's; that of the database of sessions, which
	 * there is not, is free. */
	gnutls_db_set_ptr(session, peer);
	gnutls_certificate_server_set_request(session, server->client_auth == CLIENT_NONE ?
							       GNUTLS_CERT_IGNORE :
							       GNUTLS_CERT_REQUEST);
	gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_FINISHED, GNUTLS_HOOK_POST,
					   at_finished);
	return peer;
}

bool tls_peer_is_good(const struct tls_peer *peer)
{
	return peer->good;
}

void tls_peer_free(struct tls_peer *peer)
{
	if (!peer)
		return;
	tls_server_unref(peer->server);
	free(peer);
}

#else

void *const tls_server_no_certificate = NULL;

int tls_server_new(const struct web_tls *config, struct tls_server **ret, char *err,
		   size_t err_size)
{
	(void)config;
	(void)ret;
	(void)err;
	(void)err_size;
	return -ENOTSUP;
}

struct tls_server *tls_server_ref(struct tls_server *server)
{
	return server;
}

void tls_server_unref(struct tls_server *server)
{
	(void)server;
}

struct tls_peer *tls_peer_new(struct tls_server *server, void *session)
{
	(void)server;
	(void)session;
	return NULL;
}

bool tls_peer_is_good(const struct tls_peer *peer)
{
	(void)peer;
	return false;
}

void tls_peer_free(struct tls_peer *peer)
{
	(void)peer;
}

#endif
