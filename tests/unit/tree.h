/* SPDX-License-Identifier: Apache-2.0 */
/* A tree of files that stands for the root of a machine, such as its /proc and /sys. */
#ifndef TREE_H
#define TREE_H

#include <stdint.h>

struct tree {
	char root[32];
};

void tree_make(struct tree *ret);

/* Makes a folder, and those above it. Returns its inode number. */
uint64_t tree_mkdir(const struct tree *tree, const char *path);

/* Writes a file, "/proc/self/cgroup", and makes the folders above it. */
void tree_write(const struct tree *tree, const char *path, const char *text);

void tree_remove(const struct tree *tree);

#endif
