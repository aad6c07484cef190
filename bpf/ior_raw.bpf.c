// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The programs of ior.bpf.c for kernels without BTF, or without what the other needs (before 5.13):
 * Linux 5.8 and newer. Nothing here may be relocated by CO-RE, for one relocation makes libbpf
 * refuse the object where there is no BTF; and it is compiled by -mcpu=v2, so no atomic has a
 * result.
 *
 * A thread's state stands in a hash under the address of its task_struct, so it is looked up at
 * both ends of a call, and thrown away when the thread ends, for the address is given anew. (Its
 * number would not do: execve gives a thread its leader's, be it that it fails then.)
 */
#include <linux/bpf.h>
#include <linux/errno.h>

#include <bpf/bpf_helpers.h>

#define RARE static __noinline

#include "ior.h"
#include "kernel_raw.h"
#include "rows.bpf.h"

#include "bytes.bpf.h"
#include "call.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/* Preallocated, 15 MB: kernels before 6.1 allocate elements of such programs by kmalloc, to which
 * the verifier answers by a warning with a stack trace (a panic, where panic_on_warn is set), and
 * not at all on PREEMPT_RT. Threads past the last element are counted as lost, no_memory. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, IOR_THREADS_MAX);
	__type(key, __u64);
	__type(value, struct thread);
} threads SEC(".maps");

_Static_assert(sizeof(struct thread) <= 384, "of the 512 bytes of stack that a chain of calls has");

static __noinline struct thread *make_thread(__u64 task)
{
	struct thread fresh = {};

	(void)bpf_map_update_elem(&threads, &task, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&threads, &task);
}

/* `task` is the current one. Nobody else looks this thread up, so what is found stays. */
static __always_inline struct thread *thread_of(struct task_struct *task, int create)
{
	const __u64 key = (__u64)task;
	struct thread *thread = bpf_map_lookup_elem(&threads, &key);

	return thread || !create ? thread : make_thread(key);
}

/* User space filled the queue with all rows in ascending order, so the n-th row taken is the n-th
 * as long as there are new ones, and control.next_row, which counts them up to the limit, is above
 * all that were taken. */
static __always_inline __u32 row_take(void)
{
	__u32 row;

	if (bpf_map_pop_elem(&free_rows, &row))
		return settings.rows_per_shard;
	if (*(volatile __u32 *)&control.next_row < settings.rows_per_shard)
		__sync_fetch_and_add(&control.next_row, 1);
	return row;
}

/* There is no fence at -mcpu=v2, but there are locks in helpers: what stands before the end of one
 * locked section is ordered before what stands behind the beginning of the next one on the same
 * CPU, stores with stores (tools/memory-model, "po-unlock-lock-po", be it another lock since
 * b47c05ecf60b, 5.17; arm64 has always had it, its release and acquire being RCsc). So two of them
 * stand between. One would not do: its end orders what was before, its beginning what comes, and
 * both may move into it. */
static __always_inline void row_publish(struct ior_key *key)
{
	__u32 row;

	(void)bpf_map_peek_elem(&free_rows, &row);
	(void)bpf_map_peek_elem(&free_rows, &row);
	*(volatile __u32 *)&key->state = IOR_ROW_USED;
}

static __always_inline __u32 row_state(struct ior_key *key)
{
	const __u32 state = *(volatile __u32 *)&key->state;
#ifndef __TARGET_ARCH_x86 /* where loads keep their order */
	__u32 row;

	(void)bpf_map_peek_elem(&free_rows, &row);
	(void)bpf_map_peek_elem(&free_rows, &row);
#endif
	return state;
}

/* The current task ends. */
static __always_inline int end(void)
{
	const __u64 task = (__u64)kernel_current();
	struct thread *thread = bpf_map_lookup_elem(&threads, &task);

	if (!thread)
		return 0;
	end_thread(thread);
	(void)bpf_map_delete_elem(&threads, &task);
	return 0;
}

/* ---- the pair ---- */

SEC("raw_tp/sys_enter")
int raw_enter(struct bpf_raw_tracepoint_args *ctx)
{
	return enter(kernel_current(), (struct pt_regs *)ctx->args[0], ctx->args[1], SOLE);
}

SEC("raw_tp/sys_exit")
int raw_exit(struct bpf_raw_tracepoint_args *ctx)
{
	return leave(kernel_current(), (struct pt_regs *)ctx->args[0], ctx->args[1], SOLE, 1);
}

SEC("raw_tp/sys_exit")
int raw_exit_shared(struct bpf_raw_tracepoint_args *ctx)
{
	return leave(kernel_current(), (struct pt_regs *)ctx->args[0], ctx->args[1], SOLE, 0);
}

/* ---- beside it ---- */

/* As in ior.bpf.c there are four of each where one would not do. */
#define BESIDE(exit_name, exec_name, signal_name)                                   \
	SEC("raw_tp/sched_process_exit")                                            \
	int exit_name(void *ctx)                                                    \
	{                                                                           \
		return end();                                                       \
	}                                                                           \
                                                                                    \
	SEC("raw_tp/sched_process_exec")                                            \
	int exec_name(void *ctx)                                                    \
	{                                                                           \
		return end_program(thread_of(kernel_current(), 0));                 \
	}                                                                           \
                                                                                    \
	SEC("raw_tp/signal_deliver") /* signal, info, action */                     \
	int signal_name(struct bpf_raw_tracepoint_args *ctx)                        \
	{                                                                           \
		struct task_struct *task = kernel_current();                        \
                                                                                    \
		return deliver(thread_of(task, 0), task,                            \
			       kernel_handler((struct k_sigaction *)ctx->args[2])); \
	}

BESIDE(process_exit, process_exec, on_signal)
BESIDE(process_exit_1, process_exec_1, on_signal_1)
BESIDE(process_exit_2, process_exec_2, on_signal_2)
BESIDE(process_exit_3, process_exec_3, on_signal_3)

SEC("raw_tp/sys_enter")
int whoami(void *ctx)
{
	control.tgid = bpf_get_current_pid_tgid() >> 32;
	return 0;
}
