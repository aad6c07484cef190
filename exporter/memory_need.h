/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What memory tracing takes, against the limit that applies. A process that its cgroup's limit
 * does not fit is ended by the kernel while the kernel loads the programs, without a word; so it is
 * asked before. Knows memory_limit and the layout of the maps; loads nothing.
 */
#ifndef MEMORY_NEED_H
#define MEMORY_NEED_H

#include <stddef.h>
#include <stdint.h>

struct memory_need {
	uint64_t maps;	/* BPF maps: what --series.max and --series.memory decide */
	uint64_t total; /* maps, and the load, the self-test or a full table, whichever is most */
};

/* What decides: --series.max, --series.memory, --comm.top, --by. */
struct memory_sizes {
	uint32_t series_max;
	uint64_t series_memory;
	uint64_t top;
	unsigned int by; /* enum by */
};

/* The need of this machine, in bytes. `root` as in memory_limit.h: a tree in tests may have
 * sys/devices/system/cpu/{possible,online}, sys/kernel/btf/vmlinux and proc/sys/kernel/osrelease.
 */
void memory_need_estimate(const char *root, const struct memory_sizes *sizes,
			  struct memory_need *ret);

/* Returns 0, or -ENOMEM if a memory limit is below the need, with one line in err: the limit and
 * its file, the need, and what helps. */
int memory_need_check(const char *root, const struct memory_sizes *sizes, char *err,
		      size_t err_size);

#endif
