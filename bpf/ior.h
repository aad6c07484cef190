/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * What the BPF programs and user space share: limits, the layout of every mapped array, and the
 * arithmetic that both must agree on: ior_slot(), ior_errno_slot(), the walk through a filter's
 * globs. Lowest layer; includes nothing but the fixed-width types.
 *
 * All arrays are read and written by user space through mmap, so a layout here is an ABI within
 * one build: no padding, no pointers, naturally aligned 64-bit counters.
 */
#ifndef IOR_H
#define IOR_H

#include <linux/types.h>

/* System call numbers below this are counted under their own number. x86-64 and arm64 end at 471
 * (Linux 7.x), so there is room for ten years. */
#define IOR_NR_MAX 512
/* Pseudo numbers: a number that no table knows; a 32-bit or x32 call. */
#define IOR_NR_UNKNOWN IOR_NR_MAX
#define IOR_NR_COMPAT (IOR_NR_MAX + 1)
#define IOR_NR_CALLS (IOR_NR_MAX + 2)
/* Behind them one a family, in alphabetical order: its rows hold the gaps before its calls. */
#define IOR_NR_GAP IOR_NR_CALLS
#define IOR_FAMILIES 12
#define IOR_NR_COUNT (IOR_NR_GAP + IOR_FAMILIES)
/* The number of a call of the exporter's own, which is not counted. */
#define IOR_NR_OWN (IOR_NR_COUNT + 1)

/* Rows 0 .. IOR_ROWS_RESERVED-1 belong to comm "__other__", one a number: where a call is counted
 * when no row is left for its comm. */
#define IOR_ROWS_RESERVED IOR_NR_COUNT
/* A thread's cache packs a row into 20 bits. */
#define IOR_ROWS_MAX (1u << 20)

#define IOR_COMM_LEN 16
#define IOR_SLOTS 32

/* ior_config.call[]: what the programs do with a number. */
enum ior_call {
	IOR_CALL_SELECTED = 1 << 0, /* count it */
	IOR_CALL_KNOWN = 1 << 1,    /* the table has a name for it */
	IOR_CALL_BYTES = 1 << 2,    /* a positive return value is a number of bytes */
	IOR_CALL_NORETURN = 1 << 3, /* never reaches sys_exit: counted at entry */
	IOR_CALL_HIDDEN = 1 << 4,   /* seen, for it continues other calls, but not counted */
	IOR_CALL_RULE = 1 << 5,	    /* its bytes depend on its arguments: see rule[] */
	IOR_CALL_GAP = 1 << 6,	    /* keep a histogram of the gaps before it */
	IOR_CALL_MOVES = 1 << 7,    /* may return to another place than it came from */
};

/* ior_config.rule[]: what a call that succeeded moved, by one or two of its arguments, A and B. */
enum ior_rule {
	IOR_RULE_RESULT,   /* what it returned */
	IOR_RULE_RECVFROM, /* flags A: with MSG_PEEK nothing, with MSG_TRUNC at most size B */
	IOR_RULE_RECVMSG,  /* the same, the sizes being those in the struct msghdr B */
	IOR_RULE_PROBE,	   /* nothing if the size A is 0: it only asked for one */
	IOR_RULE_PROBE_XATTR_ARGS, /* the size in the struct xattr_args A */
	IOR_RULE_SYSLOG,	   /* only of the actions A that read */
	IOR_RULE_SENT,		   /* A: the call itself returns 0 */
};
/* A rule with the places of its arguments, from 0. */
#define IOR_RULE(rule, a, b) ((rule) | (a) << 4 | (b) << 8)

/* Indexed by number; a power of two, so that a mask bounds the index. */
#define IOR_CALLS 1024

/* ior_settings.by: what a row is named by, beside the number. */
enum ior_by {
	IOR_BY_COMM = 1 << 0,
	IOR_BY_CGROUP = 1 << 1,
};

/* ior_settings.hierarchy: whose cgroup that is. In version 1 each controller has its own tree. */
enum ior_hierarchy {
	IOR_HIERARCHY_V2,
	IOR_HIERARCHY_MEMORY,
	IOR_HIERARCHY_PIDS,
};

/* Set before load, constant from then on. */
struct ior_settings {
	__u32 rows_per_shard;
	__u32 shards;
	__u32 errno_shards;
	__u32 by;	      /* enum ior_by; 0: there are only the reserved rows */
	__u32 hierarchy;      /* enum ior_hierarchy */
	__u32 comm_of_thread; /* 0: the thread group leader's comm */
	/* For ior_raw.bpf.c: byte offsets in struct task_struct, 0 where they are not known. */
	__u32 task_comm;
	__u32 task_group_leader;
	__u32 task_status; /* thread_info.status; x86-64 only */
	__u32 task_sas_ss_sp;
	__u32 task_sas_ss_size;
	/* thread_info.flags of a task that the kernel looks for a signal of before it goes on */
	__u32 signal_flags;
	/* For ior.bpf.c: places in its array of threads, a power of two; 0: it is not used. */
	__u32 seats;
};

/* Bytes of ior.bpf.c's state of a thread in an array. */
#define IOR_SEAT_SIZE 384

/* Threads that ior_raw.bpf.c can tell apart at a time. */
#define IOR_THREADS_MAX 32768

/* Copies of the pair of programs that there can be. */
#define IOR_COPIES_MAX 8

/* ior_filter.kinds: a thread is counted if each kind that is set has an entry for it. */
enum ior_filter_kind {
	IOR_FILTER_PID = 1 << 0,
	IOR_FILTER_TID = 1 << 1,
	IOR_FILTER_UID = 1 << 2,
	IOR_FILTER_COMM = 1 << 3,
	IOR_FILTER_CGROUP = 1 << 4,
};

/* ior_config.filter: kinds and generation in one word, for each call looks at both. The generation
 * changes with each change of the filter, and filters[generation & 1] is it. */
#define IOR_FILTER_KINDS 5 /* bits */
#define IOR_FILTER_WORD(kinds, generation) ((kinds) | (__u32)(generation) << IOR_FILTER_KINDS)

#define IOR_FILTER_MAX 16    /* entries of a kind */
#define IOR_CGROUP_LEVELS 32 /* cgroups further down are in no entry */
#define IOR_GLOB_WORDS 4

/* Globs, as automata that step through a comm all at once: in a word one bit a place in a pattern,
 * from its begin to behind its end. A byte moves the bits that accept it up by one; bits of `star`
 * stay besides. */
struct ior_globs {
	__u64 begin[IOR_GLOB_WORDS], end[IOR_GLOB_WORDS], star[IOR_GLOB_WORDS];
	__u64 accepts[IOR_GLOB_WORDS][256]; /* by byte */
};

struct ior_filter {
	__u32 kinds; /* 0: everybody is counted */
	__u32 reserved;
	__u32 pid[IOR_FILTER_MAX], tid[IOR_FILTER_MAX]; /* in the initial PID namespace; 0: none */
	__u32 uid[IOR_FILTER_MAX];    /* real ones, in the initial user namespace; ~0: none */
	__u64 cgroup[IOR_FILTER_MAX]; /* ids of cgroups of version 2; 0: none */
	struct ior_globs comm;
};

/* Written by user space, read by the programs at both ends of a call. */
struct ior_config {
	__u8 call[IOR_CALLS];
	__u16 rule[IOR_CALLS];
	__u8 family[IOR_CALLS];	  /* below IOR_FAMILIES */
	__u16 compat[IOR_NR_MAX]; /* of a 32-bit number: the native one, or IOR_NR_COMPAT */
	__u32 self_tgid;  /* not counted; 0: count everybody. In the initial PID namespace. */
	__u32 testing;	  /* count the calls of self_tgid in ior_passes.own */
	__u64 started_ns; /* CLOCK_MONOTONIC; copies count nothing before, when not all are attached
			   */
	__u32 filter;	  /* of the one in use: IOR_FILTER_WORD; 0: there never was one */
	__u32 rows_epoch; /* threads forget the rows that they knew when it changes */
	struct ior_filter filters[2]; /* the other one may be written */
};

/* Why a call was not counted (metric ior_observations_lost_total). */
enum ior_lost {
	IOR_LOST_RECURSION, /* the kernel ran no program for it */
	IOR_LOST_NO_ENTRY,  /* a known thread returned from a call whose entry was not seen */
	IOR_LOST_NO_EXIT,   /* a thread entered a call while another one had not returned */
	IOR_LOST_NO_MEMORY, /* no memory for the thread's state */
	IOR_LOST_DIED,	    /* the thread ended inside the call */
	IOR_LOST_CLOCK,	    /* the clock gave no duration */
	IOR_LOST_REASONS,
};

/* Written by the programs, atomically. */
struct ior_control {
	__u64 lost[IOR_LOST_REASONS];
	__u64 missed_exits; /* of the calls lost as no_exit: those whose return no program saw */
	__u32 next_row;	    /* rows from it on were never taken; may overshoot the limit */
	__u32 tgid;	    /* answer of the whoami program */
};

/* What the copies of the exit program saw, by CPU % IOR_PASSES. A pass is one return of one call,
 * which each copy sees unless the kernel skips it: runs + the first copy's recursion misses are all
 * passes, and those that none claimed were kept from every copy. */
#define IOR_PASSES 64
struct ior_passes {
	__u64 runs;    /* of the first copy */
	__u64 claimed; /* by any copy */
	__u64 own;     /* calls of getppid by the exporter itself, both ends seen, while testing */
	__u64 reserved[5];
};

/* ior_key.state, bits. The programs publish a row when its name is whole. User space retires it,
 * which keeps it from being found again, and gives it to free_rows when nobody counts in it any
 * more: then it is 0 again, and the name stays until somebody else takes the row. */
enum ior_row_state {
	IOR_ROW_USED = 1 << 0,
	IOR_ROW_RETIRED = 1 << 1,
};

/* Name of a row: 16 bytes of comm with zeros after the first, the cgroup's id, and the number. What
 * settings.by leaves out is 0. */
struct ior_key {
	__u64 comm[2];
	__u64 cgroup;
	__u32 nr;
	__u32 state; /* 0: the rest is not valid */
};

/* One (comm, number) on one shard. The number of calls is the sum of the slots, never a counter
 * of its own, so that it can't disagree with them. A call that never returns counts in slot 0. */
struct ior_row {
	__u64 slot[IOR_SLOTS];
	__u64 sum_ns;
	__u64 bytes;
	__u64 errors;
	__u64 gap_ns;
};

/* One thread inside a call, as the in_flight iterator writes it. */
struct ior_in_flight {
	__u64 comm[2]; /* as in a key */
	__u64 cgroup;
	__u64 enter_ns; /* CLOCK_MONOTONIC */
	__u32 nr;
	__u32 reserved;
};

/* Errors of one number on one shard by ior_errno_slot(). */
#define IOR_ERRNOS 166
struct ior_errnos {
	__u64 count[IOR_ERRNOS];
};

_Static_assert(sizeof(struct ior_config) ==
		       4 * IOR_CALLS + 2 * IOR_NR_MAX + 24 + 2 * sizeof(struct ior_filter),
	       "no padding");
_Static_assert(sizeof(struct ior_filter) ==
		       8 + 20 * IOR_FILTER_MAX + 8 * IOR_GLOB_WORDS * (3 + 256),
	       "no padding");
_Static_assert(sizeof(struct ior_control) == 8 * IOR_LOST_REASONS + 16, "no padding");
_Static_assert(sizeof(struct ior_passes) == 64, "a cache line, so that CPUs do not share one");
_Static_assert(sizeof(struct ior_key) == 32, "no padding");
_Static_assert(sizeof(struct ior_row) == 288, "no padding");
_Static_assert(sizeof(struct ior_in_flight) == 40, "no padding");
_Static_assert(IOR_NR_OWN < IOR_CALLS, "every number has a byte in call[]");

/* Slot of an error number: 1 to 133 (the user-visible ones of asm-generic) as they are, 512 to 543
 * (the kernel's internal ones, which leak at times: ENOTSUPP is 524) behind them, else 0. */
static inline __u32 ior_errno_slot(__u32 err)
{
	if (err <= 133)
		return err;
	if (err - 512 < 32)
		return err - 512 + 134;
	return 0;
}

/* A comm on its way through the globs: the two words that its 16 bytes are (little endian; what is
 * behind its first NUL does not matter), less those stepped over, and where it is in each glob. */
struct ior_glob_walk {
	__u64 low, high;
	__u64 ended; /* all bits from the first NUL on */
	__u64 places[IOR_GLOB_WORDS];
};

static inline void ior_globs_begin(const struct ior_globs *globs, __u64 low, __u64 high,
				   struct ior_glob_walk *ret)
{
	__u32 word;

	ret->low = low;
	ret->high = high;
	ret->ended = 0;
	for (word = 0; word < IOR_GLOB_WORDS; word++)
		ret->places[word] = globs->begin[word];
}

/* Steps over one byte; there are IOR_COMM_LEN. Without a branch, for kernels before 6.4 walk all
 * ways through those. */
static inline void ior_globs_step(const struct ior_globs *globs, struct ior_glob_walk *walk)
{
	const __u64 byte = walk->low & 255, before = byte - 1;
	__u32 word;

	walk->low = walk->low >> 8 | walk->high << 56;
	walk->high >>= 8;
	/* not by the sign, for of what is 0 or -1 newer kernels walk both ways */
	walk->ended |= (before & ~255ull) | before >> 8;
#ifdef __clang__
#pragma unroll
#endif
	for (word = 0; word < IOR_GLOB_WORDS; word++) {
		const __u64 place = walk->places[word];
		const __u64 next = (place & globs->accepts[word][byte]) << 1 |
				   (place & globs->star[word]);

		walk->places[word] = (place & walk->ended) | (next & ~walk->ended);
	}
}

/* Does one of the globs match the comm that has been stepped through? */
static inline int ior_globs_end(const struct ior_globs *globs, const struct ior_glob_walk *walk)
{
	__u64 found = 0;
	__u32 word;

	for (word = 0; word < IOR_GLOB_WORDS; word++)
		found |= walk->places[word] & globs->end[word];
	return found != 0;
}

/*
 * Histogram slot of a duration in nanoseconds. Slots are powers of two of a SECOND with the upper
 * bound included, the buckets of Prometheus' native histograms (schema 0): slot 0 is everything up
 * to 2^-24 s (59.6 ns), slot k in 1..30 is 2^(k-25) s < d <= 2^(k-24) s, slot 31 is above 2^6 s.
 *
 * 2^(l-29) s is 1953125 * 2^(l-20) ns (1953125 is 5^9), so with l = floor(log2(ns)) one compare
 * decides between two neighbours, exactly: the fraction that the shift cuts off cannot matter,
 * for ns is an integer. Shifts, not a builtin: BPF has no count-leading-zeros and clang 14's
 * backend crashes on it. The sign of a difference, not a comparison: BPF can only branch on that,
 * and durations are hard to predict.
 */
static inline __u32 ior_slot(__u64 ns)
{
	__u64 v;
	__u32 l, s;

	if (ns < 60)
		return 0;
	if (ns >> 36)
		return IOR_SLOTS - 1;
	v = ns;
	l = (0xffffffffull - v) >> 63 << 5;
	v >>= l;
	s = (0xffffull - v) >> 63 << 4;
	v >>= s;
	l += s;
	s = (0xffull - v) >> 63 << 3;
	v >>= s;
	l += s;
	s = (0xfull - v) >> 63 << 2;
	v >>= s;
	l += s;
	s = (0x3ull - v) >> 63 << 1;
	v >>= s;
	l += s + (v >> 1);
	/* l is 5 .. 35: exponent l - 29 or l - 28, slot = exponent + 24 */
	return l - 5 + (ns > ((1953125ull << l) >> 20));
}

#endif
