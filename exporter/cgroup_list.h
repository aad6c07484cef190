/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All cgroups of a hierarchy at one moment: their ids and paths. The id of a cgroup is the inode
 * number of its directory, in version 2 and in version 1.
 */
#ifndef CGROUP_LIST_H
#define CGROUP_LIST_H

#include <stddef.h>
#include <stdint.h>

/* The root's children have depth 1. */
#define CGROUP_LIST_DEPTH_MAX 64

struct cgroup_list;

/* Reads the tree below the directory `root`, a descriptor that stays the caller's; two more are
 * open at a time. The directories nearest to the root come first, until there are max of them or
 * CGROUP_LIST_DEPTH_MAX is reached, so that who fills a deep one with others hides no shallow one;
 * max is at most 2^24. Symbolic links are not followed. Directories that vanish meanwhile or that
 * may not be read are listed without those below. Takes 20 bytes a cgroup and its name.
 * Returns 0, -ENOMEM, -EMFILE or -ENFILE. */
int cgroup_list_read(int root, size_t max, struct cgroup_list **ret);

/* The path, "/a/b", valid until the next call; NULL: there is no such cgroup. The root is none. */
const char *cgroup_list_path(struct cgroup_list *list, uint64_t id);

/* How many there are. */
size_t cgroup_list_count(const struct cgroup_list *list);

/* NULL is fine. */
void cgroup_list_free(struct cgroup_list *list);

#endif
