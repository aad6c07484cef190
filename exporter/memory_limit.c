/* SPDX-License-Identifier: Apache-2.0 */
#include "memory_limit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opener.h"
#include "values.h"

/* Where a version keeps its limits. */
struct hierarchy {
	const char *mount, *file;
	bool v2;
};

static const struct hierarchy hierarchies[] = {
	{ "/sys/fs/cgroup", "memory.max", true },
	{ "/sys/fs/cgroup/unified", "memory.max", true }, /* beside version 1 */
	{ "/sys/fs/cgroup/memory", "memory.limit_in_bytes", false },
};

/* No limit is "max" in version 2, and in version 1 2^63 less a page. */
#define NONE (1ull << 62)

/* Takes the limit of one cgroup if it is the least so far. */
static void take(const char *file, struct memory_limit *least)
{
	char line[64] = "";
	uint64_t bytes;
	FILE *in = opener_fopen(file);

	if (!in)
		return;
	if (fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = '\0';
		if (value_parse_number(line, &bytes) && bytes < least->bytes) {
			least->bytes = bytes;
			(void)snprintf(least->file, sizeof(least->file), "%s", file);
		}
	}
	(void)fclose(in);
}

/* From the cgroup up to the root of its mount. */
static void climb(const char *root, const struct hierarchy *hierarchy, char *path,
		  struct memory_limit *least)
{
	for (;;) {
		char file[PATH_MAX], *slash = strrchr(path, '/');
		int n = snprintf(file, sizeof(file), "%s%s%s/%s", root, hierarchy->mount, path,
				 hierarchy->file);

		if (n > 0 && (size_t)n < sizeof(file))
			take(file, least);
		if (!slash)
			return;
		*slash = '\0';
	}
}

static bool has_memory(char *controllers)
{
	char *name;

	while ((name = strsep(&controllers, ",")))
		if (!strcmp(name, "memory"))
			return true;
	return false;
}

/* "4:memory:/a/b" or "0::/a/b" */
static void take_line(const char *root, char *line, struct memory_limit *least)
{
	char *controllers = strchr(line, ':'), *path;
	bool v2, v1;

	path = controllers ? strchr(controllers + 1, ':') : NULL;
	if (!path)
		return;
	controllers++;
	*path++ = '\0';
	/* A cgroup outside of our cgroup namespace is "/../x": only the root of the mount is ours
	 * to see, and the root is "/". */
	if (!strncmp(path, "/..", 3) || !strcmp(path, "/"))
		*path = '\0';
	v2 = !*controllers;
	v1 = has_memory(controllers);
	for (size_t i = 0; i < sizeof(hierarchies) / sizeof(hierarchies[0]); i++) {
		char copy[PATH_MAX];

		if (hierarchies[i].v2 ? !v2 : !v1)
			continue;
		(void)snprintf(copy, sizeof(copy), "%s", path);
		climb(root, &hierarchies[i], copy, least);
	}
}

bool memory_limit_find(const char *root, struct memory_limit *ret)
{
	char path[PATH_MAX], *line = NULL;
	size_t cap = 0;
	ssize_t n;
	FILE *in;

	*ret = (struct memory_limit){ .bytes = NONE };
	(void)snprintf(path, sizeof(path), "%s/proc/self/cgroup", root);
	in = opener_fopen(path);
	if (!in)
		return false;
	while ((n = getline(&line, &cap, in)) >= 0) {
		if (n && line[n - 1] == '\n')
			line[n - 1] = '\0';
		take_line(root, line, ret);
	}
	free(line);
	(void)fclose(in);
	return ret->bytes < NONE;
}
