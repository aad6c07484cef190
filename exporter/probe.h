/* SPDX-License-Identifier: Apache-2.0 */
/* --probe: a health check that needs no other program, for images without a shell. */
#ifndef PROBE_H
#define PROBE_H

#include <stddef.h>

/* Asks the exporter at a --web.listen-address for /-/healthy, for 3 s at most. Returns 0, or
 * -errno (-EPROTO: something else answers) with one line in err. */
int probe(const char *address, char *err, size_t err_size);

#endif
