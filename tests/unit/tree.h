/* SPDX-License-Identifier: Apache-2.0 */
/* A tree of files that stands for the root of a machine, such as its /proc and /sys. */
#ifndef TREE_H
#define TREE_H

struct tree {
	char root[32];
};

void tree_make(struct tree *ret);

/* Writes a file, "/proc/self/cgroup", and makes the folders above it. */
void tree_write(const struct tree *tree, const char *path, const char *text);

void tree_remove(const struct tree *tree);

#endif
