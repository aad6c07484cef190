/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock (Linux 5.13): no access to files by name. Structures and numbers are declared here:
 * headers of the build machine may be older than the kernel that it runs on. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox.h"

/* The same on all machines. */
#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444
#define __NR_landlock_add_rule 445
#define __NR_landlock_restrict_self 446
#endif

#define ASK_VERSION (1u << 0)
#define RULE_PATH_BENEATH 1
#define READ_DIR (1ull << 3)

/* struct landlock_ruleset_attr of version 6. Older kernels take it as long as what they do not know
 * is 0. */
struct ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

/* struct landlock_path_beneath_attr */
struct path_beneath {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

/* What the versions know, all of it: from which on, and how many kinds of access there are. */
static struct ruleset everything(int version)
{
	static const struct {
		int version;
		unsigned int fs;
	} known[] = { { 5, 16 }, { 3, 15 }, { 2, 14 }, { 1, 13 } };
	struct ruleset ret = { 0 };
	size_t at = 0;

	while (version < known[at].version)
		at++;
	ret.fs = (1ull << known[at].fs) - 1;
	if (version >= 4)
		ret.net = 3; /* bind and connect of TCP */
	if (version >= 6)
		ret.scoped = 3; /* abstract UNIX sockets and signals */
	return ret;
}

static const char *explain(int error)
{
	switch (error) {
	case ENOSYS:
		return "not in this kernel (Linux 5.13 and newer)";
	case EOPNOTSUPP:
		return "this kernel was started without it";
	case EPERM:
		return "forbidden here, by a seccomp filter around us";
	default:
		return "the kernel refused";
	}
}

static int restrict_self(int version, const char *listed_folder)
{
	const struct ruleset ruleset = everything(version);
	struct path_beneath beneath = { .allowed = READ_DIR, .fd = -1 };
	int rules = (int)syscall(__NR_landlock_create_ruleset, &ruleset, sizeof(ruleset), 0);
	int r = 0;

	if (rules < 0)
		return -errno;
	if (listed_folder)
		beneath.fd = open(listed_folder, O_PATH | O_CLOEXEC);
	if (beneath.fd >= 0) { /* else there is none, which its user will say */
		if (syscall(__NR_landlock_add_rule, rules, RULE_PATH_BENEATH, &beneath, 0))
			r = -errno;
		(void)close(beneath.fd);
	}
	if (r == 0 && syscall(__NR_landlock_restrict_self, rules, 0))
		r = -errno;
	(void)close(rules);
	return r;
}

void sandbox_landlock(const char *listed_folder, struct sandbox_report *report)
{
	int version = (int)syscall(__NR_landlock_create_ruleset, NULL, 0, ASK_VERSION);
	int r = version < 1 ? -errno : restrict_self(version, listed_folder);

	if (r < 0)
		sandbox_keep(report, "files, as the user may open them (Landlock)", explain(-r));
	else
		report->landlock = version;
}
