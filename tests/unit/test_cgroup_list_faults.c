/* SPDX-License-Identifier: Apache-2.0 */
/* What can go wrong while the tree is read. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup_list.h"
#include "failing.h"
#include "suites.h"
#include "temp.h"
#include "tree.h"

#define MANY 65536

static struct tree tree;
static int root;
static struct cgroup_list *list;

static void make_tree(void)
{
	tree_make(&tree);
	root = open(tree.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(root, 0);
}

static void read_tree(void)
{
	cgroup_list_free(list);
	list = NULL;
	ck_assert_int_eq(cgroup_list_read(root, MANY, &list), 0);
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

START_TEST(unreadable_folder_is_listed_alone)
{
	bool is_root = geteuid() == 0;
	uint64_t open_id, closed, below;

	make_tree();
	closed = tree_mkdir(&tree, "/a-closed");
	below = tree_mkdir(&tree, "/a-closed/below");
	open_id = tree_mkdir(&tree, "/b-open/below");
	ck_assert_int_eq(fchmodat(root, "a-closed", 0, 0), 0);
	ck_assert_int_eq(fchmod(root, 0755), 0);
	if (is_root)
		ck_assert_int_eq(seteuid(65534), 0);
	read_tree();
	if (is_root)
		ck_assert_int_eq(seteuid(0), 0);
	ck_assert_uint_eq(cgroup_list_count(list), 3);
	check_path(closed, "/a-closed");
	check_path(open_id, "/b-open/below");
	ck_assert_ptr_null(cgroup_list_path(list, below));
	ck_assert_int_eq(fchmodat(root, "a-closed", 0700, 0), 0);
	remove_tree();
}

static atomic_bool stop;

/* Folders with others in them that come and go. */
static void *come_and_go(void *arg)
{
	while (!atomic_load(&stop)) {
		for (size_t i = 0; i < 8; i++) {
			char name[2][32];

			(void)sprintf(name[0], "gone%zu", i);
			(void)sprintf(name[1], "gone%zu/x", i);
			(void)mkdirat(root, name[0], 0755);
			(void)mkdirat(root, name[1], 0755);
			(void)unlinkat(root, name[1], AT_REMOVEDIR);
			(void)unlinkat(root, name[0], AT_REMOVEDIR);
		}
	}
	return arg;
}

START_TEST(those_that_stay_are_found_while_others_go)
{
	pthread_t thread;
	uint64_t id[2];

	make_tree();
	id[0] = tree_mkdir(&tree, "/docker/a/b");
	id[1] = tree_mkdir(&tree, "/x/y/z");
	ck_assert_int_eq(pthread_create(&thread, NULL, come_and_go, NULL), 0);
	for (size_t i = 0; i < 500; i++) {
		read_tree();
		check_path(id[0], "/docker/a/b");
		check_path(id[1], "/x/y/z");
	}
	atomic_store(&stop, true);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	remove_tree();
}

START_TEST(two_more_descriptors_suffice)
{
	struct rlimit limit;
	size_t fds;
	uint64_t id;
	int spare;

	make_tree();
	id = tree_mkdir(&tree, "/a/b/c/d");
	(void)tree_mkdir(&tree, "/a/b2/c");
	fds = temp_count_fds();
	spare = dup(root); /* the lowest that is free: the limit counts from it */
	(void)close(spare);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = (rlim_t)spare + 1;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_int_eq(cgroup_list_read(root, MANY, &list), -EMFILE);
	ck_assert_ptr_null(list);
	limit.rlim_cur++;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	read_tree();
	check_path(id, "/a/b/c/d");
	limit.rlim_cur = limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_uint_eq(temp_count_fds(), fds);
	remove_tree();
}

START_TEST(failing_allocations_are_told)
{
	size_t fds, n = 1;

	make_tree();
	for (size_t i = 0; i < 300; i++) { /* so that both arrays grow */
		char path[64];

		(void)sprintf(path, "/a/b/with-a-name-that-is-long-%zu", i);
		(void)tree_mkdir(&tree, path);
	}
	fds = temp_count_fds();
	for (;; n++) {
		int r;

		failing_arm(n);
		r = cgroup_list_read(root, MANY, &list);
		if (!failing_disarm())
			break;
		ck_assert_int_eq(r, -ENOMEM);
		ck_assert_ptr_null(list);
		ck_assert_uint_eq(temp_count_fds(), fds);
	}
	ck_assert_uint_gt(n, 5); /* the list, two arrays that grow, the order */
	ck_assert_uint_eq(cgroup_list_count(list), 302);
	remove_tree();
}

Suite *cgroup_list_faults_suite(void)
{
	const struct test tests[] = {
		{ unreadable_folder_is_listed_alone, 0 },
		{ those_that_stay_are_found_while_others_go, 0 },
		{ two_more_descriptors_suffice, 0 },
		{ failing_allocations_are_told, 0 },
	};

	return suite_make("cgroup_list_faults", tests, COUNT(tests));
}
