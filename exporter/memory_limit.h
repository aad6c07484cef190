/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory limit of the cgroups that this process is in. Lowest layer but for libc.
 *
 * Version 2 and version 1 are read both, for a machine may have either or a mixture: memory.max and
 * memory.limit_in_bytes of the process' cgroup and of all above it, as far as the mount shows them.
 * A container may see its own cgroup as the root of the mount; then the path of /proc/self/cgroup
 * leads nowhere, and the root counts.
 */
#ifndef MEMORY_LIMIT_H
#define MEMORY_LIMIT_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct memory_limit {
	uint64_t bytes;
	char file[PATH_MAX]; /* where it stands */
};

/* Finds the least of them; what cannot be read is no limit. `root` is "" but in tests, where a tree
 * below it has proc/self/cgroup and sys/fs/cgroup. False if there is none. */
bool memory_limit_find(const char *root, struct memory_limit *ret);

#endif
