/* SPDX-License-Identifier: Apache-2.0 */
#include "rewrite.h"

#include <errno.h>
#include <regex.h>
#include <search.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARROW "=>"
/* A comm has 15 bytes: expressions that repeat more are mistakes, or are made to take memory. */
#define EXPRESSION_MAX 256
#define REPEAT_MAX 100 /* all repetitions of an expression multiplied */
#define RULES_MAX 100
#define GROUPS 10
/* Names that are remembered; past it all are forgotten, for they are only remembered to save time.
 */
#define CACHE_MAX 16384

struct rule {
	regex_t regex;
	char *text;
};

struct known {
	struct known *next;
	char from[LABEL_SIZE], to[LABEL_SIZE];
};

struct rewrites {
	struct rule *rules;
	size_t n;
	void *cache; /* tree of entries by `from`, see tsearch(3) */
	struct known *entries;
	size_t entries_n;
	size_t matched;
};

/* ---- rules ---- */

/* The C library copies what a repetition repeats, so those within others multiply: (((a+)+)+)+ is
 * 16 of it. One of a single character is none of these. */
static bool repeats_copies(const char *expression, const char *at)
{
	return *at == '+' && at > expression && strchr(")+*?}", at[-1]);
}

/* What is wrong with an expression that the C library would take; NULL: nothing. Back references
 * are no part of extended ones, and make matching take time without bound. */
static const char *find_fault(const char *expression)
{
	unsigned long product = 1;

	if (strlen(expression) > EXPRESSION_MAX)
		return "the expression is longer than 256 characters";
	for (const char *at = expression; *at; at++) {
		if (*at == '\\' && at[1] >= '1' && at[1] <= '9')
			return "back references are not supported";
		if (*at == '\\' && at[1]) {
			at++;
		} else if (repeats_copies(expression, at)) {
			product *= 2;
		} else if (*at == '{') {
			unsigned long most = 2;

			for (char *end; at[1] && at[1] != '}';
			     at = end > at + 1 ? end - 1 : at + 1) {
				unsigned long number = strtoul(at + 1, &end, 10);

				if (end > at + 1 && number > most)
					most = number;
			}
			product = most > REPEAT_MAX ? REPEAT_MAX + 1 : product * most;
		}
		if (product > REPEAT_MAX)
			return "it repeats more than 100 times";
	}
	return NULL;
}

static int fail(char *err, size_t err_size, const char *rule, const char *why)
{
	(void)snprintf(err, err_size, "--comm.rewrite: '%s': %s", rule, why);
	return -EINVAL;
}

static int parse_rule(const char *text, struct rule *ret, char *err, size_t err_size)
{
	const char *arrow = NULL, *fault;
	char *expression, why[128];
	int r;

	for (const char *at = text; (at = strstr(at, ARROW)); at++)
		arrow = at;
	if (!arrow)
		return fail(err, err_size, text, "is not REGEX=>TEXT");
	if (!label_is_printable(arrow + strlen(ARROW)) ||
	    strlen(arrow + strlen(ARROW)) >= LABEL_SIZE)
		return fail(err, err_size, text, "the text is too long or not printable UTF-8");
	expression = strndup(text, (size_t)(arrow - text));
	ret->text = strdup(arrow + strlen(ARROW));
	if (!expression || !ret->text) {
		free(expression);
		free(ret->text);
		(void)fail(err, err_size, text, "out of memory");
		return -ENOMEM;
	}
	fault = find_fault(expression);
	r = fault ? 0 : regcomp(&ret->regex, expression, REG_EXTENDED);
	free(expression);
	if (!fault && !r)
		return 0;
	free(ret->text);
	if (r)
		(void)regerror(r, NULL, why, sizeof(why));
	return fail(err, err_size, text, fault ?: why);
}

int rewrites_parse(const struct strings *rules, struct rewrites **ret, char *err, size_t err_size)
{
	struct rewrites *rewrites;
	int r = 0;

	*ret = NULL;
	if (!rules->n)
		return 0;
	if (rules->n > RULES_MAX) {
		(void)snprintf(err, err_size,
			       "--comm.rewrite: %zu of them, at most %d can be given", rules->n,
			       RULES_MAX);
		return -EINVAL;
	}
	rewrites = calloc(1, sizeof(*rewrites));
	if (rewrites)
		rewrites->rules = calloc(rules->n, sizeof(*rewrites->rules));
	if (!rewrites || !rewrites->rules) {
		free(rewrites);
		(void)snprintf(err, err_size, "--comm.rewrite: out of memory");
		return -ENOMEM;
	}
	for (; r == 0 && rewrites->n < rules->n; rewrites->n += r == 0)
		r = parse_rule(rules->item[rewrites->n], &rewrites->rules[rewrites->n], err,
			       err_size);
	if (r < 0) {
		rewrites_free(rewrites);
		return r;
	}
	*ret = rewrites;
	return 0;
}

/* ---- names that were seen ---- */

static int compare_from(const void *a, const void *b)
{
	const struct known *x = a, *y = b;

	return strcmp(x->from, y->from);
}

static void keep(void *node)
{
	(void)node;
}

static void forget_all(struct rewrites *rewrites)
{
	tdestroy(rewrites->cache, keep);
	rewrites->cache = NULL;
	while (rewrites->entries) {
		struct known *next = rewrites->entries->next;

		free(rewrites->entries);
		rewrites->entries = next;
	}
	rewrites->entries_n = 0;
}

/* Without memory it is not remembered. */
static void remember(struct rewrites *rewrites, const struct known *entry)
{
	struct known *copy;

	if (rewrites->entries_n == CACHE_MAX)
		forget_all(rewrites);
	copy = malloc(sizeof(*copy));
	if (!copy)
		return;
	*copy = *entry;
	if (!tsearch(copy, &rewrites->cache, compare_from)) {
		free(copy);
		return;
	}
	copy->next = rewrites->entries;
	rewrites->entries = copy;
	rewrites->entries_n++;
}

void rewrites_free(struct rewrites *rewrites)
{
	if (!rewrites)
		return;
	forget_all(rewrites);
	for (size_t i = 0; i < rewrites->n; i++) {
		regfree(&rewrites->rules[i].regex);
		free(rewrites->rules[i].text);
	}
	free(rewrites->rules);
	free(rewrites);
}

/* ---- a new name ---- */

/* The text of the rule with what it matched in `from`. False if it is too long. */
static bool expand(const char *text, const char *from, const regmatch_t groups[GROUPS],
		   char ret[LABEL_SIZE])
{
	size_t n = 0;

	for (; *text; text++) {
		const char *part = text;
		size_t part_n = 1;

		if (*text == '$' && text[1] >= '0' && text[1] <= '9') {
			const regmatch_t *group = &groups[*++text - '0'];

			part = from + (group->rm_so < 0 ? 0 : group->rm_so);
			part_n = group->rm_so < 0 ? 0 : (size_t)(group->rm_eo - group->rm_so);
		}
		if (n + part_n >= LABEL_SIZE)
			return false;
		memcpy(ret + n, part, part_n);
		n += part_n;
	}
	ret[n] = '\0';
	return true;
}

static void match(struct rewrites *rewrites, struct known *entry)
{
	for (size_t i = 0; i < rewrites->n; i++) {
		const struct rule *rule = &rewrites->rules[i];
		regmatch_t groups[GROUPS];

		rewrites->matched++;
		if (regexec(&rule->regex, entry->from, GROUPS, groups, 0) != 0)
			continue;
		if (!expand(rule->text, entry->from, groups, entry->to) ||
		    !label_is_printable(entry->to))
			memcpy(entry->to, entry->from, sizeof(entry->to));
		else if (!*entry->to)
			memcpy(entry->to, "\\0", 3);
		else if (!strcmp(entry->to, LABEL_OTHER))
			(void)label_from_comm(entry->to, LABEL_OTHER, strlen(LABEL_OTHER));
		return;
	}
	memcpy(entry->to, entry->from, sizeof(entry->to));
}

void rewrites_apply(struct rewrites *rewrites, char label[LABEL_SIZE])
{
	struct known entry = { .next = NULL };
	struct known *const *found;

	if (!strcmp(label, LABEL_OTHER))
		return;
	memcpy(entry.from, label, strlen(label) + 1);
	found = tfind(&entry, &rewrites->cache, compare_from);
	if (!found) {
		match(rewrites, &entry);
		remember(rewrites, &entry);
	}
	memcpy(label, found ? (*found)->to : entry.to, LABEL_SIZE);
}

size_t rewrites_matched(const struct rewrites *rewrites)
{
	return rewrites->matched;
}
