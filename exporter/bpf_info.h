/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel says of our own programs and maps. */
#ifndef BPF_INFO_H
#define BPF_INFO_H

#include "source.h"

struct bpf_object;

/* The maps and the memory that each is charged for, by name; constant after the load. */
void bpf_info_maps(const struct bpf_object *object, struct source_info *ret);

/* Opens the file that says whether the kernel keeps statistics, for later when none can be opened
 * any more. Returns a descriptor or -1. */
int bpf_info_open_stats(void);

/* Fills ret->programs with those of the n names, by name, in one bpf() call each; none on kernels
 * that do not tell. */
void bpf_info_programs(const struct bpf_object *object, const char *const *names, size_t n,
		       int stats_fd, struct source_status *ret);

/* Runs of the program that the kernel skipped; 0 on kernels that do not tell (before 5.12). */
uint64_t bpf_info_misses(const struct bpf_object *object, const char *name);

#endif
