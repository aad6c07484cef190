/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's list of threads that are inside a call, by a BPF task iterator. */
#ifndef IN_FLIGHT_H
#define IN_FLIGHT_H

#include "arrays.h"
#include "source.h"

/* Runs the iterator behind the link once and visits what it lists. Returns 0, or -errno of the
 * kernel or of the visitor. Without a descriptor for that it visits nothing and says so in the log.
 */
int in_flight_visit(const struct arrays *arrays, int link_fd, const struct source_visitor *visitor);

#endif
