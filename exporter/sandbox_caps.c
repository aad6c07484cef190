/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities and users. By system calls of the kernel, not of the C library: that would take the
 * other threads along, which go through the same on their own. */
#include <dirent.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox.h"
#include "sandbox_calls.h"

#define NOBODY 65534 /* of both: nobody and nogroup */

#ifndef CAP_BPF
#define CAP_BPF 39 /* Linux 5.8 */
#endif

const char sandbox_right_bpf[] = "CAP_BPF";

/* Both halves of 32 capabilities each. */
struct capabilities {
	struct __user_cap_data_struct half[2];
};

int sandbox_no_new_privs(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}

void sandbox_bounding_set(struct sandbox_report *report)
{
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) {
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 0 ||
		    prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
			continue;
		sandbox_keep(report, "bounding set", "no CAP_SETPCAP to empty it");
		report->kept[report->kept_n - 1].harmless = true; /* only execve(2) looks at it */
		return;
	}
}

/* Nobody else's process may look into ours, so be that our user's. Of what was root the kernel sees
 * to that, and its system-wide setting says whether such may leave a core dump. */
static void hide_memory(void)
{
	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1)
		(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void sandbox_user(struct sandbox_report *report)
{
	uid_t real, effective, saved;

	(void)getresuid(&real, &effective, &saved);
	if (real == 0 || effective == 0 || saved == 0) {
		/* for the next stage, which decides of them */
		(void)prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
		if (syscall(SYS_setgroups, 0, NULL))
			sandbox_keep(report, "supplementary groups", "no CAP_SETGID to leave them");
		if (syscall(SYS_setresgid, NOBODY, NOBODY, NOBODY))
			sandbox_keep(report, "gid 0",
				     errno == EPERM ? "no CAP_SETGID to change it" :
						      "65534 is not mapped in this user namespace");
		if (syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY))
			sandbox_keep(report, "uid 0",
				     errno == EPERM ? "no CAP_SETUID to change it" :
						      "65534 is not mapped in this user namespace");
	}
	hide_memory();
}

static int set_capabilities(const struct capabilities *permitted, bool effective)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct capabilities set = *permitted;

	for (size_t i = 0; i < 2; i++) {
		set.half[i].effective = effective ? set.half[i].permitted : 0;
		set.half[i].inheritable = 0;
	}
	return syscall(SYS_capset, &head, set.half) ? -errno : 0;
}

static int get_capabilities(int thread, struct capabilities *ret)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, thread };

	return syscall(SYS_capget, &head, ret->half) ? -errno : 0;
}

/* Of a descriptor that is none: whether the kernel looks at it is what is asked. Where bpf(2) is
 * for the privileged (kernel.unprivileged_bpf_disabled), that is so for every command before 5.19,
 * and only for those that make something since. */
static bool bpf_needs_right(void)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (uint32_t)-1;
	return syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)) < 0 && errno == EPERM;
}

int sandbox_capabilities(bool keep_bpf, struct sandbox_report *report)
{
	static const struct capabilities none;
	struct capabilities bpf;
	int r;

	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); /* Linux 4.3 */
	r = get_capabilities(0, &bpf);
	if (r < 0)
		return r;
	bpf.half[0].permitted = 0;
	bpf.half[1].permitted &= CAP_TO_MASK(CAP_BPF);
	if (keep_bpf && bpf.half[1].permitted) {
		r = set_capabilities(&bpf, false);
		if (r < 0)
			return r;
		if (bpf_needs_right()) {
			sandbox_keep(report, sandbox_right_bpf,
				     "before 5.19 this kernel wants it to give rows back and to "
				     "set filters");
			return set_capabilities(&bpf, true);
		}
	}
	return set_capabilities(&none, false);
}

static bool is_capable(int thread, bool bpf)
{
	struct capabilities has;

	if (get_capabilities(thread, &has) < 0)
		return false; /* it has ended */
	if (bpf)
		has.half[1].permitted &= ~CAP_TO_MASK(CAP_BPF);
	return has.half[0].permitted || has.half[1].permitted;
}

int sandbox_find_capable(int tasks, bool bpf)
{
	int fd = dup(tasks), found = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (dir)
		rewinddir(dir); /* the place is that of `tasks` */
	while (dir && !found && (entry = readdir(dir))) {
		const int thread = (int)strtol(entry->d_name, NULL, 10); /* 0: . and .. */

		if (thread && is_capable(thread, bpf))
			found = thread;
	}
	if (dir)
		(void)closedir(dir);
	else if (fd >= 0)
		(void)close(fd);
	return found;
}
