/* SPDX-License-Identifier: Apache-2.0 */
#include "reload.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "label.h"
#include "log.h"
#include "memory_need.h"

static bool same_strings(const struct strings *a, const struct strings *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++)
		same = !strcmp(a->item[i], b->item[i]);
	return same;
}

static bool same_string(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool is_same(const struct flag *flag, const struct config *a, const struct config *b)
{
	const void *x = (const char *)a + flag->offset, *y = (const char *)b + flag->offset;

	switch (flag->type) {
	case FLAG_STRING:
		return same_string(*(char *const *)x, *(char *const *)y);
	case FLAG_STRINGS:
		return same_strings(x, y);
	case FLAG_BOOL:
		return *(const bool *)x == *(const bool *)y;
	case FLAG_CHOICE:
		return *(const unsigned int *)x == *(const unsigned int *)y;
	case FLAG_NUMBER:
	case FLAG_SIZE:
	case FLAG_DURATION:
		return *(const uint64_t *)x == *(const uint64_t *)y;
	}
	return false;
}

/* Against the start, whose values such flags keep. */
static void warn_of_restart(const struct config *start, const struct config *fresh, bool can_filter)
{
	for (size_t i = 0; i < config_flags_n; i++) {
		const struct flag *flag = &config_flags[i];
		const bool filter = !strncmp(flag->name, "filter.", strlen("filter."));

		if ((!flag->reload || (filter && !can_filter)) && !is_same(flag, start, fresh))
			log_warn("a changed flag needs a restart", "flag", flag->name);
	}
}

/* What a fresh start would refuse. */
static int check_memory(const struct config *fresh, char *err, size_t err_size)
{
	const struct memory_sizes sizes = { (uint32_t)fresh->series_max, fresh->series_memory,
					    fresh->fold.top, fresh->by };

	return fresh->replay ? 0 : memory_need_check("", &sizes, err, err_size);
}

/* Values and paths may hold any byte, a line of the log must not. */
static const char *printable(char *text)
{
	if (!label_is_printable(text))
		for (char *at = text; *at; at++)
			if ((unsigned char)*at < ' ' || (unsigned char)*at > '~')
				*at = '?';
	return text;
}

static int load(struct app *app, const struct invocation *invocation, char *err, size_t err_size)
{
	struct config fresh;
	int r = config_parse(invocation->argc, invocation->argv, invocation->env, &fresh, err,
			     err_size);

	r = r ?: check_memory(&fresh, err, err_size);
	if (r == 0) {
		r = app_reload(app, &fresh);
		if (r < 0)
			(void)snprintf(err, err_size, "set the filter: %s", strerror(-r));
	}
	config_free(&fresh);
	return r;
}

void reload(struct app *app, const struct invocation *invocation)
{
	const struct config *start = app->config;
	char text[PATH_MAX + 1024];

	if (!start->config_file) {
		log_info("nothing to read again without --config.file", "signal", "SIGHUP");
		return;
	}
	if (load(app, invocation, text, sizeof(text)) < 0) {
		app_reload_failed(app);
		log_error("reload the configuration", "err", printable(text));
		return;
	}
	/* nobody else writes what the app took over */
	log_setup(app->reloaded.log_level, start->log_format);
	warn_of_restart(start, &app->reloaded, app_can_filter(app));
	(void)snprintf(text, sizeof(text), "%s", start->config_file);
	log_info("reloaded the configuration", "file", printable(text));
}
