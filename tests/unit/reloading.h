/* SPDX-License-Identifier: Apache-2.0 */
/* An app that was started with a file, what the file becomes, and what a reload says and shows. */
#ifndef RELOADING_H
#define RELOADING_H

#include "reload.h"
#include "running.h"
#include "temp.h"

#define RELOADING_STEP 10000000000 /* nanoseconds before each reload */

struct reloading {
	struct running f;
	struct fake_row rows[3];
	int fd; /* of the file; -1: none */
	char flag[TEMP_PATH_SIZE + 16];
	char *argv[4], *env[2];
	struct invocation invocation;
};

/* Started with the file, one flag more and one variable; both may be NULL. Three comms have made
 * 30, 10 and 20 calls, and a page was made of them. */
void reloading_start(struct reloading *ret, const char *text, const char *flag,
		     const char *variable);
void reloading_stop(struct reloading *reloading);

/* Other contents of the file; and no file any more. */
void reloading_write(struct reloading *reloading, const char *text);
void reloading_unlink(struct reloading *reloading);

void reloading_calls(struct reloading *reloading); /* three more of each comm */

/* Reloads; what is logged must be `expected`, which has no times, and "FILE" for the file's path.
 */
void reloading_says(struct reloading *reloading, const char *expected);

/* The next page must be `expected`, "COMM=CALLS" of each series, and say that of the last reload.
 */
void reloading_page(struct reloading *reloading, const char *expected, bool successful,
		    uint64_t success_wall_ns);

#endif
