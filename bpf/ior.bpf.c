// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Counts every system call of the machine where it happens: latency histogram, bytes, errors and
 * gaps per (comm, number), in arrays that user space reads by mmap. This object is for kernels with
 * BTF and task storage (5.13 and newer); ior_raw.bpf.c is for the others.
 *
 * User space loads the programs of one way to attach: the pair alone (sys_enter with sys_exit, or
 * with sys_exit_shared where CPUs share rows), copies of it (copies.bpf.h), or the classic
 * tracepoints.
 */
#include <linux/bpf.h>
#include <linux/errno.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define RARE __noinline

#include "ior.h"
#include "kernel.h"
#include "rows.bpf.h"

#include "bytes.bpf.h"
#include "call.bpf.h"
#include "seats.bpf.h"

char LICENSE[] SEC("license") = "GPL";

static __always_inline __u32 row_take(void)
{
	__u32 row;

	if (!bpf_map_pop_elem(&free_rows, &row))
		return row;
	if (*(volatile __u32 *)&control.next_row >= settings.rows_per_shard)
		return settings.rows_per_shard;
	return __sync_fetch_and_add(&control.next_row, 1); /* overshoots, if others took the last */
}

static __always_inline void row_publish(struct ior_key *key)
{
	kernel_order();
	*(volatile __u32 *)&key->state = IOR_ROW_USED;
}

static __always_inline __u32 row_state(struct ior_key *key)
{
	const __u32 state = *(volatile __u32 *)&key->state;

	kernel_order();
	return state;
}

/* ---- the pair ---- */

SEC("tp_btf/sys_enter")
int BPF_PROG(sys_enter, struct pt_regs *regs, long id)
{
	return enter(kernel_current(), regs, id, SOLE);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit, struct pt_regs *regs, long ret)
{
	return leave(kernel_current(), regs, ret, SOLE, 1);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit_shared, struct pt_regs *regs, long ret)
{
	return leave(kernel_current(), regs, ret, SOLE, 0);
}

/* ---- its copies ---- */

#define COPY(n)                                                    \
	SEC("tp_btf/sys_enter")                                    \
	int BPF_PROG(sys_enter_##n, struct pt_regs *regs, long id) \
	{                                                          \
		return enter(kernel_current(), regs, id, n);       \
	}                                                          \
                                                                   \
	SEC("tp_btf/sys_exit")                                     \
	int BPF_PROG(sys_exit_##n, struct pt_regs *regs, long ret) \
	{                                                          \
		return leave(kernel_current(), regs, ret, n, 0);   \
	}                                                          \
                                                                   \
	SEC("raw_tp/sched_process_exit")                           \
	int process_exit_##n(void *ctx)                            \
	{                                                          \
		return end();                                      \
	}

COPY(0)
COPY(1)
COPY(2)
COPY(3)
COPY(4)
COPY(5)
COPY(6)
COPY(7)

/* ---- the classic tracepoints: fields by CO-RE, for PREEMPT_RT and RHEL kernels move them ---- */

SEC("tracepoint/raw_syscalls/sys_enter")
int tp_enter(struct trace_event_raw_sys_enter *ctx)
{
	struct task_struct *task = kernel_current();

	return enter(task, (struct pt_regs *)bpf_task_pt_regs(task), ctx->id, SOLE);
}

SEC("tracepoint/raw_syscalls/sys_exit")
int tp_exit(struct trace_event_raw_sys_exit *ctx)
{
	struct task_struct *task = kernel_current();

	return leave(task, (struct pt_regs *)bpf_task_pt_regs(task), ctx->ret, SOLE, 0);
}

/* ---- beside each ---- */

/* raw_tp, which every way to attach has. */
SEC("raw_tp/sched_process_exit")
int process_exit(void *ctx)
{
	return end();
}

/* What one of these tells, another may tell again: there are four of each where the kernel may keep
 * one of them from a thread (tracer.c). */
#define EXEC(name)                                                  \
	SEC("raw_tp/sched_process_exec")                            \
	int name(void *ctx)                                         \
	{                                                           \
		return end_program(thread_of(kernel_current(), 0)); \
	}

EXEC(process_exec)
EXEC(process_exec_1)
EXEC(process_exec_2)
EXEC(process_exec_3)

/* By its type, for lockdown=confidentiality forbids to read kernel memory by address. */
#define DELIVER(name)                                                                           \
	SEC("tp_btf/signal_deliver")                                                            \
	int BPF_PROG(name, int number, struct kernel_siginfo *info, struct k_sigaction *action) \
	{                                                                                       \
		struct task_struct *task = kernel_current();                                    \
                                                                                                \
		return deliver(thread_of(task, 0), task, kernel_handler(action));               \
	}

DELIVER(on_signal)
DELIVER(on_signal_1)
DELIVER(on_signal_2)
DELIVER(on_signal_3)

/* Lists the threads that are inside a counted call, interrupted ones included, for the reader's PID
 * namespace. Reads the same state that the programs above keep, so what it shows costs nothing
 * until it is asked for. */
SEC("iter/task")
int in_flight(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct ior_in_flight entry = {};
	struct thread *thread;
	__u64 comm[2];

	if (!task)
		return 0;
	thread = thread_of(task, 0);
	kernel_order();
	if (!thread)
		return 0;
	entry.enter_ns = thread->enter_ns;
	entry.nr = thread->nr;
	if (!entry.enter_ns && thread->interrupted_n) { /* the oldest of them */
		entry.enter_ns = thread->interrupted[0].enter_ns;
		entry.nr = thread->interrupted[0].nr;
	}
	if (!entry.enter_ns || entry.nr == IOR_NR_OWN || !has_state_still(task))
		return 0;
	if (!(call_of(entry.nr) & IOR_CALL_KNOWN))
		entry.nr = IOR_NR_UNKNOWN;
	copy_comm(comm, task);
	/* It was in when it entered. Whether its cgroup is, only it can tell, and does so at its
	 * next call: walking up from another task's takes more than the verifier has. */
	if (!lets_in(filter_now(), task, kernel_uid(task), comm))
		return 0;
	if (settings.by & IOR_BY_COMM) {
		trim_comm(comm);
		entry.comm[0] = comm[0];
		entry.comm[1] = comm[1];
	}
	if (settings.by & IOR_BY_CGROUP)
		entry.cgroup = kernel_cgroup(task, settings.hierarchy);
	bpf_seq_write(ctx->meta->seq, &entry, sizeof(entry));
	return 0;
}

/* Run once by user space through BPF_PROG_TEST_RUN: its thread group in the initial PID namespace,
 * which getpid() does not tell inside a container. */
SEC("raw_tp/sys_enter")
int whoami(void *ctx)
{
	control.tgid = bpf_get_current_pid_tgid() >> 32;
	return 0;
}
