/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that are read at the start and again at a reload, when this process may open none any more.
 *
 * Then a small process does it, the opener, that is forked before any right is given up. It keeps
 * the user and, where it had it, CAP_DAC_READ_SEARCH, for the key of a certificate is readable for
 * nobody else; and opens, for reading, what was asked for by name before the fork, and nothing
 * besides. It also tells the number of a cgroup of version 2. It ends when the exporter does.
 * Rules of Landlock instead would not do: they are of files, and a reload finds others in their
 * place (an editor's, or those of a Kubernetes secret).
 *
 * Like the log it has state of its own, the one process: who reads files does not care who opens.
 */
#ifndef OPENER_H
#define OPENER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* How many names are remembered; others can't be opened by the opener. */
#define OPENER_FILES_MAX 64

/* Opens a file for reading; regular: -EISDIR or -ESPIPE if it is something else. Until
 * opener_start() by itself, and the name is remembered. Returns a descriptor, or -errno; -EPERM:
 * not one of those. */
int opener_open(const char *path, bool regular);

/* The same as a stream, NULL with errno. */
FILE *opener_fopen(const char *path);

/* The number of the cgroup that the folder is. Returns 0, or -errno; -ENOTTY: it is no folder of
 * a cgroup2 file system. */
int opener_cgroup(const char *path, uint64_t *ret);

/* Forks the opener. Before any thread is made. Returns 0 or -errno. */
int opener_start(void);

/* Ends it; does nothing without one. */
void opener_stop(void);

#endif
