/* SPDX-License-Identifier: Apache-2.0 */
#include "tuple.h"

#include <string.h>

void tuple_set(struct tuple *ret, unsigned int by, const char *comm,
	       const struct container *container)
{
	*ret = (struct tuple){ .container = by & BY_CONTAINER ? container : NULL };
	if (by & BY_COMM)
		(void)strncpy(ret->comm, comm, sizeof(ret->comm) - 1);
}

void tuple_set_other(struct tuple *ret, unsigned int by)
{
	tuple_set(ret, by, LABEL_OTHER, &container_other);
}

bool tuple_is_other(const struct tuple *tuple)
{
	if (tuple->comm[0])
		return !strcmp(tuple->comm, LABEL_OTHER);
	return !tuple->container || !strcmp(tuple->container->id, LABEL_OTHER);
}

int tuple_compare(const struct tuple *a, const struct tuple *b)
{
	int r = strcmp(a->comm, b->comm);

	if (r || a->container == b->container)
		return r;
	r = strcmp(a->container->id, b->container->id);
	return r ? r : strcmp(a->container->pod_uid, b->container->pod_uid);
}
