/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel as a source, while it is open. Private to source_bpf.c, which opens it, and to
 * source_bpf_read.c. */
#ifndef SOURCE_BPF_H
#define SOURCE_BPF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arrays.h"
#include "bpf_wait.h"
#include "source.h"
#include "tracer.h"

struct bpf_link;

/* An array of the kernel's, mapped. */
struct mapping {
	void *data;
	size_t size;
};

enum { MAP_ROWS, MAP_KEYS, MAP_ERRNOS, MAP_CONTROL, MAP_CONFIG, MAP_PASSES, MAPS };

struct source_bpf {
	struct source source;
	struct tracer tracer;
	struct arrays arrays;	 /* the contents of maps[] */
	struct cgroups *cgroups; /* if rows are named by container; else NULL */
	struct mapping maps[MAPS];
	bool programs;		    /* ask for their numbers at each read */
	int stats;		    /* see bpf_info_open_stats() */
	struct bpf_link *in_flight; /* NULL: there is none */
	struct bpf_wait wait;
	int free_rows; /* the map, borrowed */
	bool all_selected;
	uint64_t misses_before; /* of the first copy, when counting started */
	uint64_t kept_returns;	/* the most that a read said of those kept from all copies */
	uint64_t no_exit;	/* and of calls lost as no_exit that are not among them */
};

extern const struct source_ops source_bpf_ops;

#endif
