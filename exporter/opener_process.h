/* SPDX-License-Identifier: Apache-2.0 */
/* The process of opener.h, and what is said to it. Private to opener.c. */
#ifndef OPENER_PROCESS_H
#define OPENER_PROCESS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum opener_kind { OPENER_ANY, OPENER_REGULAR, OPENER_CGROUP };

struct opener_question {
	uint32_t kind;
	uint32_t file;	     /* which of those that it knows */
	char path[PATH_MAX]; /* of a cgroup */
};

/* With a descriptor, if it is about a file and error is 0. */
struct opener_answer {
	int64_t error; /* 0 or -errno */
	uint64_t number;
};

/* Forks it; it knows the n files. Returns the socket to it, or -errno. */
int opener_process_start(const char (*files)[PATH_MAX], size_t n);

/* One message of at most size bytes, and a descriptor or -1. Returns how many bytes, 0: the other
 * side has ended, or -errno. */
ssize_t opener_receive(int socket, void *ret, size_t size, int *ret_fd);

/* ---- of opener.c, for the process ---- */
int opener_open_here(const char *path, bool regular);
int opener_cgroup_here(const char *path, uint64_t *ret);

#endif
