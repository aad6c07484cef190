/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the program does with a source: serve it until told to stop, or print it once. Above
 * everything but main.
 */
#ifndef SERVE_H
#define SERVE_H

#include "config.h"
#include "reload.h"

/* From now on SIGHUP waits for serve(), so that one that comes during the start is neither lost nor
 * the end; where nothing is served it means nothing. */
void serve_hold_reload(void);

/* Block the signals that end the program; before any thread is made. */
void serve_block_signals(void);

/* Both return the exit status, and have said what went wrong. The invocation is of the config. */
int serve(const struct config *config, const struct invocation *invocation);
int serve_once(const struct config *config);

/* "ior_exporter: OPERATION: REASON (REMEDY)" on standard error; returns 1. */
int fatal(const char *operation, const char *reason, const char *remedy);

#endif
