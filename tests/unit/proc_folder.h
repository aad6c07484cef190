/* SPDX-License-Identifier: Apache-2.0 */
/* A folder that looks like /proc to process_open(), of a process whose numbers are all different.
 */
#ifndef PROC_FOLDER_H
#define PROC_FOLDER_H

#include "process.h"
#include "tree.h"

/* /proc/self/stat: of a comm and the fields 14 and 15, 22 to 24. */
#define PROC_STAT(COMM, USER, SYSTEM, START, VIRTUAL, RESIDENT)                                  \
	"4242 (" COMM ") S 1 4242 4242 -1 -1 4194560 901 0 7 0 " USER " " SYSTEM                 \
	" 0 0 20 0 3 0 " START " " VIRTUAL " " RESIDENT                                          \
	" 18446744073709551615 94000 95000 140000 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 96000 97000 " \
	"98000 141000 141100 141100 141200 0\n"

#define PROC_LIMITS(FILES, SPACE)                                             \
	"Limit                     Soft Limit           Hard Limit Units\n"   \
	"Max cpu time              unlimited            unlimited  seconds\n" \
	"Max open files            " FILES "            524288     files\n"   \
	"Max locked memory         8388608              8388608    bytes\n"   \
	"Max address space         " SPACE "            unlimited  bytes\n"   \
	"Max realtime timeout      unlimited            unlimited  us\n"

#define PROC_BOOT "cpu  1 2 3 4\nintr 5 0 0 1\nctxt 6\nbtime 1700000000\nprocesses 7\n"

struct proc_folder {
	struct tree tree;
	char path[64];
};

/* Used 0.25 s and 0.5 s, started 33.5 s after the machine; 4 GiB of memory, 1000 pages of which are
 * there; 1024 descriptors allowed, 3 open; no limit of memory. */
void proc_folder_make(struct proc_folder *ret);

/* Another text for a file of it, "self/stat", also for who has it open. */
void proc_folder_write(const struct proc_folder *folder, const char *name, const char *text);

void proc_folder_remove(const struct proc_folder *folder);

#endif
