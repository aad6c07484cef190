/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SIGHUP: --config.file is read again, and what can change without a restart does. Above app and
 * config, beside serve.
 */
#ifndef RELOAD_H
#define RELOAD_H

#include <stdbool.h>

#include "app.h"
#include "config.h"

/* What main() got: of the command line and the environment a fresh start would have the same. */
struct invocation {
	int argc;
	char *const *argv;
	char *const *env;
	bool on_terminal; /* whose end is to be ours: signals_hold_hangup() */
};

/* Reads and checks all, then applies it, or nothing. Logs what came of it: one line, and a warning
 * for each flag that changed and needs a restart. By the thread that waits for signals. */
void reload(struct app *app, const struct invocation *invocation);

#endif
