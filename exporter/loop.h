/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the main thread does while others serve: it waits for signals, reads the counters when
 * nobody scrapes, and tells the service manager. Above app and reload, beside serve.
 */
#ifndef LOOP_H
#define LOOP_H

#include "app.h"
#include "reload.h"
#include "systemd.h"

/* The app has its source. Until SIGTERM or SIGINT comes, which like SIGHUP must be blocked; SIGHUP
 * reloads, or with hangup_ends is the end too. */
void loop_run(struct app *app, const struct invocation *invocation, bool hangup_ends,
	      struct systemd *systemd);

#endif
