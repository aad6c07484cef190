/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few files that --web.config.file consists of, and whether they changed. Above opener, which
 * still can open those of the start when this process no longer may.
 */
#ifndef WEB_FILES_H
#define WEB_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/* Opens the file for reading; close-on-exec. Returns the descriptor or -errno. */
typedef int web_open_fn(void *arg, const char *path);

/* The configuration, a certificate, its key, authorities; more while a reload names others. */
#define WEB_FILES_MAX 16

/* More than any certificate chain. */
#define WEB_FILE_SIZE_MAX (1 << 20)

/* Which file it was, and which state of it. */
struct web_stamp {
	int error; /* 0 or the -errno of opening it */
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec modified, changed;
};

struct web_files {
	web_open_fn *open; /* NULL: opener_open() */
	void *arg;
	size_t n;
	struct {
		char *path; /* owned */
		struct web_stamp stamp;
		bool used; /* by the last load */
	} item[WEB_FILES_MAX];
};

/* The whole file as a string, owned by the caller, and its length. Remembers its state. Returns 0,
 * -ENOMEM, -EFBIG above WEB_FILE_SIZE_MAX, -EMFILE for one too many, or the -errno of opening
 * (-EPERM for a path that is new when rights have been given up) or reading. */
int web_files_read(struct web_files *files, const char *path, char **ret, size_t *ret_n);

/* Before a load: none is used yet. */
void web_files_begin(struct web_files *files);

/* Is one of those that the last load used another file than it was, or gone, or back? */
bool web_files_changed(struct web_files *files);

void web_files_free(struct web_files *files);

/* Wipes and frees a text that may hold a key. NULL is fine. */
void web_text_free(char *text);

#endif
