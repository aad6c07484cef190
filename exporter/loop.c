/* SPDX-License-Identifier: Apache-2.0 */
#include "loop.h"

#include <signal.h>
#include <stdio.h>

#include "log.h"
#include "signals.h"

static void tell_ready(struct app *app, struct systemd *systemd)
{
	const struct source_info *info = &app->source->info;
	char status[256];

	(void)snprintf(status, sizeof(status), "Tracing by %s (copies: %u, kernel %s).", info->mode,
		       info->copies, info->kernel);
	systemd_ready(systemd, app->config->replay ? "Replaying a dump." : status);
}

static void reload_all(struct app *app, const struct loop *loop)
{
	systemd_reloading(loop->systemd);
	if (app->config->config_file || !loop->web)
		reload(app, loop->invocation);
	if (loop->web)
		app_web_loaded(app, web_reload(loop->web));
	tell_ready(app, loop->systemd);
}

static uint64_t smallest(uint64_t a, uint64_t b, uint64_t c)
{
	const uint64_t smaller = a < b ? a : b;

	return smaller < c ? smaller : c;
}

void loop_run(struct app *app, const struct loop *loop)
{
	const uint64_t interval_ns = app->config->interval_ns;
	const uint64_t look_ns = loop->web ? WEB_LOOK_NS : UINT64_MAX;
	uint64_t tick_at_ns = clock_system.monotonic_ns(NULL) + interval_ns;

	tell_ready(app, loop->systemd);
	for (;;) {
		const uint64_t alive_ns = systemd_alive(loop->systemd);
		const uint64_t now_ns = clock_system.monotonic_ns(NULL);
		const uint64_t wait_ns = tick_at_ns > now_ns ? tick_at_ns - now_ns : 0;
		const int number = signals_wait(smallest(wait_ns, alive_ns, look_ns), true);

		if (number && (number != SIGHUP || loop->hangup_ends)) {
			log_info("stopping", "signal", signals_name(number));
			systemd_stopping(loop->systemd);
			return;
		}
		if (number)
			reload_all(app, loop);
		else if (loop->web)
			app_web_loaded(app, web_tick(loop->web));
		if (number || clock_system.monotonic_ns(NULL) >= tick_at_ns) {
			app_tick(app);
			tick_at_ns = clock_system.monotonic_ns(NULL) + interval_ns;
		}
	}
}
