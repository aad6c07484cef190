/* SPDX-License-Identifier: Apache-2.0 */
/* A container as labels. */
#ifndef CONTAINER_H
#define CONTAINER_H

#define CONTAINER_ID_SIZE 128
#define POD_UID_SIZE 40

/* Both are valid UTF-8 and never empty. */
struct container {
	char id[CONTAINER_ID_SIZE];
	char pod_uid[POD_UID_SIZE];
};

extern const struct container container_unknown; /* "unknown", "none" */
extern const struct container container_other;	 /* both LABEL_OTHER */

#endif
