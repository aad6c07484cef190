/* SPDX-License-Identifier: Apache-2.0 */
/* The labels of what is counted by tuple. */
#ifndef FAMILIES_LABELS_H
#define FAMILIES_LABELS_H

#include <stddef.h>

#include "encode.h"
#include "syscalls.h"
#include "tuple.h"

#define LABELS_MAX 5

/* Those of the tuple, the family and the system call (NULL: none) in alphabetical order. They
 * borrow all texts. Returns how many there are. */
size_t labels_of(struct label ret[LABELS_MAX], const struct tuple *tuple, const char *family,
		 const struct syscall *call);

#endif
