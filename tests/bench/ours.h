/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads the exporter's own BPF object for measuring, set up as the exporter sets it up: all calls
 * of the table, one shard a CPU, the default number of rows.
 */
#ifndef BENCH_OURS_H
#define BENCH_OURS_H

#include <stdbool.h>
#include <stdint.h>

struct bpf_object;

#define OURS_ROWS 8192 /* beside the reserved ones */

/* Leaves only these programs to be loaded: names, ended by NULL; NULL itself: none. */
void programs_choose(struct bpf_object *object, const char *const *names);

/* Opens and loads the object, or another build of it from the file path, with the calls selected
 * or none. `rows` is the number of rows beside the reserved ones; programs as above. Nothing is
 * attached. Returns 0 or -errno. */
int ours_load(const char *path, bool selected, uint32_t rows, const char *const *programs,
	      struct bpf_object **ret);

uint32_t ours_shards(void);

#endif
