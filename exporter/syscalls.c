/* SPDX-License-Identifier: Apache-2.0 */
#include "syscalls.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ior.h"

const struct syscall syscalls[SYSCALLS] = {
#include "syscalls.inc"
};

/* Index into syscalls[] plus one by number, filled at start: the table's order is the page's. */
static uint16_t by_nr[IOR_NR_CALLS];
static uint16_t unknown;

__attribute__((constructor)) static void index_numbers(void)
{
	for (size_t i = 0; i < SYSCALLS; i++) {
		if (syscalls[i].nr < 0)
			continue;
		assert(syscalls[i].nr < IOR_NR_CALLS);
		by_nr[syscalls[i].nr] = (uint16_t)(i + 1);
		if (syscalls[i].nr == IOR_NR_UNKNOWN)
			unknown = (uint16_t)i;
	}
}

const struct syscall *syscall_by_nr(uint32_t nr)
{
	if (nr >= IOR_NR_CALLS || !by_nr[nr])
		return &syscalls[unknown];
	return &syscalls[by_nr[nr] - 1];
}

const struct syscall *syscall_by_name(const char *name)
{
	/* Names first: arm64 has calls whose tracepoint is another's name. */
	for (size_t i = 0; i < SYSCALLS; i++)
		if (!strcmp(syscalls[i].name, name))
			return &syscalls[i];
	for (size_t i = 0; i < SYSCALLS; i++)
		if (!strcmp(syscalls[i].tracepoint, name))
			return &syscalls[i];
	return NULL;
}

const char *syscall_group_of(const struct syscall *call, enum syscall_group by)
{
	return by == GROUP_FAMILY ? call->family : call->kind;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t syscall_groups(enum syscall_group by, const char *ret[SYSCALLS_GROUPS])
{
	size_t n = 0;

	for (size_t i = 0; i < SYSCALLS; i++) {
		const char *group = syscall_group_of(&syscalls[i], by);
		size_t at = 0;

		while (at < n && strcmp(ret[at], group))
			at++;
		if (at < n)
			continue;
		assert(n < SYSCALLS_GROUPS);
		ret[n++] = group;
	}
	qsort(ret, n, sizeof(*ret), compare_names);
	return n;
}

/* The kernel's internal numbers (include/linux/errno.h), which reach user space by mistake only:
 * slots 134 (512) and up. */
static const char *const internal_errnos[IOR_ERRNOS - 134] = {
	[0] = "ERESTARTSYS",
	[1] = "ERESTARTNOINTR",
	[2] = "ERESTARTNOHAND",
	[3] = "ENOIOCTLCMD",
	[4] = "ERESTART_RESTARTBLOCK",
	[5] = "EPROBE_DEFER",
	[6] = "EOPENSTALE",
	[7] = "ENOPARAM",
	[9] = "EBADHANDLE",
	[10] = "ENOTSYNC",
	[11] = "EBADCOOKIE",
	[12] = "ENOTSUPP",
	[13] = "ETOOSMALL",
	[14] = "ESERVERFAULT",
	[15] = "EBADTYPE",
	[16] = "EJUKEBOX",
	[17] = "EIOCBQUEUED",
	[18] = "ERECALLCONFLICT",
	[19] = "ENOGRACE",
};

const char *errno_slot_name(unsigned int slot)
{
	const char *name = NULL;

	if (slot > 0 && slot < 134)
		name = strerrorname_np((int)slot);
	else if (slot >= 134 && slot < IOR_ERRNOS)
		name = internal_errnos[slot - 134];
	return name ? name : "other";
}

int errno_slot_by_name(const char *name)
{
	for (unsigned int slot = 0; slot < IOR_ERRNOS; slot++)
		if (!strcmp(errno_slot_name(slot), name))
			return (int)slot;
	return -1;
}
