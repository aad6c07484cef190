/* SPDX-License-Identifier: Apache-2.0 */
#include "by.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const texts[BY_ALL + 1] = {
	[BY_NONE] = "none",
	[BY_COMM] = "comm",
	[BY_CONTAINER] = "container",
	[BY_ALL] = "comm,container",
};

const char *by_text(unsigned int by)
{
	return texts[by];
}

/* The set that one word is; -EINVAL: it is none of ours. */
static int parse_word(const char *word, size_t n)
{
	static const enum by words[] = { BY_NONE, BY_COMM, BY_CONTAINER };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(texts[words[i]]) == n && !memcmp(texts[words[i]], word, n))
			return (int)words[i];
	return -EINVAL;
}

#define VALID " (valid: comm, container, both, or none)"
#define fail(...) ((void)snprintf(err, err_size, __VA_ARGS__), -EINVAL)

int by_parse(const char *list, unsigned int *ret, char *err, size_t err_size)
{
	const char *at = list;
	unsigned int by = BY_NONE;

	if (!strcmp(list, texts[BY_NONE])) {
		*ret = BY_NONE;
		return 0;
	}
	for (;; at++) {
		size_t n = strcspn(at, ",");
		int word = parse_word(at, n);

		if (word < 0)
			return fail("'%.*s' is none of comm, container and none", (int)n, at);
		if (word == BY_NONE)
			return fail("'none' stands alone" VALID);
		if (by & (unsigned int)word)
			return fail("'%.*s' comes twice" VALID, (int)n, at);
		by |= (unsigned int)word;
		at += n;
		if (!*at)
			break;
	}
	*ret = by;
	return 0;
}
