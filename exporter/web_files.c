/* SPDX-License-Identifier: Apache-2.0 */
#include "web_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "opener.h"

static int open_item(const struct web_files *files, size_t index)
{
	const char *path = files->item[index].path;

	return files->open ? files->open(files->arg, path) : opener_open(path, false);
}

/* Number of a path. */
static int find(struct web_files *files, const char *path, size_t *ret)
{
	size_t i = 0;

	while (i < files->n && strcmp(files->item[i].path, path) != 0)
		i++;
	*ret = i;
	if (i < files->n)
		return 0;
	/* a path that no load uses any more gives its place to another */
	for (i = 0; i < files->n && files->item[i].used; i++)
		;
	if (i == WEB_FILES_MAX)
		return -EMFILE;
	*ret = i;
	path = strdup(path);
	if (!path)
		return -ENOMEM;
	if (i == files->n)
		files->n++;
	free(files->item[i].path);
	files->item[i].path = (char *)path;
	return 0;
}

static void take_stamp(int fd, struct web_stamp *ret)
{
	struct stat is;

	memset(ret, 0, sizeof(*ret));
	if (fd < 0) {
		ret->error = fd;
	} else if (fstat(fd, &is) < 0) {
		ret->error = -errno;
	} else {
		ret->device = is.st_dev;
		ret->inode = is.st_ino;
		ret->size = is.st_size;
		ret->modified = is.st_mtim;
		ret->changed = is.st_ctim;
	}
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool same(const struct web_stamp *a, const struct web_stamp *b)
{
	return a->error == b->error && a->device == b->device && a->inode == b->inode &&
	       a->size == b->size && same_time(&a->modified, &b->modified) &&
	       same_time(&a->changed, &b->changed);
}

static int read_all(int fd, char *text, size_t *ret_n)
{
	size_t n = 0;

	while (n <= WEB_FILE_SIZE_MAX) {
		ssize_t got = read(fd, text + n, WEB_FILE_SIZE_MAX + 1 - n);

		if (got < 0 && errno != EINTR)
			return -errno;
		if (got == 0) {
			text[n] = '\0';
			*ret_n = n;
			return 0;
		}
		n += got > 0 ? (size_t)got : 0;
	}
	return -EFBIG;
}

int web_files_read(struct web_files *files, const char *path, char **ret, size_t *ret_n)
{
	char *text, *fitting;
	size_t index;
	int fd, r = find(files, path, &index);

	if (r < 0)
		return r;
	fd = open_item(files, index);
	files->item[index].used = true;
	/* before it is read: a change in between is seen as one by the next look */
	take_stamp(fd, &files->item[index].stamp);
	if (fd < 0)
		return fd;
	text = malloc(WEB_FILE_SIZE_MAX + 1);
	r = text ? read_all(fd, text, ret_n) : -ENOMEM;
	(void)close(fd);
	fitting = r == 0 ? malloc(*ret_n + 1) : NULL;
	if (fitting)
		*ret = memcpy(fitting, text, *ret_n + 1);
	if (text)
		explicit_bzero(text, WEB_FILE_SIZE_MAX + 1);
	free(text);
	return r == 0 && !fitting ? -ENOMEM : r;
}

void web_files_begin(struct web_files *files)
{
	for (size_t i = 0; i < files->n; i++)
		files->item[i].used = false;
}

bool web_files_changed(struct web_files *files)
{
	bool changed = false;

	for (size_t i = 0; i < files->n && !changed; i++) {
		struct web_stamp now;
		int fd;

		if (!files->item[i].used)
			continue;
		fd = open_item(files, i);
		take_stamp(fd, &now);
		if (fd >= 0)
			(void)close(fd);
		changed = !same(&now, &files->item[i].stamp);
	}
	return changed;
}

void web_files_free(struct web_files *files)
{
	for (size_t i = 0; i < files->n; i++)
		free(files->item[i].path);
	files->n = 0;
}

void web_text_free(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}
