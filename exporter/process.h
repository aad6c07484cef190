/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel says of the exporter's own process, for the metrics process_*: read again and
 * again by descriptors that are opened before rights are given up, after which there is no opening
 * them any more. Knows /proc; nothing of metrics.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>
#include <stdint.h>

struct process {
	int stat, limits, fds; /* of /proc/self; negative: it could not be opened */
	uint64_t boot_wall_ns; /* since the epoch; 0: not known */
	uint64_t tick_ns, page_bytes;
};

/* One read. What could not be read is 0, and its `has` is false. */
struct process_status {
	bool has_stat, has_start, has_limits, has_fds;
	uint64_t cpu_ns; /* of all threads, user and system */
	uint64_t virtual_bytes, resident_bytes;
	uint64_t start_wall_ns;		     /* since the epoch */
	uint64_t max_fds, virtual_max_bytes; /* the soft limits; UINT64_MAX: unlimited */
	uint64_t open_fds;		     /* all, those of struct process among them */
};

/* `proc` is "/proc"; tests have a folder that looks like it. Returns 0, or -errno of the first part
 * that cannot be had, and then reads do without it. To be closed in any case. */
int process_open(const char *proc, struct process *ret);

/* NULL is fine. */
void process_close(struct process *process);

/* One thread at a time: they share the place in the folder of descriptors. Returns 0, or -errno of
 * the first part that could not be read; the others are there. Allocates nothing, opens nothing. */
int process_read(const struct process *process, struct process_status *ret);

#endif
