/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ids of cgroups, as the programs in the kernel see them, to containers. Knows container,
 * cgroup_list and clock. One thread at a time.
 *
 *	cgroups_begin(cgroups);
 *	for each row of the read
 *		container = cgroups_find(cgroups, row->cgroup);
 *	cgroups_end(cgroups);
 *
 * Ask when all rows were read, not while: a cgroup that is made after the tree was walked would be
 * taken for one that is gone.
 */
#ifndef CGROUPS_H
#define CGROUPS_H

#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "container.h"

/* Cgroups that a walk looks at; those beyond are unknown. */
#define CGROUPS_MAX 65536

struct cgroups;

/* `root` is the directory of the hierarchy. It is opened here and kept, so that names can be read
 * after rights are dropped. NULL with errno. */
struct cgroups *cgroups_new(const char *root);

/* NULL is fine. */
void cgroups_free(struct cgroups *cgroups);

/* A new read of the rows begins: containers that nobody asked for since the last begin are
 * forgotten, and the tree may be walked once again. */
void cgroups_begin(struct cgroups *cgroups);

/* The read is over: frees the list of the walk. */
void cgroups_end(struct cgroups *cgroups);

/* The container of a cgroup; never NULL; valid until the second next cgroups_begin(), and longer if
 * it is asked for in each read. The first id that is not known yet makes the tree be walked. An id
 * that is not there, since the cgroup was removed, is container_unknown, and stays that for as long
 * as it is asked for, so that its calls do not move to another label. The root's own id, and 1, is
 * container_host. Without memory or descriptors it is container_unknown until the next read.
 * Takes some 250 bytes an id, and until the end what a list of CGROUPS_MAX takes: 20 bytes a
 * cgroup and its name, at most 18 MB. */
const struct container *cgroups_find(struct cgroups *cgroups, uint64_t id);

/* The same of a cgroup that may be younger than the walk: one that is not there is
 * container_unknown for now. It is looked for again whenever the tree is walked for others, and of
 * its own after 1 s, 2 s more, 4 s more and so on up to 10 minutes: one that is outside of the tree
 * is never there, and walking is what a read takes longest for. cgroups_find() decides it. */
const struct container *cgroups_find_new(struct cgroups *cgroups, uint64_t id);

enum cgroups_hierarchy { CGROUPS_V2, CGROUPS_V1_MEMORY, CGROUPS_V1_PIDS };

/* Which hierarchy tells containers on this machine, and its directory for cgroups_new(): `root`
 * itself if that is of version 2; otherwise (version 1, or both) that of the controller memory,
 * else of pids, below `root`. Returns it, or -1 with errno: ENODEV if there is none, ENAMETOOLONG
 * if dir is too small, or why root cannot be looked at. */
int cgroups_hierarchy(const char *root, char *dir, size_t size);

/* ---- visible for testing ---- */

struct cgroups *cgroups_new_by(const struct clock *clock, const char *root);

/* The type of a file system, as in linux/magic.h, or -1 with errno. */
typedef long cgroups_type(const char *path);

int cgroups_hierarchy_by(cgroups_type *type, const char *root, char *dir, size_t size);

/* How many ids are remembered, and how often the tree was walked so far. */
size_t cgroups_known(const struct cgroups *cgroups);
size_t cgroups_walks(const struct cgroups *cgroups);

#endif
