/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config_file.h"
#include "config_set.h"

/* One argument, and the next one if it is its value. Returns how many were taken. */
static int parse_arg(struct config *config, char *const argv[], bool *given, struct origin *origin)
{
	const char *name = argv[0] + (argv[0][0] == '-') + (argv[0][0] == '-' && argv[0][1] == '-');
	size_t n = strcspn(name, "=");
	const char *value = name[n] == '=' ? name + n + 1 : NULL;
	const struct flag *flag = flag_find(name, n, &value);
	int taken = 1, r;

	if (argv[0][0] != '-' || !n)
		return origin_fail(origin, "unexpected argument '%.60s' (see --help)", argv[0]);
	if (!flag)
		return flag_unknown(argv[0], name, n, origin);
	(void)snprintf(origin->name, sizeof(origin->name), "--%s", flag->name);
	value = value ?: flag_alone(flag);
	if (!value) {
		value = argv[1];
		taken = 2;
	}
	if (!value)
		return origin_fail(origin, "--%s: needs a value (%s)", flag->name, flag->metavar);
	given[flag - config_flags] = true;
	r = flag_set(config, flag, value, origin);
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
		return flag_set(config, flag, value, origin);
	while (*value) {
		size_t n = strcspn(value, "\n");

		if (n && strings_add(strings, value, n) < 0)
			return origin_no_memory(origin);
		value += value[n] ? n + 1 : n;
	}
	return 0;
}

static int parse_env(struct config *config, char *const env[], bool *given, struct origin *origin)
{
	for (size_t i = 0; i < config_flags_n; i++) {
		const struct flag *flag = &config_flags[i];
		const char *value;
		int r;

		config_env_name(flag, origin->name, sizeof(origin->name));
		value = given[i] ? NULL : env_value(env, origin->name);
		if (!value)
			continue;
		given[i] = true;
		r = set_from_env(config, flag, value, origin);
		if (r < 0)
			return r;
	}
	return 0;
}

static int fill_the_rest(struct config *config, const bool *given, struct origin *origin)
{
	for (size_t i = 0; i < config_flags_n; i++) {
		const struct flag *flag = &config_flags[i];
		int r = 0;

		(void)snprintf(origin->name, sizeof(origin->name), "--%s", flag->name);
		if (!given[i] && flag->def)
			r = flag_set(config, flag, flag->def, origin);
		if (r < 0)
			return r;
	}
	return 0;
}

/* From what is given on to the end, with the file's flags if there is a file. */
static int parse_rest(struct config *config, const struct config_file *file, bool *given,
		      struct origin *origin)
{
	bool from_file[FLAGS_MAX];
	int r = 0;

	memcpy(from_file, given, sizeof(from_file));
	if (file->text)
		r = config_file_apply(file, config, given, origin->err, origin->err_size);
	for (size_t i = 0; i < config_flags_n; i++)
		from_file[i] = given[i] && !from_file[i];
	r = r ?: fill_the_rest(config, given, origin);
	if (r < 0)
		return r;
	r = config_check(config, origin->err, origin->err_size);
	if (r < 0 && file->text)
		config_file_blame(file, from_file, origin->err, origin->err_size);
	return r;
}

int config_parse(int argc, char *const argv[], char *const env[], struct config *ret, char *err,
		 size_t err_size)
{
	struct origin origin = { .err = err, .err_size = err_size };
	struct config_file file = { .path = NULL };
	bool given[FLAGS_MAX] = { false };
	int r;

	*ret = (struct config){ 0 };
	for (int i = 1; i < argc; i += r) {
		r = parse_arg(ret, argv + i, given, &origin);
		if (r < 0)
			return r;
	}
	r = parse_env(ret, env, given, &origin);
	if (r == 0 && ret->config_file && !ret->help && !ret->version)
		r = config_file_read(ret->config_file, &file, err, err_size);
	r = r ?: parse_rest(ret, &file, given, &origin);
	config_file_free(&file);
	return r;
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
