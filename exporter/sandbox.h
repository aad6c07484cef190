/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rights given up for good, in stages: what the process may do when somebody has broken into it is
 * what its features need, and nothing else. Knows the kernel only; logs nothing.
 *
 *	no_new_privs    execve(2) gives nothing any more
 *	bounding set    emptied
 *	uid and gid     65534, no supplementary groups, when started as root
 *	capabilities    none, in all sets
 *	Landlock        no file, no TCP port, no signal to others, where the kernel has it
 *	seccomp         the calls of sandbox_calls.c and no other
 *
 * All but the last are the calling thread's own affair in the kernel, so each thread goes through
 * them; threads that it makes afterwards are born without the rights. seccomp reaches all threads.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

/* Where it stops: each has those before it. */
enum sandbox_level { SANDBOX_NONE, SANDBOX_CAPS, SANDBOX_LANDLOCK, SANDBOX_ALL };

/* What features need later. */
struct sandbox {
	enum sandbox_level level;
	unsigned int needs;	   /* of enum sandbox_need, see sandbox_calls.h */
	const char *listed_folder; /* may be listed, with all below; NULL: none */
};

/* What could not be given up, and why: strings that live as long as the program. */
struct sandbox_kept {
	const char *right, *reason;
	bool harmless; /* since no_new_privs */
};

struct sandbox_report {
	struct sandbox_kept kept[8];
	size_t kept_n;
	int landlock; /* version of the kernel's interface, 0: not used */
	bool seccomp;
};

/* The stages before seccomp, for the calling thread. Returns 0, or -errno with *failed naming the
 * stage if one failed that never may. */
int sandbox_thread(const struct sandbox *sandbox, struct sandbox_report *ret, const char **failed);

/* The same, then makes sure that no thread of the process has capabilities left, and seccomp for
 * all of them. -EUCLEAN: another thread has some. */
int sandbox_process(const struct sandbox *sandbox, struct sandbox_report *ret, const char **failed);

/* ---- the stages, each in a file of its own ---- */

/* no_new_privs to capabilities. keep_bpf: CAP_BPF stays on kernels on which bpf(2) with a
 * descriptor needs it (before 5.19). Return 0, or -errno of what never may fail. */
int sandbox_no_new_privs(void);
void sandbox_bounding_set(struct sandbox_report *report);
void sandbox_user(struct sandbox_report *report);
int sandbox_capabilities(bool keep_bpf, struct sandbox_report *report);

/* The number of a thread that has capabilities, of a folder like /proc/self/task; 0: none has.
 * CAP_BPF does not count if `bpf`. */
int sandbox_find_capable(int tasks, bool bpf);

void sandbox_landlock(const char *listed_folder, struct sandbox_report *report);
void sandbox_seccomp(unsigned int needs, struct sandbox_report *report);

void sandbox_keep(struct sandbox_report *report, const char *right, const char *reason);

#endif
