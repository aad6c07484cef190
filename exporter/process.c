/* SPDX-License-Identifier: Apache-2.0 */
#include "process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "process_text.h"

/* Both files are shorter: 52 numbers, 17 lines. */
#define TEXT_SIZE 4096

static int open_below(const char *proc, const char *name, int flags)
{
	char path[PATH_MAX];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", proc, name);
	fd = open(path, O_RDONLY | O_CLOEXEC | flags);
	return fd < 0 ? -errno : fd;
}

/* Once: the file has megabytes on large machines, and the start of a process should not move when
 * somebody sets the clock. Returns 0 or -errno. */
static int read_boot(const char *proc, uint64_t *ret_wall_ns)
{
	char path[PATH_MAX], *line = NULL;
	size_t size = 0;
	int r = -EINVAL;
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/stat", proc);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (r < 0 && getline(&line, &size, file) >= 0)
		if (process_parse_boot(line, ret_wall_ns))
			r = 0;
	free(line);
	(void)fclose(file);
	return r;
}

int process_open(const char *proc, struct process *ret)
{
	int r;

	*ret = (struct process){
		.stat = open_below(proc, "self/stat", 0),
		.limits = open_below(proc, "self/limits", 0),
		.fds = open_below(proc, "self/fd", O_DIRECTORY),
		.tick_ns = 1000000000 / (uint64_t)sysconf(_SC_CLK_TCK),
		.page_bytes = (uint64_t)sysconf(_SC_PAGESIZE),
	};
	r = read_boot(proc, &ret->boot_wall_ns);
	if (ret->stat < 0)
		return ret->stat;
	if (ret->limits < 0)
		return ret->limits;
	return ret->fds < 0 ? ret->fds : r;
}

void process_close(struct process *process)
{
	if (!process)
		return;
	if (process->stat >= 0)
		(void)close(process->stat);
	if (process->limits >= 0)
		(void)close(process->limits);
	if (process->fds >= 0)
		(void)close(process->fds);
}

/* A file of /proc is made anew for who reads it from its beginning. Returns 0 or -errno. */
static int read_text(int fd, char ret[TEXT_SIZE])
{
	ssize_t n = pread(fd, ret, TEXT_SIZE - 1, 0);

	if (n < 0)
		return -errno;
	ret[n] = '\0';
	return 0;
}

/* a * b + c, if that is a number of 64 bits. */
static bool scale(uint64_t a, uint64_t b, uint64_t c, uint64_t *ret)
{
	return !__builtin_mul_overflow(a, b, ret) && !__builtin_add_overflow(*ret, c, ret);
}

static int read_stat(const struct process *process, struct process_status *ret)
{
	struct process_stat stat;
	char text[TEXT_SIZE];
	uint64_t cpu_ns, resident_bytes, start_wall_ns;
	int r = read_text(process->stat, text);

	if (r < 0)
		return r;
	if (!process_parse_stat(text, &stat))
		return -EINVAL;
	if (!scale(stat.user_ticks, process->tick_ns, 0, &cpu_ns) ||
	    !scale(stat.system_ticks, process->tick_ns, cpu_ns, &cpu_ns) ||
	    !scale(stat.resident_pages, process->page_bytes, 0, &resident_bytes) ||
	    !scale(stat.start_ticks, process->tick_ns, process->boot_wall_ns, &start_wall_ns))
		return -EOVERFLOW;
	ret->has_stat = true;
	ret->cpu_ns = cpu_ns;
	ret->virtual_bytes = stat.virtual_bytes;
	ret->resident_bytes = resident_bytes;
	if (!process->boot_wall_ns)
		return -ENODATA;
	ret->has_start = true;
	ret->start_wall_ns = start_wall_ns;
	return 0;
}

static int read_limits(const struct process *process, struct process_status *ret)
{
	uint64_t max_fds, virtual_max_bytes;
	char text[TEXT_SIZE];
	int r = read_text(process->limits, text);

	if (r < 0)
		return r;
	if (!process_parse_limit(text, "Max open files", &max_fds) ||
	    !process_parse_limit(text, "Max address space", &virtual_max_bytes))
		return -EINVAL;
	ret->has_limits = true;
	ret->max_fds = max_fds;
	ret->virtual_max_bytes = virtual_max_bytes;
	return 0;
}

static uint64_t count_entries(const char *entries, size_t n)
{
	uint64_t count = 0;

	for (size_t at = 0; at < n;) {
		const struct dirent64 *entry = (const void *)(entries + at);

		count += entry->d_name[0] != '.'; /* the folder and the one above it */
		at += entry->d_reclen;
	}
	return count;
}

/* Not by readdir(3), which allocates. */
static int read_fds(const struct process *process, struct process_status *ret)
{
	char entries[TEXT_SIZE] __attribute__((aligned(__alignof__(struct dirent64))));
	uint64_t count = 0;
	ssize_t n;

	if (lseek(process->fds, 0, SEEK_SET) < 0)
		return -errno;
	while ((n = getdents64(process->fds, entries, sizeof(entries))) > 0)
		count += count_entries(entries, (size_t)n);
	if (n < 0)
		return -errno;
	ret->has_fds = true;
	ret->open_fds = count;
	return 0;
}

int process_read(const struct process *process, struct process_status *ret)
{
	int stat, limits, fds;

	*ret = (struct process_status){ .has_stat = false };
	stat = read_stat(process, ret);
	limits = read_limits(process, ret);
	fds = read_fds(process, ret);
	return stat ?: limits ?: fds;
}
