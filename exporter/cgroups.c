/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroups.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <search.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cgroup_list.h"

#define KERNFS_ROOT_ID 1

struct known {
	uint64_t id;
	uint64_t asked; /* the last read that did */
	struct known *next;
	struct container container;
};

struct cgroups {
	int root;
	uint64_t root_id;
	uint64_t read;
	void *by_id; /* tree of known, see tsearch(3) */
	struct known *known;
	size_t known_n;
	bool walked;		  /* in this read */
	struct cgroup_list *list; /* of this read, or NULL */
	size_t walks;
};

struct cgroups *cgroups_new(const char *root)
{
	struct cgroups *cgroups = calloc(1, sizeof(*cgroups));
	struct stat st;

	if (!cgroups)
		return NULL;
	cgroups->root = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroups->root < 0 || fstat(cgroups->root, &st) < 0) {
		int error = errno;

		cgroups_free(cgroups);
		errno = error;
		return NULL;
	}
	cgroups->root_id = st.st_ino;
	return cgroups;
}

static int compare_id(const void *a, const void *b)
{
	const struct known *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* Forgets those that were not asked for since this read. */
static void forget_before(struct cgroups *cgroups, uint64_t read)
{
	struct known **at = &cgroups->known;

	while (*at) {
		struct known *known = *at;

		if (known->asked >= read) {
			at = &known->next;
			continue;
		}
		*at = known->next;
		(void)tdelete(known, &cgroups->by_id, compare_id);
		free(known);
		cgroups->known_n--;
	}
}

static void forget_list(struct cgroups *cgroups)
{
	cgroup_list_free(cgroups->list);
	cgroups->list = NULL;
}

void cgroups_free(struct cgroups *cgroups)
{
	if (!cgroups)
		return;
	forget_list(cgroups);
	forget_before(cgroups, UINT64_MAX);
	if (cgroups->root >= 0)
		(void)close(cgroups->root);
	free(cgroups);
}

void cgroups_begin(struct cgroups *cgroups)
{
	forget_list(cgroups);
	cgroups->walked = false;
	forget_before(cgroups, cgroups->read);
	cgroups->read++;
}

void cgroups_end(struct cgroups *cgroups)
{
	forget_list(cgroups);
}

/* The list of this read; NULL: it could not be made. */
static struct cgroup_list *list_of(struct cgroups *cgroups)
{
	if (!cgroups->walked) {
		cgroups->walked = true;
		cgroups->walks++;
		if (cgroup_list_read(cgroups->root, CGROUPS_MAX, &cgroups->list) < 0)
			cgroups->list = NULL;
	}
	return cgroups->list;
}

/* NULL without memory, or if it is not there and may be later. */
static struct known *learn(struct cgroups *cgroups, uint64_t id, bool may_come)
{
	struct cgroup_list *list = list_of(cgroups);
	const char *path = list ? cgroup_list_path(list, id) : NULL;
	struct known *known = list && (path || !may_come) ? malloc(sizeof(*known)) : NULL;

	if (!known)
		return NULL;
	*known = (struct known){ .id = id, .container = container_unknown };
	if (path)
		container_from_path(path, &known->container);
	if (!tsearch(known, &cgroups->by_id, compare_id)) {
		free(known);
		return NULL;
	}
	known->next = cgroups->known;
	cgroups->known = known;
	cgroups->known_n++;
	return known;
}

static const struct container *find(struct cgroups *cgroups, uint64_t id, bool may_come)
{
	const struct known wanted = { .id = id };
	struct known *const *found, *known;

	if (id == KERNFS_ROOT_ID || id == cgroups->root_id)
		return &container_host;
	found = tfind(&wanted, &cgroups->by_id, compare_id);
	known = found ? *found : learn(cgroups, id, may_come);
	if (!known)
		return &container_unknown;
	known->asked = cgroups->read;
	return &known->container;
}

const struct container *cgroups_find(struct cgroups *cgroups, uint64_t id)
{
	return find(cgroups, id, false);
}

const struct container *cgroups_find_new(struct cgroups *cgroups, uint64_t id)
{
	return find(cgroups, id, true);
}

size_t cgroups_known(const struct cgroups *cgroups)
{
	return cgroups->known_n;
}

size_t cgroups_walks(const struct cgroups *cgroups)
{
	return cgroups->walks;
}

/* ---- hierarchies ---- */

/* The first that is there tells. */
static const struct {
	const char *below;
	long type;
} hierarchies[] = {
	[CGROUPS_V2] = { "", CGROUP2_SUPER_MAGIC },
	[CGROUPS_V1_MEMORY] = { "/memory", CGROUP_SUPER_MAGIC },
	[CGROUPS_V1_PIDS] = { "/pids", CGROUP_SUPER_MAGIC },
};

int cgroups_hierarchy_by(cgroups_type *type, const char *root, char *dir, size_t size)
{
	if (type(root) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(hierarchies) / sizeof(hierarchies[0]); i++) {
		int n = snprintf(dir, size, "%s%s", root, hierarchies[i].below);

		if (n < 0 || (size_t)n >= size) {
			errno = ENAMETOOLONG;
			return -1;
		}
		if (type(dir) == hierarchies[i].type)
			return (int)i;
	}
	errno = ENODEV;
	return -1;
}

static long type_of(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) < 0 ? -1 : (long)fs.f_type;
}

int cgroups_hierarchy(const char *root, char *dir, size_t size)
{
	return cgroups_hierarchy_by(type_of, root, dir, size);
}
