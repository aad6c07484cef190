/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a command as this user with these capabilities and no way to others (no_new_privs): as a
 * container runtime does for user 0, and systemd, by ambient capabilities, for all others.
 *
 * usage: with_caps UID N[,N]... COMMAND [ARGUMENT]...   by root; N: as in linux/capability.h, or -
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fail(const char *what)
{
	fprintf(stderr, "with_caps: %s: %s\n", what, strerror(errno));
	return 127; /* as a command that cannot be run */
}

static uint64_t parse(const char *list)
{
	uint64_t set = 0;

	while (*list && *list != '-') {
		char *end;

		set |= 1ULL << strtoul(list, &end, 10);
		list = *end == ',' ? end + 1 : end;
	}
	return set;
}

/* What is not in the bounding set, nobody gets by execve. */
static int bound(uint64_t set)
{
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (!(set >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0))
			return -1;
	return 0;
}

static int change_user(uid_t user)
{
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || syscall(SYS_setgroups, 0, NULL) ||
	    setresgid(user, user, user) || setresuid(user, user, user))
		return -1;
	return 0;
}

/* User 0 gets the bounding set by execve, others what is ambient, which must be inheritable. */
static int grant(uint64_t set, int ambient)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct caps[2];

	for (int i = 0; i < 2; i++) {
		caps[i].permitted = (uint32_t)(set >> 32 * i);
		caps[i].effective = caps[i].permitted;
		caps[i].inheritable = ambient ? caps[i].permitted : 0;
	}
	if (syscall(SYS_capset, &head, caps))
		return -1;
	for (unsigned long cap = 0; ambient && cap < 64; cap++)
		if (set >> cap & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0))
			return -1;
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t set;
	uid_t user;

	if (argc < 4) {
		fprintf(stderr, "usage: with_caps UID N[,N]... COMMAND [ARGUMENT]...\n");
		return 2;
	}
	user = (uid_t)strtoul(argv[1], NULL, 10);
	set = parse(argv[2]);
	if (bound(set))
		return fail("bounding set");
	if (user && change_user(user))
		return fail("user");
	if (grant(set, user != 0))
		return fail("capabilities");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return fail("no_new_privs");
	(void)execv(argv[3], argv + 3);
	return fail(argv[3]);
}
