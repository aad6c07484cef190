/* SPDX-License-Identifier: Apache-2.0 */
/* Whose calls are counted, from the flags --filter.* to what the programs in the kernel test. */
#ifndef FILTER_H
#define FILTER_H

#include <stddef.h>

#include "ior.h"
#include "values.h"

/* As the flags give them; empty lists leave a kind out. */
struct filter_lists {
	const struct strings *pids, *tids, *uids;
	const struct strings *comms;   /* globs: * ? [a-z] [!a-z] \x */
	const struct strings *cgroups; /* directories of a cgroup2 file system */
};

/* Returns 0, or -EINVAL with one line in err that names the flag
 * and what is wrong. */
int filter_parse(const struct filter_lists *lists, struct ior_filter *ret, char *err,
		 size_t err_size);

#endif
