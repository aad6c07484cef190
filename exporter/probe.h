/* SPDX-License-Identifier: Apache-2.0 */
/* --probe: a health check that needs no other program, for images without a shell. */
#ifndef PROBE_H
#define PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "values.h"

/* Asks for /-/healthy at each address that the --web.listen-address texts stand for ("every
 * address" being the loopback of its family), until one is healthy, for 3 s in all; `tls` as the
 * server does. Healthy is too who wants a password or a client certificate, or fewer requests.
 * Returns 0, or with one line in err -EPROTO if something answered that is not a healthy exporter,
 * -ENOTSUP if this build has no TLS, else the -errno of the first address. */
int probe(const struct strings *addresses, bool tls, char *err, size_t err_size);

#endif
