/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where a value came from, for messages: "--series.max" or "IOR_SERIES_MAX". */
struct origin {
	char name[64];
	char *err;
	size_t err_size;
};

#define fail(origin, ...) ((void)snprintf((origin)->err, (origin)->err_size, __VA_ARGS__), -EINVAL)

static int out_of_memory(const struct origin *origin)
{
	(void)fail(origin, "%s: out of memory", origin->name);
	return -ENOMEM;
}

static int set_number(const struct flag *flag, const char *text, uint64_t *value,
		      const struct origin *origin)
{
	const char *name = origin->name;
	uint64_t parsed;

	if (flag->type == FLAG_DURATION) {
		if (!value_parse_duration(text, &parsed))
			return fail(origin,
				    "%s: '%s' is not a duration (write 100ms, 10s or 1h30m)", name,
				    text);
		if (parsed < flag->min || parsed > flag->max)
			return fail(origin, "%s: '%s' is out of range (at most %lluh)", name, text,
				    (unsigned long long)(flag->max / 3600000000000));
	} else if (flag->type == FLAG_SIZE) {
		if (!value_parse_size(text, &parsed))
			return fail(origin, "%s: '%s' is not a size (write 64MiB or 1GiB)", name,
				    text);
		if (parsed < flag->min || parsed > flag->max)
			return fail(origin, "%s: '%s' is out of range (%lluMiB to %lluGiB)", name,
				    text, (unsigned long long)(flag->min >> 20),
				    (unsigned long long)(flag->max >> 30));
	} else if (!value_parse_number(text, &parsed) || parsed < flag->min || parsed > flag->max) {
		return fail(origin, "%s: '%s' is not a number from %llu to %llu", name, text,
			    (unsigned long long)flag->min, (unsigned long long)flag->max);
	}
	*value = parsed;
	return 0;
}

static int set_choice(const struct flag *flag, const char *text, unsigned int *value,
		      const struct origin *origin)
{
	const char *at = flag->choices;

	for (unsigned int i = 0; *at; i++) {
		size_t n = strcspn(at, ",");

		if (strlen(text) == n && !memcmp(at, text, n)) {
			*value = i;
			return 0;
		}
		at += at[n] ? n + 1 : n;
	}
	return fail(origin, "%s: '%s' is none of %s", origin->name, text, flag->choices);
}

static int set_bool(const char *text, bool *value, const struct origin *origin)
{
	if (!strcmp(text, "true") || !strcmp(text, "1"))
		*value = true;
	else if (!strcmp(text, "false") || !strcmp(text, "0"))
		*value = false;
	else
		return fail(origin, "%s: '%s' is neither true nor false", origin->name, text);
	return 0;
}

static int set_string(const char *text, char **value, const struct origin *origin)
{
	char *copy = strdup(text);

	if (!copy)
		return out_of_memory(origin);
	free(*value);
	*value = copy;
	return 0;
}

static int set(struct config *config, const struct flag *flag, const char *text,
	       const struct origin *origin)
{
	void *field = (char *)config + flag->offset;

	switch (flag->type) {
	case FLAG_STRING:
		return set_string(text, field, origin);
	case FLAG_STRINGS:
		return strings_add(field, text, strlen(text)) < 0 ? out_of_memory(origin) : 0;
	case FLAG_BOOL:
		return set_bool(text, field, origin);
	case FLAG_CHOICE:
		return set_choice(flag, text, field, origin);
	case FLAG_NUMBER:
	case FLAG_SIZE:
	case FLAG_DURATION:
		return set_number(flag, text, field, origin);
	}
	return -EINVAL;
}

static const struct flag *find_flag(const char *name, size_t n)
{
	for (size_t i = 0; i < config_flags_n; i++) {
		const struct flag *flag = &config_flags[i];

		if ((strlen(flag->name) == n && !memcmp(flag->name, name, n)) ||
		    (flag->alias && strlen(flag->alias) == n && !memcmp(flag->alias, name, n)))
			return flag;
	}
	return NULL;
}

static int unknown_flag(const char *arg, const char *name, size_t n, struct origin *origin)
{
	const char *names[FLAGS_MAX];
	char word[64];

	(void)snprintf(word, sizeof(word), "%.*s", (int)n, name);
	for (size_t i = 0; i < config_flags_n; i++)
		names[i] = config_flags[i].name;
	(void)fail(origin, "unknown flag '%.60s'", arg);
	near_matches(origin->err, origin->err_size, word, names, config_flags_n);
	(void)snprintf(origin->err + strlen(origin->err), origin->err_size - strlen(origin->err),
		       " (see --help)");
	return -EINVAL;
}

/* One argument, and the next one if it is its value. Returns how many were taken. */
static int parse_arg(struct config *config, char *const argv[], bool *given, struct origin *origin)
{
	const char *name = argv[0] + (argv[0][0] == '-') + (argv[0][0] == '-' && argv[0][1] == '-');
	size_t n = strcspn(name, "=");
	const char *value = name[n] == '=' ? name + n + 1 : NULL;
	const struct flag *flag = find_flag(name, n);
	int taken = 1, r;

	if (argv[0][0] != '-' || !n)
		return fail(origin, "unexpected argument '%.60s' (see --help)", argv[0]);
	if (!flag && n > 3 && !memcmp(name, "no-", 3)) {
		flag = find_flag(name + 3, n - 3);
		if (flag && (flag->type != FLAG_BOOL || value))
			flag = NULL;
		value = "false";
	}
	if (!flag)
		return unknown_flag(argv[0], name, n, origin);
	(void)snprintf(origin->name, sizeof(origin->name), "--%s", flag->name);
	if (!value) {
		if (flag->type == FLAG_BOOL) {
			value = "true";
		} else if (flag->implied) {
			value = flag->implied;
		} else if (argv[1]) {
			value = argv[1];
			taken = 2;
		} else {
			return fail(origin, "--%s: needs a value (%s)", flag->name, flag->metavar);
		}
	}
	given[flag - config_flags] = true;
	r = set(config, flag, value, origin);
	return r < 0 ? r : taken;
}

static const char *env_value(char *const env[], const char *name)
{
	size_t n = strlen(name);

	for (; env && *env; env++)
		if (!strncmp(*env, name, n) && (*env)[n] == '=')
			return *env + n + 1;
	return NULL;
}

static int set_from_env(struct config *config, const struct flag *flag, const char *value,
			const struct origin *origin)
{
	struct strings *strings = (void *)((char *)config + flag->offset);

	if (flag->type != FLAG_STRINGS)
		return set(config, flag, value, origin);
	while (*value) {
		size_t n = strcspn(value, "\n");

		if (n && strings_add(strings, value, n) < 0)
			return out_of_memory(origin);
		value += value[n] ? n + 1 : n;
	}
	return 0;
}

static int fill_the_rest(struct config *config, char *const env[], const bool *given,
			 struct origin *origin)
{
	for (size_t i = 0; i < config_flags_n; i++) {
		const struct flag *flag = &config_flags[i];
		const char *value;
		int r = 0;

		if (given[i])
			continue;
		config_env_name(flag, origin->name, sizeof(origin->name));
		value = env_value(env, origin->name);
		if (value)
			r = set_from_env(config, flag, value, origin);
		else if (flag->def)
			r = set(config, flag, flag->def, origin);
		if (r < 0)
			return r;
	}
	return 0;
}

int config_parse(int argc, char *const argv[], char *const env[], struct config *ret, char *err,
		 size_t err_size)
{
	struct origin origin = { .err = err, .err_size = err_size };
	bool given[FLAGS_MAX] = { false };
	int r;

	*ret = (struct config){ 0 };
	for (int i = 1; i < argc; i += r) {
		r = parse_arg(ret, argv + i, given, &origin);
		if (r < 0)
			return r;
	}
	r = fill_the_rest(ret, env, given, &origin);
	return r < 0 ? r : config_check(ret, err, err_size);
}

void config_free(struct config *config)
{
	for (size_t i = 0; i < config_flags_n; i++) {
		void *field = (char *)config + config_flags[i].offset;

		if (config_flags[i].type == FLAG_STRING)
			free(*(char **)field);
		else if (config_flags[i].type == FLAG_STRINGS)
			strings_free(field);
	}
	rewrites_free(config->rewrites);
	*config = (struct config){ 0 };
}
