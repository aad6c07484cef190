/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the main thread does while others serve: it waits for signals, reads the counters when
 * nobody scrapes, looks at the files of the web configuration, and tells the service manager. Above
 * app, web and reload, beside serve.
 */
#ifndef LOOP_H
#define LOOP_H

#include "app.h"
#include "reload.h"
#include "systemd.h"
#include "web.h"

struct loop {
	const struct invocation *invocation;
	bool hangup_ends; /* SIGHUP is the end too; else it reloads */
	struct web *web;  /* NULL: no --web.config.file */
	struct systemd *systemd;
};

/* The app has its source. Until SIGTERM or SIGINT comes, which like SIGHUP must be blocked. */
void loop_run(struct app *app, const struct loop *loop);

#endif
