/* SPDX-License-Identifier: Apache-2.0 */
#include "query.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Longer than any name; what is longer is an unknown one. */
#define VALUE_MAX 128
#define SHOWN_MAX 40

enum kind { NAME, COLLECT, EXCLUDE, KINDS };

static const char *const kinds[KINDS] = {
	[NAME] = "name[]",
	[COLLECT] = "collect[]",
	[EXCLUDE] = "exclude[]",
};

#define COLLECTORS "bpf, errno, exporter, gap, in-flight, process, syscall"

const char *query_collector(const struct family *family)
{
	static const char of_calls[] = "ior_syscall_";

	if (family->collector)
		return family->collector;
	return strncmp(family->name, of_calls, strlen(of_calls)) ? "exporter" : "syscall";
}

static bool is_collector(const char *name)
{
	for (size_t i = 0; i < families_n; i++)
		if (!strcmp(name, query_collector(&families[i])))
			return true;
	return false;
}

/* What a client wrote, as it may be shown. */
static void make_printable(const struct query_parameter *parameter, char ret[SHOWN_MAX + 1])
{
	(void)snprintf(ret, SHOWN_MAX + 1, "%s", parameter->value ? parameter->value : "");
	for (; *ret; ret++)
		if (*ret < ' ' || *ret > '~')
			*ret = '?';
}

/* Everything that makes the query one that is not understood. */
static int check(const struct query *query, char *err, size_t err_size)
{
	bool seen[KINDS] = { false };
	char shown[SHOWN_MAX + 1];

	if (query->n > QUERY_PARAMETERS_MAX) {
		(void)snprintf(err, err_size, "More than %d parameters.\n", QUERY_PARAMETERS_MAX);
		return -EINVAL;
	}
	for (size_t i = 0; i < query->n; i++) {
		const struct query_parameter *parameter = &query->item[i];
		const char *value = parameter->value ? parameter->value : "";
		unsigned int kind = 0;

		while (kind < KINDS && strcmp(parameter->name, kinds[kind]) != 0)
			kind++;
		if (kind == KINDS)
			continue;
		seen[kind] = true;
		if (strlen(value) != parameter->value_len || parameter->value_len > VALUE_MAX ||
		    (kind != NAME && !is_collector(value))) {
			make_printable(parameter, shown);
			(void)snprintf(err, err_size, "%s: there is no %s '%s'%s.\n", kinds[kind],
				       kind == NAME ? "metric" : "collector", shown,
				       kind == NAME ? "" : " (there are " COLLECTORS ")");
			return -EINVAL;
		}
	}
	if (seen[COLLECT] && seen[EXCLUDE]) {
		(void)snprintf(err, err_size,
			       "collect[] and exclude[] cannot be asked for together.\n");
		return -EINVAL;
	}
	return 0;
}

/* Does the family have a parameter of this kind? *given: there are some at all. */
static bool is_named(const struct query *query, enum kind kind, const char *name, bool *given)
{
	bool named = false;

	*given = false;
	for (size_t i = 0; i < query->n; i++) {
		const struct query_parameter *parameter = &query->item[i];

		if (strcmp(parameter->name, kinds[kind]) != 0)
			continue;
		*given = true;
		named = named || (parameter->value && !strcmp(parameter->value, name));
	}
	return named;
}

static bool is_wanted(const struct query *query, const struct family *family, bool *filters)
{
	const char *collector = query_collector(family);
	bool given[KINDS], named[KINDS];

	named[NAME] = is_named(query, NAME, family->name, &given[NAME]);
	named[COLLECT] = is_named(query, COLLECT, collector, &given[COLLECT]);
	named[EXCLUDE] = is_named(query, EXCLUDE, collector, &given[EXCLUDE]);
	*filters = given[NAME] || given[COLLECT] || given[EXCLUDE];
	return (!given[NAME] || named[NAME]) && (!given[COLLECT] || named[COLLECT]) &&
	       !named[EXCLUDE];
}

int query_filter(const struct query *query, struct filter *ret, char *err, size_t err_size)
{
	int r = check(query, err, err_size);

	if (r < 0)
		return r;
	*ret = (struct filter){ .filters = false };
	for (size_t i = 0; i < families_n; i++)
		ret->families[i] = is_wanted(query, &families[i], &ret->filters);
	return 0;
}
