/* SPDX-License-Identifier: Apache-2.0 */
#include "families_labels.h"

size_t labels_of(struct label ret[LABELS_MAX], const struct tuple *tuple, const char *family,
		 const struct syscall *call)
{
	size_t n = 0;

	if (tuple->comm[0])
		ret[n++] = (struct label){ "comm", tuple->comm };
	if (tuple->container)
		ret[n++] = (struct label){ "container_id", tuple->container->id };
	ret[n++] = (struct label){ "family", family };
	if (tuple->container)
		ret[n++] = (struct label){ "pod_uid", tuple->container->pod_uid };
	if (call)
		ret[n++] = (struct label){ "syscall", call->name };
	return n;
}
