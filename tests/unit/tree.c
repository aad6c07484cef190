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

/* Writes the whole path, and makes the folders above it. */
static void make_above(const struct tree *tree, const char *path, char ret[PATH_MAX])
{
	(void)snprintf(ret, PATH_MAX, "%s%s", tree->root, path);
	for (char *slash = ret + strlen(tree->root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		(void)mkdir(ret, 0755);
		*slash = '/';
	}
}

uint64_t tree_mkdir(const struct tree *tree, const char *path)
{
	char full[PATH_MAX];
	struct stat st;

	make_above(tree, path, full);
	ck_assert_msg(mkdir(full, 0755) == 0, "cannot make %s", full);
	ck_assert_int_eq(lstat(full, &st), 0);
	return st.st_ino;
}

void tree_write(const struct tree *tree, const char *path, const char *text)
{
	char full[PATH_MAX];
	FILE *file;

	make_above(tree, path, full);
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
