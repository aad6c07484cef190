/* SPDX-License-Identifier: Apache-2.0 */
/* The names in a certificate that client_allowed_sans is about. Not in a build without TLS. */
#ifndef TLS_SAN_H
#define TLS_SAN_H

#include <stdbool.h>

#include "values.h"

/* Is a DNS name, e-mail or IP address or URI of the certificate (DER; a gnutls_datum_t) exactly one
 * of these? */
bool tls_san_is_in(const void *certificate, const struct strings *allowed);

#endif
