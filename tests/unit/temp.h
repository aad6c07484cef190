/* SPDX-License-Identifier: Apache-2.0 */
/* Files that vanish with the test's process, and how many it has open. */
#ifndef TEMP_H
#define TEMP_H

#include <stddef.h>

#define TEMP_PATH_SIZE 32

/* A file of n bytes in memory; its path goes to ret. Returns a descriptor at its beginning. */
int temp_file(const void *bytes, size_t n, char ret[TEMP_PATH_SIZE]);

/* The same of a string. */
int temp_text(const char *text, char ret[TEMP_PATH_SIZE]);

/* Open descriptors of this process. */
size_t temp_count_fds(void);

#endif
