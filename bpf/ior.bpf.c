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
#include "rows.bpf.h"

/* after the configuration that it reads */
#include "bytes.bpf.h"

char LICENSE[] SEC("license") = "GPL";

static __always_inline __u32 number_of(struct task_struct *task, long id)
{
	if (kernel_in_compat_call(task))
		return IOR_NR_COMPAT;
	if ((unsigned long)id < IOR_NR_MAX)
		return id;
	return id > 0 && (id & 0x40000000) ? IOR_NR_COMPAT : IOR_NR_UNKNOWN; /* bit 30: x32 */
}

/* Adds a finished call to its row. `ret` is 0 where the return value means nothing; regs are needed
 * when it is not negative. */
static __always_inline void count(struct task_struct *task, struct thread *thread, __u32 nr,
				  __u64 enter_ns, __u64 end_ns, struct pt_regs *regs, long ret)
{
	struct ior_row *row = counters_of(thread, row_of(task, thread, nr));
	__u64 ns = end_ns > enter_ns ? end_ns - enter_ns : 0; /* the fast clock may step back */

	if (!row)
		return;
	__sync_fetch_and_add(&row->slot[ior_slot(ns) & (IOR_SLOTS - 1)], 1);
	__sync_fetch_and_add(&row->sum_ns, ns);
	if (thread->exit_ns && enter_ns > thread->exit_ns)
		__sync_fetch_and_add(&row->gap_ns, enter_ns - thread->exit_ns);
	if (ret >= 0) {
		const __u8 call = call_of(nr);

		if (call & IOR_CALL_BYTES)
			__sync_fetch_and_add(&row->bytes, call & IOR_CALL_RULE ?
								  bytes_by_rule(regs, nr, ret) :
								  (__u64)ret);
	} else if (ret >= -4095) {
		__sync_fetch_and_add(&row->errors, 1);
		count_errno(nr, -ret);
	}
}

/* The kernel's own restart codes: the call is pending, no program ever sees them. */
static __always_inline int is_restart(long ret)
{
	return ret == -512 || ret == -513 || ret == -514 || ret == -516;
}

/* A signal interrupted the call. What becomes of it shows later: the kernel restarts it, or it
 * ends as EINTR behind a handler, or the thread ends. */
static __noinline int suspend(struct thread *thread, struct pt_regs *regs, __u64 now)
{
	if (thread->interrupted_nr)
		lose(IOR_LOST_NO_EXIT); /* a handler's own call, interrupted as well: only one is
					   kept */
	thread->interrupted.enter_ns = thread->enter_ns;
	thread->interrupted.end_ns = now;
	thread->interrupted.ip = kernel_user_ip(regs);
	thread->interrupted.sp = regs->sp;
	thread->interrupted_nr = thread->nr + 1;
	thread->enter_ns = 0;
	return 0;
}

/* The interrupted call is over: the program sees EINTR. */
static __noinline int end_interrupted(struct task_struct *task, struct thread *thread)
{
	count(task, thread, thread->interrupted_nr - 1, thread->interrupted.enter_ns,
	      thread->interrupted.end_ns, (struct pt_regs *)0, -EINTR);
	thread->interrupted_nr = 0;
	return 0;
}

/* A thread with an interrupted call enters a call. Returns 1 if that is the restart. It is, if the
 * thread stands where it stood; it is a signal handler's own call, if it stands on the alternate
 * stack or further down the stack; otherwise the handler has jumped out of the interrupted call. */
static __noinline int resume(struct task_struct *task, struct thread *thread, struct pt_regs *regs,
			     __u32 nr)
{
	const __u32 interrupted = thread->interrupted_nr - 1;
	const __u64 sp = regs->sp;

	if ((nr == interrupted || nr == KERNEL_NR_RESTART_SYSCALL) &&
	    sp == thread->interrupted.sp && kernel_user_ip(regs) == thread->interrupted.ip) {
		thread->nr = interrupted;
		thread->enter_ns = thread->interrupted.enter_ns;
		thread->interrupted_nr = 0;
		return 1;
	}
	if (sp >= thread->interrupted.sp && sp - task->sas_ss_sp >= task->sas_ss_size)
		end_interrupted(task, thread);
	return 0;
}

/* A call that never returns is counted here, at its entry, and leaves the thread outside of any.
 * Out of line, as all that is rare: each call fetches the programs' code anew. */
static __noinline int count_noreturn(struct task_struct *task, __u32 nr)
{
	struct thread *thread = bpf_task_storage_get(&threads, task, 0, 0);
	struct ior_row *row;

	if (thread) {
		if (thread->enter_ns)
			lose(IOR_LOST_NO_EXIT);
		thread->enter_ns = 0;
		row = counters_of(thread, row_of(task, thread, nr));
	} else {
		struct thread stranger = {};

		row = counters_of(&stranger, row_of(task, &stranger, nr));
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
	if (thread->interrupted_nr && resume(task, thread, regs, nr))
		return 0;
	if (call & IOR_CALL_HIDDEN)
		return 0;
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
	/* Behind rt_sigreturn there is no number and ret is a restored register, so both say
	 * nothing of the call that returns; but the register is the result of the interrupted
	 * one. (A call of number -1 has no number either, and a result: -ENOSYS.) */
	__u32 nr = id == -1 ? KERNEL_NR_RT_SIGRETURN : number_of(task, id);
	__u8 call = call_of(nr);
	struct thread *thread;
	__u64 now;

	if (id != -1 && !(call & IOR_CALL_SELECTED))
		return 0;
	thread = bpf_task_storage_get(&threads, task, 0, 0);
	if (!thread)
		return 0; /* new, or in this call since before the start: not an observation */
	if (!thread->enter_ns) {
		if (id == -1 && thread->interrupted_nr && ret == -EINTR)
			end_interrupted(task, thread);
		if ((call & IOR_CALL_SELECTED) && !(call & IOR_CALL_HIDDEN))
			lose(IOR_LOST_NO_ENTRY);
		return 0;
	}
	now = bpf_ktime_get_ns();
	if (ret < 0 && id != -1 && is_restart(ret))
		return suspend(thread, regs, now);
	nr = thread->nr;
	count(task, thread, nr, thread->enter_ns, now, regs,
	      nr == KERNEL_NR_RT_SIGRETURN ? 0 : ret);
	thread->enter_ns = 0;
	thread->exit_ns = now;
	if (id == -1 && thread->interrupted_nr && ret == -EINTR)
		end_interrupted(task, thread);
	return 0;
}

/* A thread that ends inside a call, or with an interrupted one, takes it along. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(process_exit, struct task_struct *task)
{
	struct thread *thread = bpf_task_storage_get(&threads, task, 0, 0);

	if (thread && (thread->enter_ns || thread->interrupted_nr))
		lose(IOR_LOST_DIED);
	return 0;
}

/* Lists the threads that are inside a counted call, interrupted ones included, for the reader's PID
 * namespace. Reads the same state that the programs above keep, so what it shows costs nothing
 * until it is asked for. */
SEC("iter/task")
int in_flight(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct ior_in_flight entry = {};
	struct thread *thread;

	if (!task)
		return 0;
	thread = bpf_task_storage_get(&threads, task, 0, 0);
	if (!thread)
		return 0;
	entry.enter_ns = thread->enter_ns;
	entry.nr = thread->nr;
	if (!entry.enter_ns && thread->interrupted_nr) {
		entry.enter_ns = thread->interrupted.enter_ns;
		entry.nr = thread->interrupted_nr - 1;
	}
	if (!entry.enter_ns)
		return 0;
	if (!(call_of(entry.nr) & IOR_CALL_KNOWN))
		entry.nr = IOR_NR_UNKNOWN;
	copy_comm(entry.comm, task);
	trim_comm(entry.comm);
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
