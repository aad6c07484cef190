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

void loop_run(struct app *app, const struct invocation *invocation, bool hangup_ends,
	      struct systemd *systemd)
{
	const uint64_t interval_ns = app->config->interval_ns;
	uint64_t tick_at_ns = clock_system.monotonic_ns(NULL) + interval_ns;

	tell_ready(app, systemd);
	for (;;) {
		const uint64_t alive_ns = systemd_alive(systemd);
		const uint64_t now_ns = clock_system.monotonic_ns(NULL);
		uint64_t wait_ns = tick_at_ns > now_ns ? tick_at_ns - now_ns : 0;
		int number;

		number = signals_wait(wait_ns < alive_ns ? wait_ns : alive_ns, true);
		if (number && (number != SIGHUP || hangup_ends)) {
			log_info("stopping", "signal", signals_name(number));
			systemd_stopping(systemd);
			return;
		}
		if (number) {
			systemd_reloading(systemd);
			reload(app, invocation);
			tell_ready(app, systemd);
		} else if (alive_ns < wait_ns) {
			continue;
		}
		app_tick(app);
		tick_at_ns = clock_system.monotonic_ns(NULL) + interval_ns;
	}
}
