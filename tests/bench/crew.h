/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Helper processes for the workloads that need some. They are forked before the benchmark opens
 * anything, so that what they do costs what it costs a small process, and wait between samples.
 */
#ifndef BENCH_CREW_H
#define BENCH_CREW_H

#include "work.h"

int crew_open(const int cpus[2]);
void crew_close(void);

/* One sample, as work_sample(), of WORK_COMMS, WORK_VFORK or WORK_PIPE. */
double crew_comms(unsigned int calls);
double crew_vfork(unsigned int calls);
double crew_pipe(unsigned int calls);

#endif
