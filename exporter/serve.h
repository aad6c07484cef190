/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the program does with a source: serve it until told to stop, or print it once. Above
 * everything but main.
 */
#ifndef SERVE_H
#define SERVE_H

#include "config.h"
#include "reload.h"

#define EXIT_USAGE 2

/* Both return the exit status, and have said what went wrong. The invocation is of the config. */
int serve(const struct config *config, const struct invocation *invocation);
int serve_once(const struct config *config);

/* "ior_exporter: OPERATION: REASON (REMEDY)" on standard error; returns 1. */
int fatal(const char *operation, const char *reason, const char *remedy);

/* The same of what config_parse() or web_config_load() complained of. Returns 2, usage, if that is
 * what somebody wrote (-EINVAL), and 1 if it could not be read. */
int fatal_config(int r, const char *err);

#endif
