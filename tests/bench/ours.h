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

struct ours {
	const char *path;   /* of another build of the object; NULL: the exporter's own */
	bool none_selected; /* instead of all calls */
	uint32_t rows;	    /* beside the reserved ones */
	uint32_t out;	    /* kinds of filter (enum ior_filter_kind) that nobody passes */
	uint32_t by;	    /* enum ior_by */
	uint32_t seats;	    /* of threads; 0: none, as where there are copies */
	bool in;	    /* filters by uid and by comm that the caller passes */
};

/* Opens and loads the object; programs as above. Nothing is attached. Returns 0 or -errno. */
int ours_load(const struct ours *ours, const char *const *programs, struct bpf_object **ret);

uint32_t ours_shards(void);

#endif
