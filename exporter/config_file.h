/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --config.file: flags, one a line, as "NAME=VALUE", "NAME VALUE" or "NAME". Knows the table of
 * flags. The text is kept while it is parsed, to tell later which line a mistake is in.
 */
#ifndef CONFIG_FILE_H
#define CONFIG_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"

struct config_file {
	const char *path; /* borrowed */
	char *text;	  /* owned */
	size_t n;
};

/* Reads a regular file of at most 1 MiB, without a byte order mark. Returns 0, or -errno with one
 * line in err (-ESPIPE: it is none; -EFBIG: it holds too much; never -EINVAL). *ret is to be freed
 * by config_file_free() after a success. */
int config_file_read(const char *path, struct config_file *ret, char *err, size_t err_size);

/* Sets what the lines say of flags that are not given[] yet, and marks those; the lines are all
 * held against the table of flags. Returns 0, or -EINVAL (-ENOMEM) with one line in err that names
 * file and line. */
int config_file_apply(const struct config_file *file, struct config *config, bool *given, char *err,
		      size_t err_size);

/* Puts "FILE:LINE: " before a message of config_check(), if the first of the flags that it names
 * and that the file sets (from_file[]) is to blame. */
void config_file_blame(const struct config_file *file, const bool *from_file, char *err,
		       size_t err_size);

/* Empty ones are fine. */
void config_file_free(struct config_file *file);

#endif
