/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *text_of(const uint8_t *data, size_t n)
{
	char *text = malloc(n + 1);

	if (!text)
		fail("no memory");
	if (n)
		memcpy(text, data, n);
	text[n] = '\0';
	return text;
}

void values_of(const uint8_t *data, size_t n, struct header_values *ret)
{
	*ret = (struct header_values){ .n = 0 };
	while (n && ret->n < HEADER_VALUES_MAX) {
		const uint8_t *end = ret->n < HEADER_VALUES_MAX - 1 ? memchr(data, '\n', n) : NULL;
		const size_t len = end ? (size_t)(end - data) : n;

		ret->item[ret->n++] = text_of(data, len);
		data += len + (end != NULL);
		n -= len + (end != NULL);
	}
}

void values_free(struct header_values *values)
{
	for (size_t i = 0; i < values->n; i++)
		free((char *)values->item[i]);
}

void fail(const char *message)
{
	fprintf(stderr, "fuzz: %s\n", message);
	abort();
}
