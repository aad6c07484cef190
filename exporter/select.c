/* SPDX-License-Identifier: Apache-2.0 */
#include "select.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define WORD_MAX 64
#define NEAR_MAX 3

/* Kinds may be written with `_`, families in any case. */
static bool same_word(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		char x = *a == '_' ? '-' : (char)tolower((unsigned char)*a);
		char y = *b == '_' ? '-' : (char)tolower((unsigned char)*b);

		if (x != y)
			return false;
	}
	return *a == *b;
}

/* Levenshtein distance of two short words, without regard to case. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int row[WORD_MAX + 1];
	size_t n = strnlen(b, WORD_MAX);

	for (size_t j = 0; j <= n; j++)
		row[j] = (unsigned int)j;
	for (size_t i = 1; i <= strnlen(a, WORD_MAX); i++) {
		unsigned int diagonal = row[0];

		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= n; j++) {
			int x = tolower((unsigned char)a[i - 1]),
			    y = tolower((unsigned char)b[j - 1]);
			unsigned int best = diagonal + (x != y);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[n];
}

void near_matches(char *dst, size_t size, const char *word, const char *const *candidates, size_t n)
{
	const char *best[NEAR_MAX];
	unsigned int score[NEAR_MAX];
	unsigned int limit = strlen(word) < 4 ? 1 : (unsigned int)strlen(word) / 3 + 1;
	size_t found = 0, used = strlen(dst);

	for (size_t i = 0; i < n; i++) {
		unsigned int d = distance(word, candidates[i]);
		size_t at;

		if (d > limit)
			continue;
		for (at = found; at > 0 && score[at - 1] > d; at--) {
			if (at < NEAR_MAX) {
				best[at] = best[at - 1];
				score[at] = score[at - 1];
			}
		}
		if (at == NEAR_MAX)
			continue;
		best[at] = candidates[i];
		score[at] = d;
		if (found < NEAR_MAX)
			found++;
	}
	for (size_t i = 0; i < found && used < size; i++) {
		const char *glue = i == 0 ? ", did you mean " : i + 1 == found ? " or " : ", ";

		used += (size_t)snprintf(dst + used, size - used, "%s%s%s", glue, best[i],
					 i + 1 == found ? "?" : "");
	}
}

static int unknown_group(const char *flag, const char *word, enum syscall_group by, char *err,
			 size_t err_size)
{
	const char *names[SYSCALLS_GROUPS];
	size_t n = syscall_groups(by, names);
	size_t used;

	(void)snprintf(err, err_size, "--%s: unknown %s '%s'", flag,
		       by == GROUP_FAMILY ? "family" : "kind", word);
	used = strlen(err);
	near_matches(err, err_size, word, names, n);
	if (strlen(err) != used)
		return -EINVAL;
	for (size_t i = 0; i < n && used < err_size; i++)
		used += (size_t)snprintf(err + used, err_size - used, "%s%s",
					 i ? ", " : " (valid: ", names[i]);
	if (used < err_size)
		(void)snprintf(err + used, err_size - used, ")");
	return -EINVAL;
}

static int mark_group(const char *flag, const char *word, enum syscall_group by, bool *marks,
		      char *err, size_t err_size)
{
	bool found = false;

	for (size_t i = 0; i < SYSCALLS; i++) {
		if (!same_word(syscall_group_of(&syscalls[i], by), word))
			continue;
		marks[i] = true;
		found = true;
	}
	return found ? 0 : unknown_group(flag, word, by, err, err_size);
}

static int mark_family(const char *flag, const char *word, bool *marks, char *err, size_t err_size)
{
	return mark_group(flag, word, GROUP_FAMILY, marks, err, err_size);
}

static int mark_kind(const char *flag, const char *word, bool *marks, char *err, size_t err_size)
{
	return mark_group(flag, word, GROUP_KIND, marks, err, err_size);
}

static int mark_syscall(const char *flag, const char *word, bool *marks, char *err, size_t err_size)
{
	const struct syscall *call = syscall_by_name(word);
	const char *names[SYSCALLS];

	if (call) {
		marks[syscall_index(call)] = true;
		return 0;
	}
	for (size_t i = 0; i < SYSCALLS; i++)
		names[i] = syscalls[i].name;
	(void)snprintf(err, err_size, "--%s: unknown system call '%s'", flag, word);
	near_matches(err, err_size, word, names, SYSCALLS);
	if (!strchr(err, ','))
		(void)snprintf(err + strlen(err), err_size - strlen(err),
			       " (--list shows all of them)");
	return -EINVAL;
}

typedef int mark_fn(const char *flag, const char *word, bool *marks, char *err, size_t err_size);

/* Marks each word of a comma list. Empty words are passed over: a trailing comma is no error. */
static int mark_list(mark_fn *mark, const char *flag, const char *list, bool *marks, bool *any,
		     char *err, size_t err_size)
{
	while (list && *list) {
		size_t n = strcspn(list, ",");
		const char *end = list + n;
		char word[WORD_MAX];

		while (n && *list == ' ') {
			list++;
			n--;
		}
		while (n && list[n - 1] == ' ')
			n--;
		if (n >= sizeof(word)) {
			(void)snprintf(err, err_size, "--%s: '%.20s...' is too long for a name",
				       flag, list);
			return -EINVAL;
		}
		memcpy(word, list, n);
		word[n] = '\0';
		if (n) {
			int r = mark(flag, word, marks, err, err_size);

			if (r < 0)
				return r;
			*any = true;
		}
		list = *end ? end + 1 : end;
	}
	return 0;
}

void selection_all(struct selection *ret)
{
	for (size_t i = 0; i < SYSCALLS; i++)
		ret->on[i] = true;
}

int selection_parse(const struct selection_lists *lists, struct selection *ret, char *err,
		    size_t err_size)
{
	const struct {
		mark_fn *mark;
		const char *flag, *list;
		bool exclude;
	} steps[] = {
		{ mark_family, "trace-families", lists->families, false },
		{ mark_kind, "trace-kinds", lists->kinds, false },
		{ mark_syscall, "trace-syscalls", lists->syscalls, false },
		{ mark_family, "no-trace-families", lists->no_families, true },
		{ mark_kind, "no-trace-kinds", lists->no_kinds, true },
		{ mark_syscall, "no-trace-syscalls", lists->no_syscalls, true },
	};
	struct selection wanted = { 0 }, unwanted = { 0 };
	bool some = false, none = false, left = false;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int r = mark_list(steps[i].mark, steps[i].flag, steps[i].list,
				  steps[i].exclude ? unwanted.on : wanted.on,
				  steps[i].exclude ? &none : &some, err, err_size);
		if (r < 0)
			return r;
	}
	if (!some)
		selection_all(&wanted);
	for (size_t i = 0; i < SYSCALLS; i++) {
		wanted.on[i] = wanted.on[i] && !unwanted.on[i];
		left = left || wanted.on[i];
	}
	if (!left) {
		(void)snprintf(err, err_size,
			       "--trace-*, --no-trace-*: no system call is left to trace");
		return -EINVAL;
	}
	*ret = wanted;
	return 0;
}
