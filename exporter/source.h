/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the numbers come from: the kernel (source_bpf.c), a dump file (source_file.c), or an array
 * in tests (tests/unit/fake.c). Everything after this stage sees only this interface, so it runs
 * and is tested without privileges.
 *
 * A source is read by one thread at a time.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "by.h"
#include "container.h"
#include "ior.h"
#include "label.h"
#include "select.h"
#include "syscalls.h"

/* One system call under the names that --by asks for, summed over the shards; or the gaps before
 * the calls of one family, whose errors and bytes mean nothing. Two rows may have the same name. */
struct source_row {
	uint64_t id;	  /* the same at each read, of one row; its counts only grow */
	bool other;	  /* counted without these names: the source had no row left */
	const char *comm; /* as a label (label.h); "" if not --by comm */
	const struct container
		*container;	    /* NULL if not --by container; valid until the next read */
	const struct syscall *call; /* NULL: gaps */
	const char *family;	    /* of the gaps */
	const struct ior_row *counts;
};

/* Receives what a read finds, in no order. But for containers, the pointers are valid during the
 * call only. Each returns 0, or a negative errno that ends the read and is its result. */
struct source_visitor {
	int (*row)(void *arg, const struct source_row *row);
	/* errors of a call by ior_errno_slot(); count is above 0 */
	int (*error)(void *arg, const struct syscall *call, unsigned int slot, uint64_t count);
	void *arg;
	/* A thread that is inside a call since age_ns; names as a row has them. NULL: not wanted.
	 */
	int (*in_flight)(void *arg, const char *comm, const struct container *container,
			 const struct syscall *call, uint64_t age_ns);
};

/* What the kernel says of one of our programs. */
struct source_program {
	char name[16];
	uint64_t recursion_misses;  /* runs that the kernel skipped */
	uint64_t run_time_ns, runs; /* 0 unless the kernel keeps BPF statistics */
};

struct source_map {
	char name[16];
	uint64_t memory; /* bytes that the kernel charges for it */
};

/* Entry, return and end of a thread in all copies; four that see a signal delivered, and four a
 * program executed. */
#define SOURCE_PROGRAMS (3 * IOR_COPIES_MAX + 8)
#define SOURCE_MAPS 16

/* What a read says of itself. */
struct source_status {
	uint64_t lost[IOR_LOST_REASONS];
	uint64_t rows;					 /* rows that are not reserved, in use */
	uint64_t rows_limit;				 /* of how many */
	struct source_program programs[SOURCE_PROGRAMS]; /* by name */
	size_t programs_n;
	bool bpf_stats; /* the kernel keeps BPF statistics */
};

/* Constant from open to close. */
struct source_info {
	char mode[16]; /* "tp_btf"; "replay" */
	unsigned int copies;
	unsigned int by;	 /* enum by: what rows are named by */
	bool exact;		 /* no call can go by uncounted on this kernel */
	uint64_t self_test_made; /* calls that the start-up test made; 0: there was none */
	uint64_t self_test_seen; /* of them seen at both ends */
	char kernel[65];	 /* release */
	struct source_map maps[SOURCE_MAPS]; /* by name */
	size_t maps_n;
	char no_in_flight[96]; /* why reads see no calls in flight, though asked to; else "" */
	char no_leader[96];    /* why a comm is always the thread's own; else "" */
	char no_container[96]; /* why all calls are the host's, though asked for; else "" */
};

struct source {
	const struct source_ops *ops;
	struct source_info info;
};

struct source_ops {
	int (*read)(struct source *source, const struct source_visitor *visitor,
		    struct source_status *ret);
	/* Gives rows that are idle to others; between two reads, when all that the last one visited
	 * has been taken over. Returns 0 or -errno: nothing is lost. NULL: there is nothing to. */
	int (*reclaim)(struct source *source, uint64_t now_ns);
	/* From the return on only what this filter lets in is counted; what is counted already
	 * stays. Returns 0 or -errno, with the filter before in use. NULL: it cannot. */
	int (*set_filter)(struct source *source, const struct ior_filter *filter);
	void (*close)(struct source *source);
};

/* Reads everything once. Returns 0, or -errno; on error some may already have been visited. */
static inline int source_read(struct source *source, const struct source_visitor *visitor,
			      struct source_status *ret)
{
	return source->ops->read(source, visitor, ret);
}

/* NULL is fine. */
static inline void source_close(struct source *source)
{
	if (source)
		source->ops->close(source);
}

/* Names of the reasons of a loss, as labels. */
extern const char *const source_lost_names[IOR_LOST_REASONS];

/* ---- the kernel ---- */

/* How the programs get at the calls; see tracer.h. */
enum attach { ATTACH_AUTO, ATTACH_TP_BTF, ATTACH_TRACEPOINT, ATTACH_RAW_TP };

struct source_bpf_options {
	const struct selection *selection;
	const struct ior_filter *filter; /* NULL: everybody is counted */
	enum attach attach;
	unsigned int copies; /* of the programs; 0: as many as this kernel needs */
	bool gaps;	     /* keep histograms of gaps */
	bool no_self_test;   /* believe what is known of the kernel */
	bool include_self;
	bool comm_of_thread;
	unsigned int by;	 /* enum by */
	const char *cgroup_root; /* where the cgroup tree is mounted, if it has BY_CONTAINER */
	bool programs;		 /* also ask for the programs' misses and run time at each read */
	bool in_flight; /* also list calls in flight, where the kernel and the PID namespace allow
			 */
	uint32_t series_max;	/* rows that are not reserved */
	uint32_t threads_max;	/* that mode raw_tp can tell apart; 0: IOR_THREADS_MAX */
	uint32_t seats;		/* of threads, a power of two; 0: as many as fit the machine */
	uint64_t series_memory; /* bytes that the rows of all shards may take */
};

/* A failure as the user reads it: what was done, and what helps. */
struct source_error {
	char operation[128];
	char remedy[256]; /* "" if there is none to give */
};

/* Loads and attaches the programs; from the return on, calls are counted. Returns 0, or -errno
 * with *err filled and nothing left attached. */
int source_bpf_open(const struct source_bpf_options *options, struct source **ret,
		    struct source_error *err);

/* Version of libbpf, as of the library at run time. */
const char *source_bpf_library(void);

/* ---- a dump ---- */

/* Reads one whole dump of source_dump() from `path` ("-": standard input) and closes it; calls
 * that are not selected are passed over. Returns 0, or -errno (-EINVAL: not a dump) with *err. */
int source_file_open(const char *path, const struct selection *selection, struct source **ret,
		     struct source_error *err);

struct buf;

/* Appends one read of the source to dst as a dump: text, a line a row, made for source_file_open()
 * and for bug reports. Returns 0 or -errno; dst's own error counts too. */
int source_dump(struct source *source, struct buf *dst);

#endif
