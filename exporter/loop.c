/* SPDX-License-Identifier: Apache-2.0 */
#include "loop.h"

#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "log.h"

static void tell_ready(struct app *app, struct systemd *systemd)
{
	const struct source_info *info = &app->source->info;
	char status[256];

	(void)snprintf(status, sizeof(status), "Tracing by %s (copies: %u, kernel %s).", info->mode,
		       info->copies, info->kernel);
	systemd_ready(systemd, app->config->replay ? "Replaying a dump." : status);
}

static int wait_for_signal(const sigset_t *set, uint64_t wait_ns)
{
	const struct timespec wait = { .tv_sec = (time_t)(wait_ns / 1000000000),
				       .tv_nsec = (long)(wait_ns % 1000000000) };

	return sigtimedwait(set, NULL, &wait);
}

void loop_run(struct app *app, const struct invocation *invocation, struct systemd *systemd)
{
	const uint64_t interval_ns = app->config->interval_ns;
	uint64_t tick_at_ns = clock_system.monotonic_ns(NULL) + interval_ns;
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	tell_ready(app, systemd);
	for (;;) {
		const uint64_t alive_ns = systemd_alive(systemd);
		const uint64_t now_ns = clock_system.monotonic_ns(NULL);
		uint64_t wait_ns = tick_at_ns > now_ns ? tick_at_ns - now_ns : 0;
		int number;

		number = wait_for_signal(&set, wait_ns < alive_ns ? wait_ns : alive_ns);
		if (number == SIGTERM || number == SIGINT) {
			log_info("stopping", "signal", number == SIGTERM ? "SIGTERM" : "SIGINT");
			systemd_stopping(systemd);
			return;
		}
		if (number == SIGHUP) {
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
