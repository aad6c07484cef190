/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/magic.h>
#include <string.h>

#include "cgroups.h"
#include "suites.h"

/* The machine that a test is about: what is at /cg, and below it. */
static struct machine {
	long root, memory, pids; /* types; 0: nothing there */
} machine;

static long type_of(const char *path)
{
	const struct {
		const char *path;
		long type;
	} mounts[] = { { "/cg", machine.root },
		       { "/cg/memory", machine.memory },
		       { "/cg/pids", machine.pids } };

	for (size_t i = 0; i < COUNT(mounts); i++)
		if (!strcmp(path, mounts[i].path) && mounts[i].type)
			return mounts[i].type;
	errno = ENOENT;
	return -1;
}

static const struct {
	struct machine machine;
	int hierarchy, error;
	const char *dir;
} machines[] = {
	{ { CGROUP2_SUPER_MAGIC, 0, 0 }, CGROUPS_V2, 0, "/cg" },
	{ { CGROUP2_SUPER_MAGIC, CGROUP_SUPER_MAGIC, 0 }, CGROUPS_V2, 0, "/cg" },
	{ { TMPFS_MAGIC, CGROUP_SUPER_MAGIC, CGROUP_SUPER_MAGIC },
	  CGROUPS_V1_MEMORY,
	  0,
	  "/cg/memory" },
	{ { TMPFS_MAGIC, 0, CGROUP_SUPER_MAGIC }, CGROUPS_V1_PIDS, 0, "/cg/pids" },
	{ { TMPFS_MAGIC, TMPFS_MAGIC, CGROUP_SUPER_MAGIC }, CGROUPS_V1_PIDS, 0, "/cg/pids" },
	/* cgroups of version 2 have folders of any name */
	{ { TMPFS_MAGIC, CGROUP2_SUPER_MAGIC, CGROUP2_SUPER_MAGIC }, -1, ENODEV, NULL },
	{ { TMPFS_MAGIC, 0, 0 }, -1, ENODEV, NULL },
	{ { 0, CGROUP_SUPER_MAGIC, 0 }, -1, ENOENT, NULL },
};

START_TEST(hierarchy_is_told_by_its_file_system)
{
	char dir[16];

	machine = machines[_i].machine;
	errno = 0;
	ck_assert_int_eq(cgroups_hierarchy_by(type_of, "/cg", dir, sizeof(dir)),
			 machines[_i].hierarchy);
	ck_assert_int_eq(machines[_i].dir ? 0 : errno, machines[_i].error);
	if (machines[_i].dir)
		ck_assert_str_eq(dir, machines[_i].dir);
}

START_TEST(directory_that_does_not_fit_is_told)
{
	char dir[sizeof("/cg/memory") - 1]; /* /cg/pids would fit */

	machine = (struct machine){ TMPFS_MAGIC, CGROUP_SUPER_MAGIC, CGROUP_SUPER_MAGIC };
	ck_assert_int_eq(cgroups_hierarchy_by(type_of, "/cg", dir, sizeof(dir)), -1);
	ck_assert_int_eq(errno, ENAMETOOLONG);
	machine.root = CGROUP2_SUPER_MAGIC;
	ck_assert_int_eq(cgroups_hierarchy_by(type_of, "/cg", dir, sizeof("/cg")), CGROUPS_V2);
	ck_assert_int_eq(cgroups_hierarchy_by(type_of, "/cg", dir, sizeof("/cg") - 1), -1);
	ck_assert_int_eq(errno, ENAMETOOLONG);
}

START_TEST(this_machine_has_no_hierarchy_elsewhere)
{
	char dir[64];

	ck_assert_int_eq(cgroups_hierarchy("/proc", dir, sizeof(dir)), -1);
	ck_assert_int_eq(errno, ENODEV);
	ck_assert_int_eq(cgroups_hierarchy("/nowhere", dir, sizeof(dir)), -1);
	ck_assert_int_eq(errno, ENOENT);
}

Suite *cgroups_hierarchy_suite(void)
{
	const struct test tests[] = {
		{ hierarchy_is_told_by_its_file_system, COUNT(machines) },
		{ directory_that_does_not_fit_is_told, 0 },
		{ this_machine_has_no_hierarchy_elsewhere, 0 },
	};

	return suite_make("cgroups_hierarchy", tests, COUNT(tests));
}
