/* SPDX-License-Identifier: Apache-2.0 */
#include "filter.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "opener.h"

#define NO_UID (~0u)

struct message {
	char *text;
	size_t size;
};

__attribute__((format(printf, 2, 3))) static int fail(const struct message *err, const char *format,
						      ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(err->text, err->size, format, args);
	va_end(args);
	return -EINVAL;
}

static int check_count(const char *flag, const struct strings *list, const struct message *err)
{
	if (list->n > IOR_FILTER_MAX)
		return fail(err, "--filter.%s: %zu of them, at most %d can be given", flag, list->n,
			    IOR_FILTER_MAX);
	return 0;
}

static int parse_numbers(const char *flag, const struct strings *list, uint64_t min, uint64_t max,
			 __u32 *ret, const struct message *err)
{
	int r = check_count(flag, list, err);

	for (size_t i = 0; r == 0 && i < list->n; i++) {
		uint64_t number;

		if (!value_parse_number(list->item[i], &number) || number < min || number > max)
			return fail(err, "--filter.%s: '%s' is not a number from %llu to %llu",
				    flag, list->item[i], (unsigned long long)min,
				    (unsigned long long)max);
		ret[i] = (__u32)number;
	}
	return r;
}

/* ---- globs ---- */

/* One place of a pattern: the bytes that it accepts. */
struct place {
	bool accepts[256];
};

static unsigned char unescape(const char **at)
{
	if (**at == '\\' && (*at)[1])
		++*at;
	return (unsigned char)*(*at)++;
}

/* "[a-z_]" or "[!a-z]", at its first byte inside. Returns false if it does not end. */
static bool parse_set(const char **at, struct place *ret)
{
	const bool except = **at == '!' || **at == '^';
	const char *first = *at += except;

	while (**at && (**at != ']' || *at == first)) {
		unsigned int low = unescape(at), high = low;

		if (**at == '-' && (*at)[1] && (*at)[1] != ']') {
			++*at;
			high = unescape(at);
		}
		for (; low <= high; low++)
			ret->accepts[low] = true;
	}
	if (!**at)
		return false;
	++*at;
	for (size_t byte = 0; except && byte < 256; byte++)
		ret->accepts[byte] = !ret->accepts[byte];
	return true;
}

static bool parse_place(const char **at, struct place *ret)
{
	*ret = (struct place){ 0 };
	if (**at == '?') {
		memset(ret->accepts, true, sizeof(ret->accepts));
		++*at;
	} else if (**at == '[') {
		++*at;
		return parse_set(at, ret);
	} else {
		ret->accepts[unescape(at)] = true;
	}
	return true;
}

/* Where the next pattern begins. */
struct cursor {
	size_t word;
	unsigned int bit;
};

/* Adds a pattern from the cursor on. Returns how many bits it took, 0 if it does not fit the word,
 * or -1 if it is none. */
static int add_glob(struct ior_globs *globs, const struct cursor *cursor, const char *pattern)
{
	const size_t word = cursor->word;
	unsigned int bit = cursor->bit;

	for (const char *at = pattern;; bit++) {
		struct place place;

		if (bit > 63)
			return 0;
		for (; *at == '*'; at++)
			globs->star[word] |= 1ull << bit;
		if (!*at)
			break;
		if (!parse_place(&at, &place))
			return -1;
		for (size_t byte = 0; byte < 256; byte++)
			if (place.accepts[byte])
				globs->accepts[word][byte] |= 1ull << bit;
	}
	globs->begin[word] |= 1ull << cursor->bit;
	globs->end[word] |= 1ull << bit;
	return (int)(bit + 1 - cursor->bit);
}

static int parse_globs(const struct strings *list, struct ior_globs *ret, const struct message *err)
{
	struct cursor cursor = { 0 };

	for (size_t i = 0; i < list->n; i++) {
		int taken = cursor.bit < 64 ? add_glob(ret, &cursor, list->item[i]) : 0;

		if (!taken && cursor.word + 1 < IOR_GLOB_WORDS && cursor.bit) {
			cursor = (struct cursor){ cursor.word + 1, 0 };
			taken = add_glob(ret, &cursor, list->item[i]);
		}
		if (taken < 0)
			return fail(err, "--filter.comm: '%s' has a [ without its ]",
				    list->item[i]);
		if (!taken)
			return fail(
				err,
				"--filter.comm: '%s' is too long, alone (63 characters) or with "
				"those before (some 250)",
				list->item[i]);
		cursor.bit += (unsigned int)taken;
	}
	return 0;
}

/* ---- cgroups ---- */

/* The id of a cgroup is the number of its directory, in version 2. */
static int parse_cgroups(const struct strings *list, __u64 *ret, const struct message *err)
{
	int r = check_count("cgroup", list, err);

	for (size_t i = 0; r == 0 && i < list->n; i++) {
		const char *path = list->item[i];
		uint64_t id = 0;

		r = opener_cgroup(path, &id);
		if (r == -ENOTTY)
			return fail(err,
				    "--filter.cgroup: '%s' is not a cgroup of version 2 (give its "
				    "whole path, such as /sys/fs/cgroup/system.slice)",
				    path);
		if (r < 0)
			return fail(err, "--filter.cgroup: '%s': %s", path, strerror(-r));
		ret[i] = id;
	}
	return r;
}

int filter_parse(const struct filter_lists *lists, struct ior_filter *ret, char *err,
		 size_t err_size)
{
	const struct message message = { err, err_size };
	int r;

	*ret = (struct ior_filter){ 0 };
	for (size_t i = 0; i < IOR_FILTER_MAX; i++)
		ret->uid[i] = NO_UID;
	ret->kinds = (lists->pids->n ? IOR_FILTER_PID : 0) | (lists->tids->n ? IOR_FILTER_TID : 0) |
		     (lists->uids->n ? IOR_FILTER_UID : 0) |
		     (lists->comms->n ? IOR_FILTER_COMM : 0) |
		     (lists->cgroups->n ? IOR_FILTER_CGROUP : 0);
	r = parse_numbers("pid", lists->pids, 1, INT32_MAX, ret->pid, &message);
	r = r ?: parse_numbers("tid", lists->tids, 1, INT32_MAX, ret->tid, &message);
	r = r ?: parse_numbers("uid", lists->uids, 0, NO_UID - 1, ret->uid, &message);
	r = r ?: parse_globs(lists->comms, &ret->comm, &message);
	return r ?: parse_cgroups(lists->cgroups, ret->cgroup, &message);
}
