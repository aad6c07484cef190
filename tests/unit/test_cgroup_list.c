/* SPDX-License-Identifier: Apache-2.0 */
/* Plain folders stand for cgroups: these have inode numbers too. */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup_list.h"
#include "random.h"
#include "suites.h"
#include "tree.h"

#define MANY 65536
#define DEPTH CGROUP_LIST_DEPTH_MAX

static struct tree tree;
static int root;
static struct cgroup_list *list;

static void make_tree(void)
{
	tree_make(&tree);
	root = open(tree.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(root, 0);
}

static void read_tree(size_t max)
{
	cgroup_list_free(list);
	list = NULL;
	ck_assert_int_eq(cgroup_list_read(root, max, &list), 0);
}

static void remove_tree(void)
{
	cgroup_list_free(list);
	(void)close(root);
	tree_remove(&tree);
}

static void check_path(uint64_t id, const char *path)
{
	const char *found = cgroup_list_path(list, id);

	ck_assert_msg(found, "%s is not there", path);
	ck_assert_str_eq(found, path);
}

static uint64_t inode_of(int fd)
{
	struct stat st;

	ck_assert_int_eq(fstat(fd, &st), 0);
	return st.st_ino;
}

START_TEST(folders_are_listed_and_nothing_else)
{
	uint64_t service, slice, scope;

	make_tree();
	slice = tree_mkdir(&tree, "/user.slice");
	scope = tree_mkdir(&tree, "/user.slice/a.scope");
	service = tree_mkdir(&tree, "/x\n\xff.service");
	tree_write(&tree, "/cgroup.procs", "1\n");
	tree_write(&tree, "/user.slice/cgroup.procs", "2\n");
	read_tree(MANY);
	ck_assert_uint_eq(cgroup_list_count(list), 3);
	check_path(slice, "/user.slice");
	check_path(scope, "/user.slice/a.scope");
	check_path(service, "/x\n\xff.service");
	ck_assert_ptr_null(cgroup_list_path(list, inode_of(root)));
	ck_assert_ptr_null(cgroup_list_path(list, 0));
	ck_assert_ptr_null(cgroup_list_path(list, UINT64_MAX));
	remove_tree();
}

START_TEST(empty_tree_is_an_empty_list)
{
	make_tree();
	read_tree(MANY);
	ck_assert_uint_eq(cgroup_list_count(list), 0);
	ck_assert_ptr_null(cgroup_list_path(list, inode_of(root)));
	remove_tree();
}

START_TEST(links_are_not_followed)
{
	uint64_t id;

	make_tree();
	id = tree_mkdir(&tree, "/a/b");
	ck_assert_int_eq(symlinkat(".", root, "loop"), 0);
	ck_assert_int_eq(symlinkat("a", root, "a2"), 0);
	ck_assert_int_eq(symlinkat("..", root, "a/up"), 0);
	ck_assert_int_eq(symlinkat("/", root, "a/b/out"), 0);
	read_tree(MANY);
	ck_assert_uint_eq(cgroup_list_count(list), 2);
	check_path(id, "/a/b");
	remove_tree();
}

/* Paths of 16 KB, which the kernel takes in steps alone. */
START_TEST(tree_is_read_down_to_its_depth)
{
	int fds[DEPTH + 3];
	char name[256], path[(DEPTH + 2) * 256 + 1], *at = path;

	memset(name, 'n', 255);
	name[255] = '\0';
	make_tree();
	fds[0] = root;
	for (size_t i = 1; i < COUNT(fds); i++) {
		ck_assert_int_eq(mkdirat(fds[i - 1], name, 0755), 0);
		fds[i] = openat(fds[i - 1], name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		ck_assert_int_ge(fds[i], 0);
	}
	read_tree(MANY);
	ck_assert_uint_eq(cgroup_list_count(list), DEPTH);
	for (size_t i = 1; i <= DEPTH; i++) {
		at += sprintf(at, "/%s", name);
		check_path(inode_of(fds[i]), path);
	}
	ck_assert_ptr_null(cgroup_list_path(list, inode_of(fds[DEPTH + 1])));
	for (size_t i = COUNT(fds) - 1; i; i--) {
		(void)close(fds[i]);
		ck_assert_int_eq(unlinkat(fds[i - 1], name, AT_REMOVEDIR), 0);
	}
	remove_tree();
}

START_TEST(those_near_the_root_come_first)
{
	uint64_t near[3], deep;

	make_tree();
	near[0] = tree_mkdir(&tree, "/a");
	deep = tree_mkdir(&tree, "/a/deep");
	(void)tree_mkdir(&tree, "/a/deep/er");
	near[1] = tree_mkdir(&tree, "/b");
	near[2] = tree_mkdir(&tree, "/c");
	for (size_t max = 0; max <= 6; max++) {
		size_t found = 0;

		read_tree(max);
		ck_assert_uint_eq(cgroup_list_count(list), max < 5 ? max : 5);
		for (size_t i = 0; i < 3; i++)
			found += cgroup_list_path(list, near[i]) != NULL;
		ck_assert_uint_eq(found, max < 3 ? max : 3);
		ck_assert_int_eq(cgroup_list_path(list, deep) != NULL, max >= 4);
	}
	remove_tree();
}

/* The folders as another walk finds them, by inode number. */
static char walked[1024][256];
static uint64_t walked_id[1024];
static size_t walked_n;

static int note(const char *path, const struct stat *st, int type, struct FTW *at)
{
	if (type == FTW_D && at->level) {
		(void)snprintf(walked[walked_n], sizeof(walked[0]), "%s", path + strlen(tree.root));
		walked_id[walked_n++] = st->st_ino;
	}
	return 0;
}

START_TEST(every_folder_of_a_random_tree_is_found)
{
	uint64_t random = RANDOM_SEED;

	make_tree();
	for (size_t i = 0; i < 100; i++) {
		char path[256], *at = path;

		for (size_t depth = 1 + random_next(&random) % 8; depth; depth--)
			at += sprintf(at, "/%.*s%u", (int)(random_next(&random) % 20),
				      "abcdefghijklmnopqrst",
				      (unsigned int)(random_next(&random) % 3));
		(void)sprintf(at, "/%zu", i);
		(void)tree_mkdir(&tree, path);
	}
	ck_assert_int_eq(nftw(tree.root, note, 8, FTW_PHYS), 0);
	ck_assert_uint_gt(walked_n, 400);
	read_tree(MANY);
	ck_assert_uint_eq(cgroup_list_count(list), walked_n);
	for (size_t i = 0; i < walked_n; i++)
		check_path(walked_id[i], walked[i]);
	remove_tree();
}

Suite *cgroup_list_suite(void)
{
	const struct test tests[] = {
		{ folders_are_listed_and_nothing_else, 0 },
		{ empty_tree_is_an_empty_list, 0 },
		{ links_are_not_followed, 0 },
		{ tree_is_read_down_to_its_depth, 0 },
		{ those_near_the_root_come_first, 0 },
		{ every_folder_of_a_random_tree_is_found, 0 },
	};

	return suite_make("cgroup_list", tests, COUNT(tests));
}
