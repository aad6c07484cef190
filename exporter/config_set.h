/* SPDX-License-Identifier: Apache-2.0 */
/* One value of one flag, wherever it was written; private to config.c and config_file.c. */
#ifndef CONFIG_SET_H
#define CONFIG_SET_H

#include <stddef.h>
#include <stdio.h>

#include "config.h"

/* Where a value came from, for messages: "--series.max" or "IOR_SERIES_MAX", and for a line of a
 * file "FILE:12: " before it. */
struct origin {
	const char *where; /* NULL: not from a file */
	char name[64];
	char *err;
	size_t err_size;
};

/* Writes a message; -EINVAL. */
int origin_fail(const struct origin *origin, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Says that memory is short; -ENOMEM. */
int origin_no_memory(const struct origin *origin);

/* The flag with this name of n bytes, or alias; also "no-NAME" of a bool without a value (NULL),
 * whose *value is then "false". NULL if there is none. */
const struct flag *flag_find(const char *name, size_t n, const char **value);

/* Says that `arg` is no flag, and which names are near its n bytes `name`. Returns -EINVAL. */
int flag_unknown(const char *arg, const char *name, size_t n, const struct origin *origin);

/* What a flag that stands alone means; NULL: it needs a value. */
const char *flag_alone(const struct flag *flag);

/* Sets the flag's field, or adds to its list. Returns 0, or -EINVAL or -ENOMEM with a message. */
int flag_set(struct config *config, const struct flag *flag, const char *text,
	     const struct origin *origin);

#endif
