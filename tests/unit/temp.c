/* SPDX-License-Identifier: Apache-2.0 */
#include "temp.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int temp_file(const void *bytes, size_t n, char ret[TEMP_PATH_SIZE])
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, bytes, n), (ssize_t)n);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	(void)snprintf(ret, TEMP_PATH_SIZE, "/proc/self/fd/%d", fd);
	return fd;
}

int temp_text(const char *text, char ret[TEMP_PATH_SIZE])
{
	return temp_file(text, strlen(text), ret);
}

size_t temp_count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t n = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir))
		n++;
	(void)closedir(dir);
	return n;
}
