/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup_list.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define PATH_SIZE (CGROUP_LIST_DEPTH_MAX * (NAME_MAX + 1) + 1)

/* Indexes and offsets, not pointers: half as large, and they survive a realloc. */
struct dir {
	uint64_t id;
	uint32_t parent; /* its index */
	uint32_t name;	 /* its offset in names */
};

struct cgroup_list {
	struct dir *dirs; /* the root, then its children, then theirs and so on */
	size_t n, size;
	char *names;
	size_t names_n, names_size;
	uint32_t *by_id; /* all but the root */
	char path[PATH_SIZE];
};

struct reader {
	struct cgroup_list *list;
	size_t max; /* with the root */
	int root;
	uint32_t parent; /* the directory that parent_fd is of */
	int parent_fd;	 /* or -errno */
	/* Not by readdir(3), whose opendir(3) asks for more of the kernel than a list takes. */
	char entries[16 << 10] __attribute__((aligned(__alignof__(struct dirent64))));
};

/* ---- growing ---- */

/* Makes room for n more items; 0 or -ENOMEM. */
static int reserve(void **items, size_t *size, size_t used, size_t n, size_t item_size)
{
	size_t more = *size ? 2 * *size : 4096 / item_size;
	void *new;

	if (used + n <= *size)
		return 0;
	new = reallocarray(*items, more, item_size);
	if (!new)
		return -ENOMEM;
	*items = new;
	*size = more;
	return 0;
}

static int add(struct cgroup_list *list, uint32_t parent, uint64_t id, const char *name)
{
	size_t len = strlen(name) + 1;
	void *dirs = list->dirs, *names = list->names;
	int r = reserve(&dirs, &list->size, list->n, 1, sizeof(*list->dirs));

	list->dirs = dirs;
	r = r ?: reserve(&names, &list->names_size, list->names_n, len, 1);
	list->names = names;
	if (r < 0)
		return r;
	list->dirs[list->n++] = (struct dir){ id, parent, (uint32_t)list->names_n };
	memcpy(list->names + list->names_n, name, len);
	list->names_n += len;
	return 0;
}

/* ---- reading ---- */

/* The directories from one up to the root's child. Returns how many. */
static size_t chain(const struct cgroup_list *list, uint32_t index,
		    uint32_t ret[CGROUP_LIST_DEPTH_MAX])
{
	size_t n = 0;

	for (; index; index = list->dirs[index].parent)
		ret[n++] = index;
	return n;
}

static const char *name_of(const struct cgroup_list *list, uint32_t index)
{
	return list->names + list->dirs[index].name;
}

static int open_at(int parent, const char *name)
{
	int fd = openat(parent, name, OPEN_FLAGS);

	return fd < 0 ? -errno : fd;
}

/* Step by step: a path could be longer than the kernel takes, and would follow links. */
static int open_from_root(const struct reader *reader, uint32_t index)
{
	uint32_t up[CGROUP_LIST_DEPTH_MAX];
	size_t n = chain(reader->list, index, up);
	int fd = open_at(reader->root, ".");

	while (n && fd >= 0) {
		int next = open_at(fd, name_of(reader->list, up[--n]));

		(void)close(fd);
		fd = next;
	}
	return fd;
}

/* Siblings follow each other: their parent is opened once. Returns it, or -errno. */
static int open_parent(struct reader *reader, uint32_t index)
{
	uint32_t parent = reader->list->dirs[index].parent;

	if (reader->parent != parent || reader->parent_fd == -EBADF) {
		if (reader->parent_fd >= 0)
			(void)close(reader->parent_fd);
		reader->parent_fd = open_from_root(reader, parent);
		reader->parent = parent;
	}
	return reader->parent_fd;
}

/* A link for each directory in it, besides its name and its ".". File systems that do not count
 * them say 1; that of cgroups does, and a directory of its costs 10 times as much to read as to
 * ask. */
static bool is_leaf(int parent, const char *name)
{
	struct stat st;

	return fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_nlink == 2;
}

/* -ENOENT: there is none, or nothing is in it. */
static int open_dir(struct reader *reader, uint32_t index)
{
	const char *name = name_of(reader->list, index);
	int parent;

	if (!index)
		return open_from_root(reader, index);
	parent = open_parent(reader, index);
	if (parent < 0)
		return parent;
	return is_leaf(parent, name) ? -ENOENT : open_at(parent, name);
}

/* Of a cgroup file system each entry has a type, unlike of some others (readdir(3)). */
static int add_children(const struct reader *reader, uint32_t index, const char *entries, size_t n)
{
	const struct dirent64 *entry;
	int r = 0;

	for (size_t at = 0; r == 0 && at < n && reader->list->n < reader->max;
	     at += entry->d_reclen) {
		entry = (const void *)(entries + at);
		if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			r = add(reader->list, index, entry->d_ino, entry->d_name);
	}
	return r;
}

/* That a directory cannot be read is its own affair, unless the next could not be either. */
static int judge(int error)
{
	return error == -ENOMEM || error == -EMFILE || error == -ENFILE ? error : 0;
}

static int read_dir(struct reader *reader, uint32_t index)
{
	uint32_t up[CGROUP_LIST_DEPTH_MAX];
	int fd, r = 0;
	ssize_t n = 1;

	if (chain(reader->list, index, up) == CGROUP_LIST_DEPTH_MAX)
		return 0;
	fd = open_dir(reader, index);
	if (fd < 0)
		return judge(fd);
	while (r == 0 && n > 0 && reader->list->n < reader->max) {
		n = getdents64(fd, reader->entries, sizeof(reader->entries));
		r = n < 0 ? judge(-errno) : add_children(reader, index, reader->entries, (size_t)n);
	}
	(void)close(fd);
	return r;
}

static int read_all(struct reader *reader)
{
	int r = add(reader->list, 0, 0, "");

	for (uint32_t i = 0; r == 0 && i < reader->list->n && reader->list->n < reader->max; i++)
		r = read_dir(reader, i);
	if (reader->parent_fd >= 0)
		(void)close(reader->parent_fd);
	return r;
}

/* ---- looking up ---- */

static int compare(const void *a, const void *b, void *arg)
{
	const struct dir *dirs = arg;
	uint64_t x = dirs[*(const uint32_t *)a].id, y = dirs[*(const uint32_t *)b].id;

	return (x > y) - (x < y);
}

static int sort(struct cgroup_list *list)
{
	size_t n = cgroup_list_count(list);

	list->by_id = malloc((n ?: 1) * sizeof(*list->by_id));
	if (!list->by_id)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		list->by_id[i] = (uint32_t)i + 1;
	qsort_r(list->by_id, n, sizeof(*list->by_id), compare, list->dirs);
	return 0;
}

int cgroup_list_read(int root, size_t max, struct cgroup_list **ret)
{
	struct reader reader;
	int r;

	assert(max <= 1 << 24);
	reader.root = root;
	reader.max = max + 1;
	reader.parent = 0;
	reader.parent_fd = -EBADF;
	reader.list = calloc(1, sizeof(*reader.list));
	if (!reader.list)
		return -ENOMEM;
	r = read_all(&reader);
	r = r ?: sort(reader.list);
	if (r < 0) {
		cgroup_list_free(reader.list);
		return r;
	}
	*ret = reader.list;
	return 0;
}

const char *cgroup_list_path(struct cgroup_list *list, uint64_t id)
{
	uint32_t up[CGROUP_LIST_DEPTH_MAX];
	size_t low = 0, high = cgroup_list_count(list), depth;
	char *at = list->path;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list->dirs[list->by_id[middle]].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == cgroup_list_count(list) || list->dirs[list->by_id[low]].id != id)
		return NULL;
	depth = chain(list, list->by_id[low], up);
	while (depth) {
		*at++ = '/';
		at = stpcpy(at, name_of(list, up[--depth]));
	}
	return list->path;
}

size_t cgroup_list_count(const struct cgroup_list *list)
{
	return list->n - 1;
}

void cgroup_list_free(struct cgroup_list *list)
{
	if (!list)
		return;
	free(list->dirs);
	free(list->names);
	free(list->by_id);
	free(list);
}
