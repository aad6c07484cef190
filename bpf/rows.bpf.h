/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where calls are counted: the counters, the state of a thread, and what it knows of its rows. Part
 * of each object.
 */
#ifndef IOR_ROWS_BPF_H
#define IOR_ROWS_BPF_H

#include "names.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, IOR_ROWS_RESERVED); /* set before load: shards * rows_per_shard */
	__type(key, __u32);
	__type(value, struct ior_row);
} rows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, IOR_NR_CALLS); /* set before load: errno_shards * IOR_NR_CALLS */
	__type(key, __u32);
	__type(value, struct ior_errnos);
} errnos SEC(".maps");

#define CACHE_SIZE 16

/* A call that a signal interrupted and that the kernel may restart (interrupted.bpf.h). */
struct interrupted {
	__u64 enter_ns;
	__u64 end_ns;
	__u64 exit_ns; /* of the call before it */
	__u64 ip, sp;  /* of the user, who comes back with the same when it is restarted */
	__u32 nr;
	__u32 state; /* enum interruption */
};

#define INTERRUPTED_MAX 4 /* a power of two */

enum interruption {
	NOT_HANDLED, /* no handler has been called since, as far as is known */
	HANDLED,     /* one has, and has not returned to restart the call */
	RESTARTING,  /* it has */
};

/* What a thread's last pass was, if it is seen by copies (copies.bpf.h). */
enum phase { PHASE_NONE, PHASE_IN, PHASE_OUT };

/* Whose comm a thread's calls are counted under; not known before its first. */
enum whose { WHOSE_UNKNOWN, WHOSE_LEADERS, WHOSE_OWN };

struct thread {
	__u64 enter_ns; /* 0: not in a call that is counted */
	__u64 exit_ns;	/* end of the last counted call; 0: none yet */
	__u64 comm[2];	/* raw words that the cache is valid for */
	__u32 nr;
	__u32 cpu;	     /* + 1, that first_row is of; 0: none yet */
	__u32 first_row;     /* of the shard of that CPU */
	__u16 interrupted_n; /* in interrupted[], the last one made by the others' handlers */
	__u8 whose;	     /* enum whose: comm[] is */
	__u8 phase;	     /* enum phase */
	__u32 epoch;	     /* config.rows_epoch of the cache */
	__u32 scratch;	     /* of interrupted.bpf.h */
	/* The above is all that most calls need, in one cache line with the map's word before it,
	 * or with an end of the line before. */
	__u64 cgroup;		 /* that the cache is valid for, if settings.by asks for it */
	__u32 cache[CACHE_SIZE]; /* by nr % CACHE_SIZE: (nr + 1) << 20 | row */
	struct interrupted interrupted[INTERRUPTED_MAX];
	__u64 alternate, alternate_size; /* signal stack when a handler was called last */
	__u64 ip, sp;			 /* of the user at entry, if there are copies */
	__u32 mask;			 /* copies that saw the last pass, by bit */
	/* Of filter.bpf.h, if there is one. */
	__u32 verdict; /* the filter's generation << 1 | it is counted; 0: not known */
	__u32 uid;     /* that it was decided by, and the cgroup of version 2 */
	__u64 cgroup_v2;
};

_Static_assert(__builtin_offsetof(struct thread, cgroup) == 56, "all before fits a cache line");
_Static_assert(IOR_ROWS_MAX == 1u << 20, "a row fits the cache's 20 bits");
_Static_assert(IOR_NR_COUNT + 1 < 1u << 12, "a number fits the cache's other 12 bits");

/* The state of a thread, made if `create` and there is none; NULL without it. */
static struct thread *thread_of(struct task_struct *task, int create);

static __always_inline int lose(enum ior_lost reason)
{
	__sync_fetch_and_add(&control.lost[reason], 1);
	return 0;
}

/* A leader may be renaming itself while one of its threads reads the name, so read until two reads
 * agree; the name is torn only if it changes each time. */
static __always_inline void copy_comm(__u64 ret[2], struct task_struct *task)
{
	struct task_struct *named = kernel_named(task, settings.comm_of_thread);
	int i;

	kernel_comm(named, ret);
#pragma unroll
	for (i = 0; i < 4; i++) {
		__u64 again[2];

		kernel_comm(named, again);
		if (again[0] == ret[0] && again[1] == ret[1])
			break;
		ret[0] = again[0];
		ret[1] = again[1];
	}
}

/* The rows that the thread knows are not its own any more, or may not be. */
static __always_inline void forget_rows(struct thread *thread)
{
	__builtin_memset(thread->cache, 0, sizeof(thread->cache));
}

/* The thread's comm changed, or is new. */
RARE int learn_comm(struct thread *thread)
{
	if (!thread)
		return 0;
	copy_comm(thread->comm, kernel_current());
	thread->whose = settings.comm_of_thread ? WHOSE_OWN : WHOSE_LEADERS;
	thread->verdict = 0;
	forget_rows(thread);
	return 0;
}

/* It is in another cgroup. */
RARE int learn_cgroup(struct thread *thread, __u64 cgroup)
{
	if (!thread)
		return 0;
	thread->cgroup = cgroup;
	forget_rows(thread);
	return 0;
}

/* Rows have been given to others since. */
RARE int learn_epoch(struct thread *thread, __u32 epoch)
{
	if (!thread)
		return 0;
	thread->epoch = epoch;
	forget_rows(thread);
	return 0;
}

/* The cache does not have the number. */
RARE __u32 learn_row(struct thread *thread, __u32 nr)
{
	__u32 row;

	if (!thread)
		return nr;
	row = intern_row(thread->comm[0], thread->comm[1], thread->cgroup, nr);
	thread->cache[nr % CACHE_SIZE] = (nr + 1) << 20 | row;
	return row;
}

/* The thread's row, see know_rows(). */
static __always_inline __u32 row_of(struct thread *thread, __u32 nr)
{
	const __u32 entry = thread->cache[nr % CACHE_SIZE];

	if (entry >> 20 == nr + 1)
		return entry & (IOR_ROWS_MAX - 1);
	return learn_row(thread, nr);
}

/* Looks whether the thread still has the comm that it had. */
static __always_inline void know_comm(struct thread *thread, struct task_struct *task)
{
	__u64 comm[2];

	kernel_comm(kernel_named(task, thread->whose == WHOSE_OWN), comm);
	if (thread->comm[0] != comm[0] || thread->comm[1] != comm[1] || !thread->whose)
		learn_comm(thread);
}

/* The same of all that its rows are found by. Comes before these are asked for. */
static __always_inline void know_rows(struct thread *thread, struct task_struct *task)
{
	const __u32 epoch = *(volatile __u32 *)&config.rows_epoch;

	if (settings.by & IOR_BY_COMM)
		know_comm(thread, task);
	if (settings.by & IOR_BY_CGROUP) {
		const __u64 cgroup = kernel_cgroup(task, settings.hierarchy);

		if (thread->cgroup != cgroup)
			learn_cgroup(thread, cgroup);
	}
	if (thread->epoch != epoch)
		learn_epoch(thread, epoch);
}

/* Of the shard of that CPU. */
static __always_inline __u32 first_row_of(__u32 cpu)
{
	return cpu % settings.shards * settings.rows_per_shard;
}

/* The thread runs on another CPU than at its last call. */
RARE int move_to(struct thread *thread, __u32 cpu)
{
	if (!thread)
		return 0;
	thread->cpu = cpu + 1;
	thread->first_row = first_row_of(cpu);
	return 0;
}

static __always_inline struct ior_row *counters_of(struct thread *thread, __u32 row)
{
	const __u32 cpu = bpf_get_smp_processor_id();

	if (thread->cpu != cpu + 1)
		move_to(thread, cpu);
	row += thread->first_row;
	return bpf_map_lookup_elem(&rows, &row);
}

__noinline int count_errno(__u32 nr, __u32 err)
{
	__u32 cell = bpf_get_smp_processor_id() % settings.errno_shards * IOR_NR_CALLS + nr;
	__u32 slot = ior_errno_slot(err);
	struct ior_errnos *of_nr = bpf_map_lookup_elem(&errnos, &cell);

	asm volatile("" : "+r"(slot)); /* keeps the next test, which only the verifier needs */
	if (of_nr && slot < IOR_ERRNOS)
		__sync_fetch_and_add(&of_nr->count[slot], 1);
	return 0;
}

#endif
