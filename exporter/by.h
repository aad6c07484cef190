/* SPDX-License-Identifier: Apache-2.0 */
/* --by: which labels tell series apart, beside system call and family. Knows nothing. */
#ifndef BY_H
#define BY_H

#include <stddef.h>

/* A set of bits. */
enum by {
	BY_NONE = 0,
	BY_COMM = 1,
	BY_CONTAINER = 2, /* two labels: container_id and pod_uid */
	BY_ALL = BY_COMM | BY_CONTAINER,
};

/* How the set is written: "comm,container"; the only way that dumps have. */
const char *by_text(unsigned int by);

/* The set that a comma list names, in any order. Returns 0, or -EINVAL with what is wrong and what
 * is valid in err. */
int by_parse(const char *list, unsigned int *ret, char *err, size_t err_size);

#endif
