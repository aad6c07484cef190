/* SPDX-License-Identifier: Apache-2.0 */
#include "proc_folder.h"

#include <stdio.h>

void proc_folder_write(const struct proc_folder *folder, const char *name, const char *text)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%s", name);
	tree_write(&folder->tree, path, text);
}

void proc_folder_make(struct proc_folder *ret)
{
	tree_make(&ret->tree);
	(void)snprintf(ret->path, sizeof(ret->path), "%s/proc", ret->tree.root);
	proc_folder_write(ret, "stat", PROC_BOOT);
	proc_folder_write(ret, "self/stat",
			  PROC_STAT("ior_exporter", "25", "50", "3350", "4294967296", "1000"));
	proc_folder_write(ret, "self/limits", PROC_LIMITS("1024", "unlimited"));
	proc_folder_write(ret, "self/fd/0", "");
	proc_folder_write(ret, "self/fd/1", "");
	proc_folder_write(ret, "self/fd/10", "");
}

void proc_folder_remove(const struct proc_folder *folder)
{
	tree_remove(&folder->tree);
}
