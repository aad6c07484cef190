/* SPDX-License-Identifier: Apache-2.0 */
#include "config_set.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int origin_fail(const struct origin *origin, const char *format, ...)
{
	const int n = snprintf(origin->err, origin->err_size, "%s", origin->where ?: "");
	va_list args;

	va_start(args, format);
	if ((size_t)n < origin->err_size)
		(void)vsnprintf(origin->err + n, origin->err_size - (size_t)n, format, args);
	va_end(args);
	return -EINVAL;
}

int origin_no_memory(const struct origin *origin)
{
	(void)origin_fail(origin, "%s: out of memory", origin->name);
	return -ENOMEM;
}

static const struct flag *find_name(const char *name, size_t n)
{
	for (size_t i = 0; i < config_flags_n; i++) {
		const struct flag *flag = &config_flags[i];

		if ((strlen(flag->name) == n && !memcmp(flag->name, name, n)) ||
		    (flag->alias && strlen(flag->alias) == n && !memcmp(flag->alias, name, n)))
			return flag;
	}
	return NULL;
}

const struct flag *flag_find(const char *name, size_t n, const char **value)
{
	const struct flag *flag = find_name(name, n);

	if (flag || *value || n <= 3 || memcmp(name, "no-", 3) != 0)
		return flag;
	flag = find_name(name + 3, n - 3);
	if (!flag || flag->type != FLAG_BOOL)
		return NULL;
	*value = "false";
	return flag;
}

const char *flag_alone(const struct flag *flag)
{
	return flag->type == FLAG_BOOL ? "true" : flag->implied;
}

int flag_unknown(const char *arg, const char *name, size_t n, const struct origin *origin)
{
	const char *names[FLAGS_MAX];
	char word[64];

	(void)snprintf(word, sizeof(word), "%.*s", (int)n, name);
	for (size_t i = 0; i < config_flags_n; i++)
		names[i] = config_flags[i].name;
	(void)origin_fail(origin, "unknown flag '%.60s'", arg);
	near_matches(origin->err, origin->err_size, word, names, config_flags_n);
	(void)snprintf(origin->err + strlen(origin->err), origin->err_size - strlen(origin->err),
		       " (see --help)");
	return -EINVAL;
}

static int set_number(const struct flag *flag, const char *text, uint64_t *value,
		      const struct origin *origin)
{
	const char *name = origin->name;
	uint64_t parsed;

	if (flag->type == FLAG_DURATION) {
		if (!value_parse_duration(text, &parsed))
			return origin_fail(origin,
					   "%s: '%s' is not a duration (write 100ms, 10s or 1h30m)",
					   name, text);
		if (parsed < flag->min || parsed > flag->max)
			return origin_fail(origin, "%s: '%s' is out of range (at most %lluh)", name,
					   text, (unsigned long long)(flag->max / 3600000000000));
	} else if (flag->type == FLAG_SIZE) {
		if (!value_parse_size(text, &parsed))
			return origin_fail(origin, "%s: '%s' is not a size (write 64MiB or 1GiB)",
					   name, text);
		if (parsed < flag->min || parsed > flag->max)
			return origin_fail(origin, "%s: '%s' is out of range (%lluMiB to %lluGiB)",
					   name, text, (unsigned long long)(flag->min >> 20),
					   (unsigned long long)(flag->max >> 30));
	} else if (!value_parse_number(text, &parsed) || parsed < flag->min || parsed > flag->max) {
		return origin_fail(origin, "%s: '%s' is not a number from %llu to %llu", name, text,
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
	return origin_fail(origin, "%s: '%s' is none of %s", origin->name, text, flag->choices);
}

static int set_bool(const char *text, bool *value, const struct origin *origin)
{
	if (!strcmp(text, "true") || !strcmp(text, "1"))
		*value = true;
	else if (!strcmp(text, "false") || !strcmp(text, "0"))
		*value = false;
	else
		return origin_fail(origin, "%s: '%s' is neither true nor false", origin->name,
				   text);
	return 0;
}

static int set_string(const char *text, char **value, const struct origin *origin)
{
	char *copy = strdup(text);

	if (!copy)
		return origin_no_memory(origin);
	free(*value);
	*value = copy;
	return 0;
}

int flag_set(struct config *config, const struct flag *flag, const char *text,
	     const struct origin *origin)
{
	void *field = (char *)config + flag->offset;

	switch (flag->type) {
	case FLAG_STRING:
		return set_string(text, field, origin);
	case FLAG_STRINGS:
		return strings_add(field, text, strlen(text)) < 0 ? origin_no_memory(origin) : 0;
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
