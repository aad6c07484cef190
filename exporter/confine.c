/* SPDX-License-Identifier: Apache-2.0 */
#include "confine.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "opener.h"
#include "sandbox.h"
#include "sandbox_calls.h"

#ifdef SANDBOX_ESCAPES /* a build of the tests */
#include "escapes.h"
#endif

/* The programs' misses are asked for with copies too, for the calls that were kept from all. */
static struct sandbox needs_of(const struct config *config, unsigned int copies)
{
	struct sandbox ret = { .level = config->sandbox };

	if (config->web_config_file)
		ret.needs |= SANDBOX_WEB;
	if (config->shows_process)
		ret.needs |= SANDBOX_PROCESS;
	if (config->replay)
		return ret;
	ret.needs |= SANDBOX_BPF;
	if (config->collect_in_flight)
		ret.needs |= SANDBOX_IN_FLIGHT;
	if (config->shows_bpf || copies > 1 || config->copies)
		ret.needs |= SANDBOX_PROGRAMS;
	if (config->by & BY_CONTAINER) {
		ret.needs |= SANDBOX_CGROUPS;
		ret.listed_folder = config->path_cgroup;
	}
	return ret;
}

static int say_failed(int r, const char *stage, char *err, size_t err_size)
{
	(void)snprintf(err, err_size, "give rights up: %s: %s (--sandbox=none keeps them)", stage,
		       r == -EUCLEAN ? "it still has some" : strerror(-r));
	return r;
}

/* ---- the server ---- */

struct start {
	struct app *app;
	struct listeners *listeners;
	struct web *web;
	struct http **ret;
	char *err;
	size_t err_size;
	int r;
};

static void *start_without_rights(void *arg)
{
	struct start *start = arg;
	const struct sandbox sandbox = needs_of(start->app->config, 1);
	struct sandbox_report report;
	const char *failed = NULL;

	start->r = sandbox_thread(&sandbox, &report, &failed);
	if (start->r < 0)
		(void)say_failed(start->r, failed, start->err, start->err_size);
	else
		start->r = http_start(start->app, start->listeners, start->web, start->ret,
				      start->err, start->err_size);
	return NULL;
}

int confine_http_start(struct app *app, struct listeners *listeners, struct web *web,
		       struct http **ret, char *err, size_t err_size)
{
	struct start start = { app, listeners, web, ret, err, err_size, 0 };
	const struct config *config = app->config;
	pthread_t thread;
	int r = 0;

	if (config->sandbox != SANDBOX_NONE && (config->config_file || config->web_config_file))
		r = opener_start();
	if (r == 0)
		r = -pthread_create(&thread, NULL, start_without_rights, &start);
	if (r != 0) {
		(void)snprintf(err, err_size, "start the server: %s", strerror(-r));
		return r;
	}
	(void)pthread_join(thread, NULL);
	return start.r;
}

/* ---- the rest ---- */

static const char *const stages[] = {
	[SANDBOX_CAPS] = "no_new_privs, bounding set, user, capabilities",
	[SANDBOX_LANDLOCK] = "no_new_privs, bounding set, user, capabilities, Landlock",
	[SANDBOX_ALL] = "no_new_privs, bounding set, user, capabilities, Landlock, seccomp",
};

/* Who asks for one page, or for a dump, asks for nothing else. */
static void log_report(const struct sandbox *sandbox, const struct sandbox_report *report,
		       bool serves)
{
	const enum log_level warn = serves ? LOG_WARN : LOG_DEBUG;
	char landlock[16], kept[128] = "";

	for (size_t i = 0; i < report->kept_n; i++) {
		const struct sandbox_kept *is = &report->kept[i];
		const size_t n = strlen(kept);

		log_event(is->harmless ? LOG_DEBUG : warn, "a right is kept", "right", is->right,
			  "reason", is->reason, (const char *)NULL);
		if (!is->harmless)
			(void)snprintf(kept + n, sizeof(kept) - n, "%s%s", n ? ", " : "",
				       is->right);
	}
	(void)snprintf(landlock, sizeof(landlock), "%d", report->landlock);
	log_event(serves ? LOG_INFO : LOG_DEBUG, "rights given up", "stages",
		  stages[sandbox->level], "kept", *kept ? kept : "none", "landlock", landlock,
		  (const char *)NULL);
}

static int give_up(const struct config *config, unsigned int copies, char *err, size_t err_size)
{
	const bool serves = config->once == ONCE_NO && !config->dump;
	const struct sandbox sandbox = needs_of(config, copies);
	struct sandbox_report report;
	const char *failed = NULL;
	int r;

	if (sandbox.level == SANDBOX_NONE) {
		log_event(serves ? LOG_WARN : LOG_DEBUG, "all rights are kept", "flag",
			  "--sandbox=none", (const char *)NULL);
		return 0;
	}
	r = sandbox_process(&sandbox, &report, &failed);
	if (r < 0)
		return say_failed(r, failed, err, err_size);
	log_report(&sandbox, &report, serves);
	return 0;
}

int confine_process(const struct config *config, unsigned int copies, char *err, size_t err_size)
{
	int r = give_up(config, copies, err, err_size);

#ifdef SANDBOX_ESCAPES
	if (r == 0)
		escapes_say();
#endif
	return r;
}
