// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Counts every system call of the machine where it happens: latency histogram, bytes, errors and
 * gaps per (comm, number), in arrays that user space reads by mmap.
 *
 * The steady state of a call is: at entry one task-storage lookup and one clock read; at exit the
 * same, a compare of the task's comm with the cached words, and atomic adds into a row found by
 * inlined array lookups. Only a number or comm that the thread has not used before touches the
 * hash (intern). Atomic adds, though a shard belongs to one CPU while there are enough of them:
 * they are exact when shards are shared and when a task is preempted inside the program, and cost
 * nothing measurable otherwise.
 */
#include <linux/bpf.h>
#include <linux/errno.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "ior.h"
#include "kernel.h"

char LICENSE[] SEC("license") = "GPL";

/* Set before load. */
const volatile __u32 rows_per_shard = IOR_ROWS_RESERVED;
const volatile __u32 shards = 1;
const volatile __u32 errno_shards = 1;
const volatile __u32 comm_of_thread = 0; /* 0: the thread group leader's comm */

struct ior_config config SEC(".data.config") = {};
struct ior_control control SEC(".data.control") = { .next_row = IOR_ROWS_RESERVED };

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
	__uint(max_entries, IOR_ROWS_RESERVED); /* set before load: rows_per_shard */
	__type(key, __u32);
	__type(value, struct ior_key);
} keys SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, IOR_NR_COUNT); /* set before load: errno_shards * IOR_NR_COUNT */
	__type(key, __u32);
	__type(value, struct ior_errnos);
} errnos SEC(".maps");

struct intern_key {
	__u64 comm[2];
	__u64 nr;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* set before load: the rows that are not reserved */
	__type(key, struct intern_key);
	__type(value, __u32);
} intern SEC(".maps");

#define CACHE_SIZE 16

struct thread {
	__u64 enter_ns; /* 0: not in a call that is counted */
	__u64 exit_ns;	/* end of the last counted call; 0: none yet */
	__u64 comm[2];	/* raw words that the cache is valid for */
	__u32 nr;
	__u32 reserved;
	__u32 cache[CACHE_SIZE]; /* by nr % CACHE_SIZE: (nr + 1) << 20 | row */
};

_Static_assert(IOR_ROWS_MAX == 1u << 20, "a row fits the cache's 20 bits");
_Static_assert(IOR_NR_COUNT + 1 < 1u << 12, "a number fits the cache's other 12 bits");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct thread);
} threads SEC(".maps");

static __always_inline int lose(enum ior_lost reason)
{
	__sync_fetch_and_add(&control.lost[reason], 1);
	return 0;
}

static __always_inline __u8 call_of(__u32 nr)
{
	/* The mask as assembly: clang knows that nr is small and would drop it, the verifier does
	 * not know and needs it. */
	asm volatile("%0 &= 1023" : "+r"(nr));
	return config.call[nr];
}

static __always_inline __u32 number_of(struct task_struct *task, long id)
{
	if (kernel_in_compat_call(task))
		return IOR_NR_COMPAT;
	if ((unsigned long)id < IOR_NR_MAX)
		return id;
	return id > 0 && (id & 0x40000000) ? IOR_NR_COMPAT : IOR_NR_UNKNOWN; /* bit 30: x32 */
}

/* Zeroes what follows the first NUL: kernels before 6.x left the tail of an older, longer name
 * there, and the same name must be the same key. */
static __always_inline void trim_comm(__u64 comm[2])
{
	const __u64 ones = 0x0101010101010101ull, highs = 0x8080808080808080ull;
	__u64 nul = (comm[0] - ones) & ~comm[0] & highs;

	if (nul) {
		/* the lowest set bit belongs to the first NUL; keep the bytes below it */
		comm[0] &= ((nul & -nul) >> 7) - 1;
		comm[1] = 0;
		return;
	}
	nul = (comm[1] - ones) & ~comm[1] & highs;
	if (nul)
		comm[1] &= ((nul & -nul) >> 7) - 1;
}

/* The row of (comm, nr), made if there is none; the reserved one of nr when no row is left. */
static __noinline __u32 intern_row(__u64 comm0, __u64 comm1, __u32 nr)
{
	struct intern_key name = {};
	struct ior_key *key;
	__u32 *found, row;

	if (!(call_of(nr) & IOR_CALL_KNOWN))
		nr = IOR_NR_UNKNOWN;
	name.comm[0] = comm0;
	name.comm[1] = comm1;
	trim_comm(name.comm);
	name.nr = nr;
	found = bpf_map_lookup_elem(&intern, &name);
	if (found)
		return *found;
	if (*(volatile __u32 *)&control.next_row >= rows_per_shard)
		return nr;
	row = __sync_fetch_and_add(&control.next_row, 1);
	key = bpf_map_lookup_elem(&keys, &row);
	if (!key)
		return nr; /* others took the last ones */
	key->comm[0] = name.comm[0];
	key->comm[1] = name.comm[1];
	key->nr = nr;
	if (bpf_map_update_elem(&intern, &name, &row, BPF_NOEXIST)) {
		/* Another CPU was first, or no memory. Give the row back if nobody took one since;
		 * otherwise it stays unused. */
		__sync_val_compare_and_swap(&control.next_row, row + 1, row);
		found = bpf_map_lookup_elem(&intern, &name);
		return found ? *found : nr;
	}
	/* A store-release: fetch_and_or is an atomic with full ordering, unlike a plain store. */
	__sync_fetch_and_or(&key->ready, 1);
	return row;
}

/* The thread's comm changed, or is new. A leader may be renaming itself while one of its threads
 * reads the name, so read until two reads agree; the name is torn only if it changes each time. */
static __always_inline void learn_comm(struct thread *thread, const volatile __u64 *comm)
{
	__u64 comm0 = comm[0], comm1 = comm[1];
	int i;

#pragma unroll
	for (i = 0; i < 4; i++) {
		__u64 again0 = comm[0], again1 = comm[1];

		if (again0 == comm0 && again1 == comm1)
			break;
		comm0 = again0;
		comm1 = again1;
	}
	thread->comm[0] = comm0;
	thread->comm[1] = comm1;
	__builtin_memset(thread->cache, 0, sizeof(thread->cache));
}

static __always_inline __u32 row_of(struct task_struct *task, struct thread *thread, __u32 nr)
{
	struct task_struct *named = comm_of_thread ? task : task->group_leader;
	const volatile __u64 *comm = (const volatile __u64 *)&named->comm[0];
	__u32 entry, row;

	if (thread->comm[0] != comm[0] || thread->comm[1] != comm[1])
		learn_comm(thread, comm);
	entry = thread->cache[nr % CACHE_SIZE];
	if (entry >> 20 == nr + 1)
		return entry & (IOR_ROWS_MAX - 1);
	row = intern_row(thread->comm[0], thread->comm[1], nr);
	thread->cache[nr % CACHE_SIZE] = (nr + 1) << 20 | row;
	return row;
}

static __always_inline struct ior_row *counters_of(__u32 row)
{
	__u32 shard = bpf_get_smp_processor_id();

	if (shard >= shards)
		shard %= shards;
	row += shard * rows_per_shard;
	return bpf_map_lookup_elem(&rows, &row);
}

static __noinline int count_errno(__u32 nr, __u32 err)
{
	__u32 cell = bpf_get_smp_processor_id() % errno_shards * IOR_NR_COUNT + nr;
	__u32 slot = ior_errno_slot(err);
	struct ior_errnos *of_nr = bpf_map_lookup_elem(&errnos, &cell);

	asm volatile("" : "+r"(slot)); /* keeps the next test, which only the verifier needs */
	if (of_nr && slot < IOR_ERRNOS)
		__sync_fetch_and_add(&of_nr->count[slot], 1);
	return 0;
}

/* The kernel's own restart codes: the call is pending, no program ever sees them. */
static __always_inline int is_restart(long ret)
{
	return ret == -512 || ret == -513 || ret == -514 || ret == -516;
}

/* A call that never returns is counted here, at its entry, and leaves the thread outside of any. */
static __always_inline int count_noreturn(struct task_struct *task, __u32 nr)
{
	struct thread *thread = bpf_task_storage_get(&threads, task, 0, 0);
	struct ior_row *row;

	if (thread) {
		if (thread->enter_ns)
			lose(IOR_LOST_NO_EXIT);
		thread->enter_ns = 0;
		row = counters_of(row_of(task, thread, nr));
	} else {
		struct thread stranger = {};

		row = counters_of(row_of(task, &stranger, nr));
	}
	if (row)
		__sync_fetch_and_add(&row->slot[0], 1);
	return 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(sys_enter, struct pt_regs *regs, long id)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 nr = number_of(task, id);
	__u8 call = call_of(nr);
	struct thread *thread;

	if (!(call & IOR_CALL_SELECTED))
		return 0;
	if ((__u32)task->tgid == config.self_tgid)
		return 0;
	if (call & IOR_CALL_NORETURN)
		return count_noreturn(task, nr);
	thread = bpf_task_storage_get(&threads, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!thread)
		return lose(IOR_LOST_NO_MEMORY);
	if (thread->enter_ns)
		lose(IOR_LOST_NO_EXIT);
	thread->nr = nr;
	thread->enter_ns = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit, struct pt_regs *regs, long ret)
{
	struct task_struct *task = bpf_get_current_task_btf();
	long id = kernel_syscall_number(regs);
	int sigreturn = id == -1;
	__u64 now, enter, left;
	struct thread *thread;
	struct ior_row *row;
	__u32 nr;

	if (!sigreturn && !(call_of(number_of(task, id)) & IOR_CALL_SELECTED))
		return 0;
	thread = bpf_task_storage_get(&threads, task, 0, 0);
	if (!thread)
		return 0; /* new, or in this call since before the start: not an observation */
	enter = thread->enter_ns;
	if (!enter)
		return sigreturn && !(call_of(KERNEL_NR_RT_SIGRETURN) & IOR_CALL_SELECTED) ?
			       0 :
			       lose(IOR_LOST_NO_ENTRY);
	now = bpf_ktime_get_ns();
	left = thread->exit_ns;
	nr = thread->nr;
	thread->enter_ns = 0;
	thread->exit_ns = now;
	row = counters_of(row_of(task, thread, nr));
	if (!row)
		return 0;

	now = now > enter ? now - enter : 0; /* the fast clock may step back */
	__sync_fetch_and_add(&row->slot[ior_slot(now) & (IOR_SLOTS - 1)], 1);
	__sync_fetch_and_add(&row->sum_ns, now);
	if (left && enter > left)
		__sync_fetch_and_add(&row->gap_ns, enter - left);
	if (sigreturn)
		return 0; /* ret is a restored register */
	if (ret > 0) {
		if (call_of(nr) & IOR_CALL_BYTES)
			__sync_fetch_and_add(&row->bytes, ret);
	} else if (ret < 0 && ret >= -4095 && !is_restart(ret)) {
		__sync_fetch_and_add(&row->errors, 1);
		count_errno(nr, -ret);
	}
	return 0;
}

/* A thread that ends inside a call (killed, or its group exits) takes the call with it. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(process_exit, struct task_struct *task)
{
	struct thread *thread = bpf_task_storage_get(&threads, task, 0, 0);

	return thread && thread->enter_ns ? lose(IOR_LOST_DIED) : 0;
}

/* Run once by user space through BPF_PROG_TEST_RUN: its thread group in the initial PID namespace,
 * which getpid() does not tell inside a container. */
SEC("raw_tp/sys_enter")
int whoami(void *ctx)
{
	control.tgid = bpf_get_current_pid_tgid() >> 32;
	return 0;
}
