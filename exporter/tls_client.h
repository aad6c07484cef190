/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client's side of TLS, for --probe; the only file that knows GnuTLS. The static flavour is
 * built without it (NO_TLS). Sockets do not block: what would have to wait is -EAGAIN, with
 * the poll() events to wait for in *events.
 *
 * No certificate is verified: the probe asks the exporter of its own machine, over an address of
 * its own machine, for a word that is no secret and decides nothing but "it serves". A name that
 * the certificate does not carry (127.0.0.1) or an authority that a container does not know must
 * not make a healthy exporter ill.
 */
#ifndef TLS_CLIENT_H
#define TLS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct tls_client;

bool tls_client_is_built(void);

/* On a connected socket, which stays the caller's. Returns 0, -ENOMEM, or -ENOTSUP when not built.
 */
int tls_client_open(int fd, struct tls_client **ret);

/* To be repeated until it is not -EAGAIN, before the first byte. Returns 0, -EACCES if the other
 * side wants a certificate of ours (with TLS 1.3 the first recv says so), or -EPROTO if it speaks
 * no TLS that we speak. */
int tls_client_handshake(struct tls_client *client, short *events);

/* As send() and recv(): how many bytes, 0 at the end; -EPROTO for what is no TLS. */
ssize_t tls_client_send(struct tls_client *client, const void *src, size_t n, short *events);
ssize_t tls_client_recv(struct tls_client *client, void *dst, size_t n, short *events);

/* NULL is fine. */
void tls_client_close(struct tls_client *client);

#endif
