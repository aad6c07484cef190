/* SPDX-License-Identifier: Apache-2.0 */
/* Plain folders stand for cgroups: these have inode numbers too. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroups.h"
#include "failing.h"
#include "suites.h"
#include "temp.h"
#include "tree.h"

#define ID "4f0c1a9be2d7358846b1d09e7fa3c25b60e8d4971ab2c3d5e6f708192a3b4c5d"
#define UID "5759a1ae-36ca-48a8-b20a-b0b5c8a90fb8"
#define ABSENT (~0ull)

static struct tree tree;
static struct cgroups *cgroups;

/* The hierarchy is /cgroup, with others beside it. Returns its id. */
static uint64_t make_tree(void)
{
	uint64_t id;
	char path[64];

	tree_make(&tree);
	id = tree_mkdir(&tree, "/cgroup");
	(void)snprintf(path, sizeof(path), "%s/cgroup", tree.root);
	cgroups = cgroups_new(path);
	ck_assert_ptr_nonnull(cgroups);
	return id;
}

static void remove_tree(void)
{
	cgroups_free(cgroups);
	tree_remove(&tree);
}

static void move(const char *from, const char *to)
{
	char full[2][128];

	(void)snprintf(full[0], sizeof(full[0]), "%s%s", tree.root, from);
	(void)snprintf(full[1], sizeof(full[1]), "%s%s", tree.root, to);
	ck_assert_int_eq(rename(full[0], full[1]), 0);
}

static void check_found(uint64_t id, const char *container, const char *pod_uid)
{
	const struct container *found = cgroups_find(cgroups, id);

	ck_assert_str_eq(found->id, container);
	ck_assert_str_eq(found->pod_uid, pod_uid);
}

START_TEST(ids_become_containers)
{
	uint64_t root = make_tree(), pod, unit, slice;

	pod = tree_mkdir(&tree, "/cgroup/kubepods/pod" UID "/" ID);
	unit = tree_mkdir(&tree, "/cgroup/system.slice/sshd.service");
	slice = tree_mkdir(&tree, "/cgroup/user.slice");
	cgroups_begin(cgroups);
	check_found(pod, ID, UID);
	check_found(unit, "sshd.service", "none");
	check_found(slice, "host", "none");
	check_found(root, "host", "none");
	check_found(1, "host", "none");
	check_found(0, "unknown", "none");
	check_found(ABSENT, "unknown", "none");
	ck_assert_uint_eq(cgroups_known(cgroups), 5);
	remove_tree();
}

START_TEST(tree_is_walked_for_new_ids_alone_and_once_a_read)
{
	uint64_t root = make_tree(), old, new;

	old = tree_mkdir(&tree, "/cgroup/old.service");
	cgroups_begin(cgroups);
	check_found(root, "host", "none");
	check_found(1, "host", "none");
	ck_assert_uint_eq(cgroups_walks(cgroups), 0);
	check_found(old, "old.service", "none");
	check_found(ABSENT, "unknown", "none");
	ck_assert_uint_eq(cgroups_walks(cgroups), 1);
	new = tree_mkdir(&tree, "/cgroup/new.service");
	for (int i = 0; i < 3; i++) {
		cgroups_begin(cgroups);
		check_found(old, "old.service", "none");
		check_found(ABSENT, "unknown", "none");
		ck_assert_uint_eq(cgroups_walks(cgroups), 1);
	}
	check_found(new, "new.service", "none");
	check_found(ABSENT - 1, "unknown", "none");
	ck_assert_uint_eq(cgroups_walks(cgroups), 2);
	remove_tree();
}

START_TEST(removed_before_the_walk_is_unknown_and_stays_that)
{
	uint64_t id;

	(void)make_tree();
	id = tree_mkdir(&tree, "/cgroup/a.service");
	move("/cgroup/a.service", "/a.service");
	cgroups_begin(cgroups);
	check_found(id, "unknown", "none");
	move("/a.service", "/cgroup/a.service");
	for (int i = 0; i < 3; i++) {
		cgroups_begin(cgroups);
		check_found(id, "unknown", "none");
	}
	ck_assert_uint_eq(cgroups_walks(cgroups), 1);
	/* a read that does not ask, and it is forgotten by the next */
	cgroups_begin(cgroups);
	cgroups_begin(cgroups);
	check_found(id, "a.service", "none");
	remove_tree();
}

START_TEST(removed_after_the_walk_is_known)
{
	uint64_t id[3];

	(void)make_tree();
	id[0] = tree_mkdir(&tree, "/cgroup/a.service");
	id[1] = tree_mkdir(&tree, "/cgroup/b.service");
	id[2] = tree_mkdir(&tree, "/cgroup/c.service");
	cgroups_begin(cgroups);
	check_found(id[0], "a.service", "none");
	move("/cgroup", "/removed");
	check_found(id[1], "b.service", "none");
	move("/removed/c.service", "/c.service");
	cgroups_end(cgroups);
	cgroups_begin(cgroups);
	check_found(id[0], "a.service", "none");
	check_found(id[1], "b.service", "none");
	check_found(id[2], "unknown", "none");
	remove_tree();
}

START_TEST(container_is_kept_for_a_read_that_does_not_ask)
{
	const struct container *found;
	uint64_t id;

	(void)make_tree();
	id = tree_mkdir(&tree, "/cgroup/a.service");
	cgroups_begin(cgroups);
	found = cgroups_find(cgroups, id);
	cgroups_begin(cgroups);
	ck_assert_str_eq(found->id, "a.service");
	ck_assert_ptr_eq(cgroups_find(cgroups, id), found);
	cgroups_begin(cgroups);
	ck_assert_str_eq(found->id, "a.service");
	ck_assert_uint_eq(cgroups_known(cgroups), 1);
	cgroups_begin(cgroups);
	ck_assert_uint_eq(cgroups_known(cgroups), 0);
	remove_tree();
}

/* Each read asks for 100 that are new, 50 of the read before and one of the first. */
START_TEST(ids_that_come_and_go_are_forgotten)
{
	uint64_t unit;

	(void)make_tree();
	unit = tree_mkdir(&tree, "/cgroup/a.service");
	for (uint64_t read = 0; read < 100; read++) {
		cgroups_begin(cgroups);
		ck_assert_uint_eq(cgroups_known(cgroups), !read ? 0 : read == 1 ? 101 : 151);
		for (uint64_t i = read ? 50 : 100; i < 200; i++)
			check_found(ABSENT - read * 100 - i, "unknown", "none");
		check_found(unit, "a.service", "none");
	}
	ck_assert_uint_eq(cgroups_walks(cgroups), 100);
	cgroups_begin(cgroups);
	cgroups_begin(cgroups);
	ck_assert_uint_eq(cgroups_known(cgroups), 0);
	remove_tree();
}

START_TEST(names_are_read_without_rights_to_the_path)
{
	uint64_t id;

	(void)make_tree();
	id = tree_mkdir(&tree, "/cgroup/system.slice/a.service");
	ck_assert_int_eq(chmod(tree.root, 0700), 0);
	if (geteuid() == 0)
		ck_assert_int_eq(seteuid(65534), 0);
	cgroups_begin(cgroups);
	check_found(id, "a.service", "none");
	if (getuid() == 0)
		ck_assert_int_eq(seteuid(0), 0);
	remove_tree();
}

START_TEST(without_memory_it_is_unknown_until_the_next_read)
{
	uint64_t id;

	(void)make_tree();
	id = tree_mkdir(&tree, "/cgroup/a.service");
	for (size_t n = 1;; n++) {
		const struct container *found;

		cgroups_begin(cgroups);
		failing_arm(n);
		found = cgroups_find(cgroups, id);
		if (!failing_disarm())
			break;
		ck_assert_ptr_eq(found, &container_unknown);
		ck_assert_uint_eq(cgroups_known(cgroups), 0);
		ck_assert_uint_eq(cgroups_walks(cgroups), n);
		ck_assert_uint_le(n, 10);
	}
	check_found(id, "a.service", "none");
	remove_tree();
}

START_TEST(without_descriptors_it_is_unknown_until_the_next_read)
{
	struct rlimit limit, none;
	uint64_t id;

	(void)make_tree();
	id = tree_mkdir(&tree, "/cgroup/a.service");
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = (struct rlimit){ 0, limit.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	cgroups_begin(cgroups);
	check_found(id, "unknown", "none");
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	check_found(id, "unknown", "none");
	ck_assert_uint_eq(cgroups_walks(cgroups), 1);
	cgroups_begin(cgroups);
	check_found(id, "a.service", "none");
	remove_tree();
}

START_TEST(root_that_cannot_be_opened_is_told)
{
	size_t fds = temp_count_fds();

	errno = 0;
	ck_assert_ptr_null(cgroups_new("/nowhere"));
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_ptr_null(cgroups_new("/proc/self/comm"));
	ck_assert_int_eq(errno, ENOTDIR);
	failing_arm(1);
	cgroups = cgroups_new("/proc");
	ck_assert(failing_disarm());
	ck_assert_ptr_null(cgroups);
	ck_assert_int_eq(errno, ENOMEM);
	cgroups_free(NULL);
	ck_assert_uint_eq(temp_count_fds(), fds);
}

Suite *cgroups_suite(void)
{
	const struct test tests[] = {
		{ ids_become_containers, 0 },
		{ tree_is_walked_for_new_ids_alone_and_once_a_read, 0 },
		{ removed_before_the_walk_is_unknown_and_stays_that, 0 },
		{ removed_after_the_walk_is_known, 0 },
		{ container_is_kept_for_a_read_that_does_not_ask, 0 },
		{ ids_that_come_and_go_are_forgotten, 0 },
		{ names_are_read_without_rights_to_the_path, 0 },
		{ without_memory_it_is_unknown_until_the_next_read, 0 },
		{ without_descriptors_it_is_unknown_until_the_next_read, 0 },
		{ root_that_cannot_be_opened_is_told, 0 },
	};

	return suite_make("cgroups", tests, COUNT(tests));
}
