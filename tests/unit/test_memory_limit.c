/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "memory_limit.h"
#include "suites.h"
#include "tree.h"

#define FILES_MAX 5
#define NO_LIMIT_V1 "9223372036854771712\n"

/* A machine, and the limit that applies there; file NULL: none. */
static const struct {
	const char *cgroup; /* /proc/self/cgroup */
	struct {
		const char *path, *text;
	} files[FILES_MAX];
	uint64_t bytes;
	const char *file;
} machines[] = {
	/* version 2 alone */
	{ "0::/a/b\n",
	  { { "/sys/fs/cgroup/a/b/memory.max", "16777216\n" } },
	  16777216,
	  "/sys/fs/cgroup/a/b/memory.max" },
	{ "0::/a/b\n",
	  { { "/sys/fs/cgroup/a/b/memory.max", "max\n" },
	    { "/sys/fs/cgroup/a/memory.max", "33554432\n" } },
	  33554432,
	  "/sys/fs/cgroup/a/memory.max" },
	{ "0::/a/b\n",
	  { { "/sys/fs/cgroup/a/b/memory.max", "33554432\n" },
	    { "/sys/fs/cgroup/a/memory.max", "16777216\n" },
	    { "/sys/fs/cgroup/memory.max", "50000000\n" } },
	  16777216,
	  "/sys/fs/cgroup/a/memory.max" },
	{ "0::/a/b\n", { { "/sys/fs/cgroup/a/b/memory.max", "max\n" } }, 0, NULL },
	{ "0::/a\n",
	  { { "/sys/fs/cgroup/a/memory.max", "0\n" } },
	  0,
	  "/sys/fs/cgroup/a/memory.max" },
	/* a sibling's is not ours */
	{ "0::/a\n", { { "/sys/fs/cgroup/ab/memory.max", "1\n" } }, 0, NULL },
	/* in a container: its cgroup is the root of what it sees */
	{ "0::/\n",
	  { { "/sys/fs/cgroup/memory.max", "16777216\n" } },
	  16777216,
	  "/sys/fs/cgroup/memory.max" },
	{ "0::/../../x\n",
	  { { "/sys/fs/cgroup/memory.max", "16777216\n" } },
	  16777216,
	  "/sys/fs/cgroup/memory.max" },
	{ "0::/docker/0123\n",
	  { { "/sys/fs/cgroup/memory.max", "16777216\n" } },
	  16777216,
	  "/sys/fs/cgroup/memory.max" },
	/* version 1, with an empty version 2 beside it */
	{ "4:memory:/a\n0::/\n",
	  { { "/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "16777216\n" },
	    { "/sys/fs/cgroup/memory/memory.limit_in_bytes", NO_LIMIT_V1 } },
	  16777216,
	  "/sys/fs/cgroup/memory/a/memory.limit_in_bytes" },
	{ "11:cpu,memory,pids:/a/b\n",
	  { { "/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", NO_LIMIT_V1 },
	    { "/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "33554432\n" } },
	  33554432,
	  "/sys/fs/cgroup/memory/a/memory.limit_in_bytes" },
	{ "4:memory:/a\n",
	  { { "/sys/fs/cgroup/memory/a/memory.limit_in_bytes", NO_LIMIT_V1 } },
	  0,
	  NULL },
	{ "4:memory:/docker/0123\n",
	  { { "/sys/fs/cgroup/memory/memory.limit_in_bytes", "16777216\n" } },
	  16777216,
	  "/sys/fs/cgroup/memory/memory.limit_in_bytes" },
	/* another controller's path is not memory's */
	{ "4:memoryx:/a\n3:cpu:/a\n",
	  { { "/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "1\n" } },
	  0,
	  NULL },
	{ "4:memory:/a\n3:cpu:/b\n",
	  { { "/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "33554432\n" },
	    { "/sys/fs/cgroup/memory/b/memory.limit_in_bytes", "1\n" } },
	  33554432,
	  "/sys/fs/cgroup/memory/a/memory.limit_in_bytes" },
	/* version 2's memory beside version 1 */
	{ "3:cpu:/a\n0::/a\n",
	  { { "/sys/fs/cgroup/unified/a/memory.max", "16777216\n" } },
	  16777216,
	  "/sys/fs/cgroup/unified/a/memory.max" },
	/* a path may have colons */
	{ "0::/a:b:c\n",
	  { { "/sys/fs/cgroup/a:b:c/memory.max", "16777216" } },
	  16777216,
	  "/sys/fs/cgroup/a:b:c/memory.max" },
	/* what is no limit */
	{ "0::/a\n",
	  { { "/sys/fs/cgroup/a/memory.max", "" }, { "/sys/fs/cgroup/memory.max", "-1\n" } },
	  0,
	  NULL },
	{ "0::/a\n", { { "/sys/fs/cgroup/a/memory.max", "16MiB\n" } }, 0, NULL },
	{ "nonsense\n:\n\n", { { "/sys/fs/cgroup/memory.max", "1\n" } }, 0, NULL },
	{ "", { { "/sys/fs/cgroup/memory.max", "1\n" } }, 0, NULL },
	{ NULL, { { "/sys/fs/cgroup/memory.max", "1\n" } }, 0, NULL },
};

START_TEST(limit_is_the_least_that_applies)
{
	struct memory_limit limit;
	struct tree tree;

	tree_make(&tree);
	if (machines[_i].cgroup)
		tree_write(&tree, "/proc/self/cgroup", machines[_i].cgroup);
	for (size_t i = 0; i < FILES_MAX && machines[_i].files[i].path; i++)
		tree_write(&tree, machines[_i].files[i].path, machines[_i].files[i].text);
	ck_assert_int_eq(memory_limit_find(tree.root, &limit), machines[_i].file != NULL);
	if (machines[_i].file) {
		ck_assert_uint_eq(limit.bytes, machines[_i].bytes);
		ck_assert_str_eq(limit.file + strlen(tree.root), machines[_i].file);
	}
	tree_remove(&tree);
}

Suite *memory_limit_suite(void)
{
	const struct test tests[] = {
		{ limit_is_the_least_that_applies, COUNT(machines) },
	};

	return suite_make("memory_limit", tests, COUNT(tests));
}
