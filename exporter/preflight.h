/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tracing needs of a machine: --check asks for all of it, and a failure to start asks which of
 * it is missing, so that the message can say what helps.
 */
#ifndef PREFLIGHT_H
#define PREFLIGHT_H

#include <stddef.h>
#include <stdio.h>

/* What helps against error r (a negative errno) of loading or attaching BPF programs here, judged
 * by what this machine lacks; "" if there is no good guess. */
void preflight_remedy(int r, char *ret, size_t size);

/* One line for each need: "ok", "missing" with its remedy, or "note" with what the exporter does
 * without. Returns how many are missing. */
int preflight_print(FILE *out);

#endif
