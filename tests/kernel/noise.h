/* SPDX-License-Identifier: Apache-2.0 */
/* Another agent on the machine: processes that read a hash map of their own in batches and change
 * it, without a pause. Each such call keeps its CPU from running some kinds of BPF programs. */
#ifndef NOISE_H
#define NOISE_H

#include <sys/types.h>

#define NOISE_MAX 8

struct noise {
	pid_t pid[NOISE_MAX];
	unsigned int n;
};

/* Returns when all of them have done a first round. */
void noise_start(struct noise *noise, unsigned int n);
void noise_stop(struct noise *noise);

#endif
