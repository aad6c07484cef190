/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --comm.rewrite: rules "REGEX=>TEXT" that merge comms, such as those of kernel threads. The first
 * rule whose regular expression (POSIX extended) matches the label of a comm, anywhere in it, gives
 * the label TEXT instead, in which $0 to $9 stand for what the expression and its groups matched.
 */
#ifndef REWRITE_H
#define REWRITE_H

#include <stddef.h>

#include "label.h"
#include "values.h"

struct rewrites;

/* NULL rules make *ret NULL. Returns 0, or -EINVAL or -ENOMEM with one line in err that names the
 * rule and what is wrong. */
int rewrites_parse(const struct strings *rules, struct rewrites **ret, char *err, size_t err_size);

/* NULL is fine. */
void rewrites_free(struct rewrites *rewrites);

/* Replaces a label by its new one, which is never LABEL_OTHER and never empty. Looked up, not
 * matched, if the label was seen before. A label stays as it is if no rule matches it, if the new
 * one would be too long or not UTF-8, and if it is LABEL_OTHER. One thread at a time. */
void rewrites_apply(struct rewrites *rewrites, char label[LABEL_SIZE]);

/* How often an expression was matched so far; for tests. */
size_t rewrites_matched(const struct rewrites *rewrites);

#endif
