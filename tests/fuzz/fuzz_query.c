/* SPDX-License-Identifier: Apache-2.0 */
/* Any query has families or one printable line that says why not. Parameters are parted by `&` and
 * a value may hold any byte, as a server hands them on. */
#include <stdlib.h>
#include <string.h>

#include "query.h"
#include "text.h"

#define PARAMETERS_MAX (QUERY_PARAMETERS_MAX + 2)

static void free_all(const struct query *query)
{
	for (size_t i = 0; i < query->n && i < QUERY_PARAMETERS_MAX; i++) {
		free((char *)query->item[i].name);
		free((char *)query->item[i].value);
	}
}

static void parse(const uint8_t *data, size_t n, struct query *ret)
{
	ret->n = 0;
	while (n && ret->n < PARAMETERS_MAX) {
		const uint8_t *end = memchr(data, '&', n);
		const size_t len = end ? (size_t)(end - data) : n;
		const uint8_t *value = memchr(data, '=', len);
		const size_t name_len = value ? (size_t)(value - data) : len;

		if (ret->n < QUERY_PARAMETERS_MAX)
			ret->item[ret->n] = (struct query_parameter){
				text_of(data, name_len),
				value ? text_of(value + 1, len - name_len - 1) : NULL,
				value ? len - name_len - 1 : 0,
			};
		ret->n++;
		data += len + (end != NULL);
		n -= len + (end != NULL);
	}
}

static void check_line(const char *err)
{
	const size_t n = strlen(err);

	if (n < 2 || err[n - 1] != '\n')
		fail("an error that is no line");
	for (size_t i = 0; i < n - 1; i++)
		if (err[i] < ' ' || err[i] > '~')
			fail("an error that is not printable");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct filter filter;
	struct query query;
	char err[256] = "";

	parse(data, n, &query);
	if (query_filter(&query, &filter, err, sizeof(err)) < 0) {
		check_line(err);
	} else {
		for (size_t i = 0; i < families_n; i++)
			if (!filter.families[i] && !filter.filters)
				fail("a family is missing without a filter");
	}
	free_all(&query);
	return 0;
}
