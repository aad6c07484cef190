/* SPDX-License-Identifier: Apache-2.0 */
#include "negotiate.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SPACE " \t"

/* ---- one element of a list: `text/plain;version="0.0.4";q=0.5` ---- */

enum parameter { Q, VERSION, PROTO, ENCODING, ESCAPING, PARAMETERS };

static const char *const parameters[PARAMETERS] = {
	[Q] = "q",
	[VERSION] = "version",
	[PROTO] = "proto",
	[ENCODING] = "encoding",
	[ESCAPING] = "escaping",
};

/* Longer than any value that is known, so a longer one is an unknown one. */
#define VALUE_SIZE 48

struct element {
	const char *name; /* within the header */
	size_t name_len;
	char value[PARAMETERS][VALUE_SIZE]; /* "": not given */
	unsigned int q;			    /* thousandths */
	bool malformed;
};

static bool is_text(const char *text, size_t n, const char *expected)
{
	return n == strlen(expected) && !strncasecmp(text, expected, n);
}

static bool has(const struct element *element, enum parameter which, const char *expected)
{
	return !strcasecmp(element->value[which], expected);
}

static size_t trimmed(const char *text, size_t n)
{
	while (n && strchr(SPACE, text[n - 1]))
		n--;
	return n;
}

/* Copies a token, or what is between quotes. Returns its end, NULL if that never comes. */
static const char *read_value(const char *at, char ret[VALUE_SIZE])
{
	const bool quoted = *at == '"';
	const char *const end = at + strcspn(at, ";,");
	size_t n = 0;

	if (!quoted) {
		n = trimmed(at, (size_t)(end - at));
		n = n < VALUE_SIZE ? n : VALUE_SIZE - 1;
		memcpy(ret, at, n);
		ret[n] = '\0';
		return end;
	}
	for (at++; *at != '"'; at++) {
		if (*at == '\\')
			at++;
		if (!*at)
			return NULL;
		if (n < VALUE_SIZE - 1)
			ret[n++] = *at;
	}
	ret[n] = '\0';
	return at + 1;
}

/* From behind a `;` to the next `;`, `,` or the end. Of a parameter given twice the first counts.
 */
static const char *read_parameter(const char *at, struct element *ret)
{
	char unused[VALUE_SIZE], *value = unused;
	const char *name = at + strspn(at, SPACE);
	size_t n = strcspn(name, "=;,");

	at = name + n;
	if (*at != '=')
		return at;
	at += 1 + strspn(at + 1, SPACE);
	for (size_t i = 0; i < PARAMETERS; i++)
		if (is_text(name, trimmed(name, n), parameters[i]) && !ret->value[i][0])
			value = ret->value[i];
	at = read_value(at, value);
	ret->malformed = ret->malformed || !at;
	if (!at)
		return "";
	at += strspn(at, SPACE);
	ret->malformed = ret->malformed || (*at && *at != ';' && *at != ',');
	return at + strcspn(at, ";,");
}

/* "0.75" is 750; digits past the third do not count. False if it is none. */
static bool read_q(const char *text, unsigned int *ret)
{
	unsigned int unit = 100, q = (unsigned int)(*text - '0') * 1000;

	if (*text != '0' && *text != '1')
		return false;
	text++;
	if (*text == '.')
		for (text++; *text >= '0' && *text <= '9'; text++, unit /= 10)
			q += (unsigned int)(*text - '0') * unit;
	*ret = q;
	return !*text && q <= 1000;
}

/* The next element that is well-formed. False at the end of the header. */
static bool next_element(const char **at, struct element *ret)
{
	do {
		*at += strspn(*at, SPACE ",");
		if (!**at)
			return false;
		*ret = (struct element){ .name = *at, .q = 1000 };
		*at += strcspn(*at, ";,");
		ret->name_len = trimmed(ret->name, (size_t)(*at - ret->name));
		ret->malformed = !ret->name_len;
		while (**at == ';')
			*at = read_parameter(*at + 1, ret);
		if (ret->value[Q][0] && !read_q(ret->value[Q], &ret->q))
			ret->malformed = true;
	} while (ret->malformed);
	return true;
}

/* ---- Accept ---- */

/* The names of ours are the same under each of these; `dots` would double every underscore. */
static const char *const escapings[] = { "underscores", "allow-utf-8", "values" };

#define TYPES(type)                                                           \
	{                                                                     \
		type "; escaping=underscores", type "; escaping=allow-utf-8", \
			type "; escaping=values"                              \
	}

static const struct {
	const char *range, *wild, *wildest; /* what asks for it; most specific first */
	const char *version;
	const char *proto, *encoding; /* must be given, and be these */
	const char *content_type[COUNT(escapings)];
} offers[FORMATS] = {
	[FORMAT_TEXT] = {
		.range = "text/plain", .wild = "text/*", .wildest = "*/*", .version = "0.0.4",
		.content_type = TYPES("text/plain; version=0.0.4; charset=utf-8"),
	},
	[FORMAT_OPENMETRICS] = {
		.range = "application/openmetrics-text", .wild = "application/*", .wildest = "",
		.version = "1.0.0",
		.content_type = TYPES("application/openmetrics-text; version=1.0.0; charset=utf-8"),
	},
	[FORMAT_PROTOBUF] = {
		.range = "application/vnd.google.protobuf", .wild = "", .wildest = "",
		.version = "", .proto = "io.prometheus.client.MetricFamily",
		.encoding = "delimited",
		.content_type = TYPES("application/vnd.google.protobuf; "
				      "proto=io.prometheus.client.MetricFamily; "
				      "encoding=delimited"),
	},
};

/* How exactly the range means the format: 0 if it does not. */
static unsigned int specificity(const struct element *range, enum format format)
{
	if (is_text(range->name, range->name_len, offers[format].wildest))
		return 1;
	if (is_text(range->name, range->name_len, offers[format].wild))
		return 2;
	if (!is_text(range->name, range->name_len, offers[format].range))
		return 0;
	if (offers[format].proto)
		return has(range, PROTO, offers[format].proto) &&
				       has(range, ENCODING, offers[format].encoding) ?
			       4 :
			       0;
	if (!range->value[VERSION][0])
		return 3;
	return has(range, VERSION, offers[format].version) ? 4 : 0;
}

static const char *content_type(enum format format, const struct element *range)
{
	for (size_t i = 0; i < COUNT(escapings); i++)
		if (has(range, ESCAPING, escapings[i]))
			return offers[format].content_type[i];
	return offers[format].content_type[0];
}

/* What is best for a format so far. */
struct candidate {
	unsigned int specificity, q;
	size_t at; /* number of the range */
	const char *content_type;
};

static void consider(struct candidate *ret, enum format format, const struct element *range,
		     size_t at)
{
	const unsigned int exact = specificity(range, format);

	if (!exact || exact < ret->specificity || (exact == ret->specificity && range->q <= ret->q))
		return;
	*ret = (struct candidate){ exact, range->q, at, content_type(format, range) };
}

struct accepted negotiate_format(const struct header_values *accept)
{
	struct candidate best[FORMATS] = { 0 };
	struct accepted ret = { FORMAT_TEXT, offers[FORMAT_TEXT].content_type[0] };
	struct element range;
	unsigned int q = 0;
	size_t n = 0, at = 0;

	for (size_t i = 0; i < accept->n; i++)
		for (const char *next = accept->item[i]; next_element(&next, &range); n++)
			for (unsigned int f = 0; f < FORMATS; f++)
				consider(&best[f], f, &range, n);
	for (unsigned int f = 0; f < FORMATS; f++) {
		if (!best[f].q || best[f].q < q || (best[f].q == q && best[f].at > at))
			continue;
		q = best[f].q;
		at = best[f].at;
		ret = (struct accepted){ f, best[f].content_type };
	}
	return ret;
}

/* ---- Accept-Encoding ---- */

static void raise_to(int *q, const struct element *element)
{
	if ((int)element->q > *q)
		*q = (int)element->q;
}

enum coding negotiate_coding(const struct header_values *accept_encoding)
{
	int gzip = -1, zstd = -1, identity = -1, any = -1; /* -1: not named */
	struct element element;

	for (size_t i = 0; i < accept_encoding->n; i++) {
		for (const char *next = accept_encoding->item[i]; next_element(&next, &element);) {
			if (is_text(element.name, element.name_len, "gzip") ||
			    is_text(element.name, element.name_len, "x-gzip"))
				raise_to(&gzip, &element);
			else if (is_text(element.name, element.name_len, "zstd"))
				raise_to(&zstd, &element);
			else if (is_text(element.name, element.name_len, "identity"))
				raise_to(&identity, &element);
			else if (is_text(element.name, element.name_len, "*"))
				raise_to(&any, &element);
		}
	}
	if (gzip < 0)
		gzip = any;
	if (compress_has(CODING_ZSTD) && zstd > 0 && zstd >= gzip && zstd >= identity)
		return CODING_ZSTD;
	return gzip > 0 && gzip >= identity ? CODING_GZIP : CODING_IDENTITY;
}
