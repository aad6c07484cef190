/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which system calls are traced: the union of families, kinds and calls named, all if none is,
 * less the excluded ones. Above syscalls; knows nothing of flags or the kernel.
 */
#ifndef SELECT_H
#define SELECT_H

#include <stdbool.h>
#include <stddef.h>

#include "syscalls.h"

struct selection {
	bool on[SYSCALLS];
};

/* Comma lists, NULL or "" for none. `flag` names are for messages. */
struct selection_lists {
	const char *families, *kinds, *syscalls;
	const char *no_families, *no_kinds, *no_syscalls;
};

/* Fills *ret. Returns 0, or -EINVAL with one line in err: which name of which flag is unknown,
 * with the names most like it, or that nothing is left to trace. */
int selection_parse(const struct selection_lists *lists, struct selection *ret, char *err,
		    size_t err_size);

/* Everything. */
void selection_all(struct selection *ret);

/* Appends up to three of the n candidates that are most like `word` to dst (size bytes, with its
 * NUL) as ", did you mean a, b or c?"; nothing if none is near. */
void near_matches(char *dst, size_t size, const char *word, const char *const *candidates,
		  size_t n);

#endif
