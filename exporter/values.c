/* SPDX-License-Identifier: Apache-2.0 */
#include "values.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit durations[] = {
	{ "ns", 1 },	      { "us", 1000 },	      { "ms", 1000000 },       { "s", 1000000000 },
	{ "m", 60000000000 }, { "h", 3600000000000 }, { "d", 86400000000000 }, { NULL, 0 },
};

static const struct unit sizes[] = {
	{ "", 1 },	    { "B", 1 },		  { "KiB", 1 << 10 },
	{ "MiB", 1 << 20 }, { "GiB", 1 << 30 },	  { "kB", 1000 },
	{ "MB", 1000000 },  { "GB", 1000000000 }, { NULL, 0 },
};

/* Returns the end of the digits, NULL on overflow or when there are none. */
static const char *parse_digits(const char *text, uint64_t *ret)
{
	const char *p = text;
	uint64_t value = 0;

	for (; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
			return NULL;
	*ret = value;
	return p == text ? NULL : p;
}

/* Sums parts like "1h30m". */
static bool parse_units(const char *text, const struct unit *units, uint64_t *ret)
{
	uint64_t sum = 0;

	do {
		const struct unit *unit = units;
		uint64_t part;
		size_t n;

		text = parse_digits(text, &part);
		if (!text)
			return false;
		n = strcspn(text, "0123456789");
		while (unit->name && (strlen(unit->name) != n || memcmp(unit->name, text, n)))
			unit++;
		if (!unit->name || __builtin_mul_overflow(part, unit->factor, &part) ||
		    __builtin_add_overflow(sum, part, &sum))
			return false;
		text += n;
	} while (*text);
	*ret = sum;
	return true;
}

bool value_parse_number(const char *text, uint64_t *ret)
{
	uint64_t value;
	const char *end = parse_digits(text, &value);

	if (!end || *end)
		return false;
	*ret = value;
	return true;
}

bool value_parse_duration(const char *text, uint64_t *ret)
{
	if (!strcmp(text, "0")) {
		*ret = 0;
		return true;
	}
	return parse_units(text, durations, ret);
}

bool value_parse_size(const char *text, uint64_t *ret)
{
	return parse_units(text, sizes, ret);
}

int strings_add(struct strings *strings, const char *text, size_t n)
{
	char **item = reallocarray(strings->item, strings->n + 1, sizeof(*item));
	char *copy;

	if (!item)
		return -ENOMEM;
	strings->item = item;
	copy = strndup(text, n);
	if (!copy)
		return -ENOMEM;
	item[strings->n++] = copy;
	return 0;
}

void strings_free(struct strings *strings)
{
	for (size_t i = 0; i < strings->n; i++)
		free(strings->item[i]);
	free(strings->item);
	*strings = (struct strings){ 0 };
}
