/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the program does with a source: serve it until told to stop, or print it once. Above
 * everything but main.
 */
#ifndef SERVE_H
#define SERVE_H

#include "config.h"
#include "reload.h"

/* Both return the exit status, and have said what went wrong. The invocation is of the config. */
int serve(const struct config *config, const struct invocation *invocation);
int serve_once(const struct config *config);

/* "ior_exporter: OPERATION: REASON (REMEDY)" on standard error; returns 1. */
int fatal(const char *operation, const char *reason, const char *remedy);

#endif
