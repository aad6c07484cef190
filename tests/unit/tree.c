/* SPDX-License-Identifier: Apache-2.0 */
#include "tree.h"

#include <check.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void tree_make(struct tree *ret)
{
	(void)snprintf(ret->root, sizeof(ret->root), "/tmp/ior-tree.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(ret->root));
}

void tree_write(const struct tree *tree, const char *path, const char *text)
{
	char full[PATH_MAX];
	FILE *file;

	(void)snprintf(full, sizeof(full), "%s%s", tree->root, path);
	for (char *slash = full + strlen(tree->root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		(void)mkdir(full, 0755);
		*slash = '/';
	}
	file = fopen(full, "we");
	ck_assert_msg(file, "cannot write %s", full);
	ck_assert_int_ne(fputs(text, file), EOF);
	ck_assert_int_eq(fclose(file), 0);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void tree_remove(const struct tree *tree)
{
	ck_assert_int_eq(nftw(tree->root, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}
