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

/* Of a tree of 2,000 cgroups a walk takes some 10 ms, in which no scrape is answered. */
#define WAIT_MIN_NS (1 * 1000000000ull)
#define WAIT_MAX_NS (600 * 1000000000ull)

struct known {
	uint64_t id;
	uint64_t asked; /* the last read that did */
	/* It was not there, and may come: when the tree may be walked for it again, and how long
	 * after that the next time is. 0: what it is is decided. */
	uint64_t again_ns, wait_ns;
	struct known *next;
	struct container container;
};

struct cgroups {
	const struct clock *clock;
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

struct cgroups *cgroups_new_by(const struct clock *clock, const char *root)
{
	struct cgroups *cgroups = calloc(1, sizeof(*cgroups));
	struct stat st;

	if (!cgroups)
		return NULL;
	cgroups->clock = clock;
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

struct cgroups *cgroups_new(const char *root)
{
	return cgroups_new_by(&clock_system, root);
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

/* One that is in no list yet, and only decided by look(). NULL without memory. */
static struct known *add(struct cgroups *cgroups, uint64_t id)
{
	struct known *known = malloc(sizeof(*known));

	if (!known)
		return NULL;
	*known = (struct known){ .id = id, .wait_ns = WAIT_MIN_NS, .container = container_unknown };
	if (!tsearch(known, &cgroups->by_id, compare_id)) {
		free(known);
		return NULL;
	}
	known->next = cgroups->known;
	cgroups->known = known;
	cgroups->known_n++;
	return known;
}

/* Looks it up in the list of this read, and decides it unless it is not there and may come. */
static void look(struct cgroups *cgroups, struct known *known, bool may_come)
{
	const char *path = cgroup_list_path(cgroups->list, known->id);

	if (path)
		container_from_path(path, &known->container);
	if (path || !may_come) {
		known->wait_ns = 0;
		return;
	}
	known->again_ns = cgroups->clock->monotonic_ns(cgroups->clock->arg) + known->wait_ns;
	known->wait_ns = known->wait_ns < WAIT_MAX_NS / 2 ? 2 * known->wait_ns : WAIT_MAX_NS;
}

/* May the tree be walked for it, if it was not yet? A list that is there costs nothing. */
static bool is_due(const struct cgroups *cgroups, const struct known *known, bool may_come)
{
	return !may_come || cgroups->list ||
	       cgroups->clock->monotonic_ns(cgroups->clock->arg) >= known->again_ns;
}

static const struct container *find(struct cgroups *cgroups, uint64_t id, bool may_come)
{
	const struct known wanted = { .id = id };
	struct known *const *found, *known;

	if (id == KERNFS_ROOT_ID || id == cgroups->root_id)
		return &container_host;
	found = tfind(&wanted, &cgroups->by_id, compare_id);
	known = found ? *found : NULL;
	if (!known && list_of(cgroups))
		known = add(cgroups, id);
	if (!known)
		return &container_unknown;
	known->asked = cgroups->read;
	if (known->wait_ns && is_due(cgroups, known, may_come) && list_of(cgroups))
		look(cgroups, known, may_come);
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
