/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"

#include <check.h>
#include <stdlib.h>
#include <unistd.h>

#define CAPTURE_MAX (64 << 10)

static int saved_fd = -1, pipe_fd[2];

char *capture_print(void (*print)(FILE *out))
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	ck_assert_ptr_nonnull(out);
	print(out);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

void capture_stderr_begin(void)
{
	ck_assert_int_eq(pipe(pipe_fd), 0);
	saved_fd = dup(STDERR_FILENO);
	ck_assert_int_ne(saved_fd, -1);
	ck_assert_int_ne(dup2(pipe_fd[1], STDERR_FILENO), -1);
	(void)close(pipe_fd[1]);
}

char *capture_stderr_end(void)
{
	char *text = calloc(1, CAPTURE_MAX + 1);
	size_t at = 0;
	ssize_t n;

	ck_assert_ptr_nonnull(text);
	ck_assert_int_ne(dup2(saved_fd, STDERR_FILENO), -1);
	(void)close(saved_fd);
	while ((n = read(pipe_fd[0], text + at, CAPTURE_MAX - at)) > 0)
		at += (size_t)n;
	(void)close(pipe_fd[0]);
	return text;
}
