/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The workloads: loops of system calls whose time per call is taken. Lowest layer of the
 * benchmark; knows nothing of BPF.
 */
#ifndef BENCH_WORK_H
#define BENCH_WORK_H

#include <stdbool.h>

enum work {
	WORK_GETPPID,
	WORK_READ,
	WORK_GETPPID_2CPUS,
	WORK_RENAME,
	WORK_COMMS,
	WORK_VFORK,
	WORK_PIPE,
	WORKS,
};

/* Pins the caller to one CPU and starts the helper processes and threads: call it first, while the
 * process is small. Returns 0 or -errno. */
int work_open(void);
/* Ends the helper processes. */
void work_close(void);

const char *work_name(enum work work);
/* False if the machine has too few CPUs for it. */
bool work_possible(enum work work);
/* Nanoseconds a call, over one sample of some milliseconds; a shorter one with warm_up. */
double work_sample(enum work work, bool warm_up);

#endif
