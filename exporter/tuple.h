/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Of whom something is counted: the values of the labels that --by chose, and of no others. Knows
 * by, container and label.
 */
#ifndef TUPLE_H
#define TUPLE_H

#include <stdbool.h>

#include "by.h"
#include "container.h"
#include "label.h"

struct tuple {
	const struct container *container; /* NULL: not --by container; never owned */
	char comm[LABEL_SIZE];		   /* "": not --by comm */
};

/* Takes the names that `by` has, of a comm that is a label and a container. */
void tuple_set(struct tuple *ret, unsigned int by, const char *comm,
	       const struct container *container);

/* The tuple of all that have no series of their own: each of its labels is LABEL_OTHER. */
void tuple_set_other(struct tuple *ret, unsigned int by);

/* Is it that one? The only one of --by none is. */
bool tuple_is_other(const struct tuple *tuple);

/* Order of the page: by comm, container_id, pod_uid. 0 if all are the same. */
int tuple_compare(const struct tuple *a, const struct tuple *b);

#endif
