/* SPDX-License-Identifier: Apache-2.0 */
#include "opener.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "opener_process.h"

/* Not allocated: a name that could not be remembered would be missed much later. */
static char files[OPENER_FILES_MAX][PATH_MAX];
static size_t files_n;
static int opener = -1; /* a socket */

/* ---- without the opener ---- */

static int find(const char *path)
{
	for (size_t i = 0; i < files_n; i++)
		if (!strcmp(files[i], path))
			return (int)i;
	return -1;
}

static void remember(const char *path)
{
	const size_t n = strlen(path) + 1;

	if (find(path) < 0 && files_n < OPENER_FILES_MAX && n <= sizeof(files[0]))
		memcpy(files[files_n++], path, n);
}

static int check_regular(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	return S_ISREG(st.st_mode) ? 0 : -ESPIPE;
}

int opener_open_here(const char *path, bool regular)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | (regular ? O_NONBLOCK : 0));
	int r = fd < 0 ? -errno : regular ? check_regular(fd) : 0;

	if (r == 0)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return r;
}

int opener_cgroup_here(const char *path, uint64_t *ret)
{
	struct statfs fs;
	struct stat st;

	if (stat(path, &st) < 0 || statfs(path, &fs) < 0)
		return -errno;
	if (fs.f_type != CGROUP2_SUPER_MAGIC)
		return -ENOTTY;
	*ret = st.st_ino;
	return 0;
}

/* ---- with it ---- */

/* Sends a question and waits for the answer. Returns a descriptor or 0, or -errno. */
static int ask(const struct opener_question *question, uint64_t *number)
{
	struct opener_answer reply;
	ssize_t n;
	int fd;

	do
		n = send(opener, question, sizeof(*question), MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	n = opener_receive(opener, &reply, sizeof(reply), &fd);
	if (n != sizeof(reply))
		return n < 0 ? (int)n : -EPIPE;
	if (number)
		*number = reply.number;
	return reply.error ? (int)reply.error : fd >= 0 ? fd : 0;
}

int opener_open(const char *path, bool regular)
{
	struct opener_question question = { .kind = regular ? OPENER_REGULAR : OPENER_ANY };
	int at, r;

	if (opener < 0) {
		remember(path);
		return opener_open_here(path, regular);
	}
	at = find(path);
	if (at < 0)
		return -EPERM;
	question.file = (uint32_t)at;
	r = ask(&question, NULL);
	return r == 0 ? -EPROTO : r; /* 0 is no descriptor that it could be */
}

FILE *opener_fopen(const char *path)
{
	int fd = opener_open(path, false);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

	if (fd < 0)
		errno = -fd;
	else if (!file)
		(void)close(fd);
	return file;
}

int opener_cgroup(const char *path, uint64_t *ret)
{
	struct opener_question question = { .kind = OPENER_CGROUP };

	if (opener < 0)
		return opener_cgroup_here(path, ret);
	if (strlen(path) >= sizeof(question.path))
		return -ENAMETOOLONG;
	memcpy(question.path, path, strlen(path) + 1);
	return ask(&question, ret);
}

int opener_start(void)
{
	int r = opener_process_start((const char(*)[PATH_MAX])files, files_n);

	if (r >= 0)
		opener = r;
	return r < 0 ? r : 0;
}

void opener_stop(void)
{
	if (opener >= 0)
		(void)close(opener);
	opener = -1;
}
