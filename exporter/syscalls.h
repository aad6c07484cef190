/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of system calls, made from bpf/syscalls.tsv for the architecture of the build.
 * Constant data; a lower layer than everything but buf and label.
 */
#ifndef SYSCALLS_H
#define SYSCALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a positive return value counts. */
enum bytes_class { BYTES_NONE, BYTES_READ, BYTES_WRITTEN, BYTES_TRANSFERRED };

/* Numbers that a call has in the 32-bit table at most, and one for the end. */
#define SYSCALL_COMPATS 4

struct syscall {
	const char *name;	/* the kernel table's, what strace prints */
	const char *tracepoint; /* its name under events/syscalls; accepted where a name is given */
	const char *family;
	const char *kind;
	enum bytes_class bytes;
	int nr;			       /* -1: this architecture does not have it */
	bool noreturn;		       /* never reaches sys_exit */
	bool wait;		       /* its time is mostly waiting for something else to happen */
	short compat[SYSCALL_COMPATS]; /* its numbers in the 32-bit table, ended by -1 */
};

/* 371 calls and the two pseudo calls "unknown" and "compat", by family, then by name: the order of
 * every output, so a pointer into the table is also the sort key. */
#define SYSCALLS 373
extern const struct syscall syscalls[SYSCALLS];

/* The call of a number, "unknown" if the table has none. */
const struct syscall *syscall_by_nr(uint32_t nr);

/* The call of a name or a tracepoint's name, NULL if there is none. */
const struct syscall *syscall_by_name(const char *name);

static inline size_t syscall_index(const struct syscall *call)
{
	return (size_t)(call - syscalls);
}

/* The distinct families or kinds in alphabetical order, through *ret (static storage of the
 * table's strings). Returns how many, at most SYSCALLS_GROUPS. */
#define SYSCALLS_GROUPS 64
enum syscall_group { GROUP_FAMILY, GROUP_KIND };
size_t syscall_groups(enum syscall_group by, const char *ret[SYSCALLS_GROUPS]);
const char *syscall_group_of(const struct syscall *call, enum syscall_group by);

/* Name of an ior_errno_slot(): "ENOENT"; "other" for slot 0; "E600" style never occurs. */
const char *errno_slot_name(unsigned int slot);
/* The slot of a name, -1 if there is none. */
int errno_slot_by_name(const char *name);

#endif
