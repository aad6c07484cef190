/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a call, from entry to return. Part of each object. A program is enter() or leave()
 * with constants for `copy` and `plain`, so that the compiler drops what it does not need.
 *
 * The steady state is: at entry one look-up of the thread and one clock read; at exit the same, a
 * compare of the task's comm with the cached words, and a few adds into a row found by inlined
 * array look-ups. What is rare stands out of line: each call fetches the programs' code anew.
 */
#ifndef IOR_CALL_BPF_H
#define IOR_CALL_BPF_H

#include "copies.bpf.h"
#include "interrupted.bpf.h"

/* 32-bit calls by their table's number, x32 ones by bit 30. */
static __noinline __u32 foreign_number(struct task_struct *task, struct pt_regs *regs, __u64 id)
{
	if (kernel_in_compat_call(task, regs)) {
		if (id >= IOR_NR_MAX)
			return IOR_NR_COMPAT;
		asm volatile("%0 &= 511" : "+r"(id)); /* for the verifier, as in call_of() */
		return config.compat[id];
	}
	return (long)id > 0 && (id & 0x40000000) ? IOR_NR_COMPAT : IOR_NR_UNKNOWN;
}

static __always_inline __u32 number_of(struct task_struct *task, struct pt_regs *regs, __u64 id)
{
	if (!kernel_in_compat_call(task, regs) && id < IOR_NR_MAX)
		return id;
	return foreign_number(task, regs, id);
}

/* The row of a thread that nothing is kept of, as its state would have it; NULL if there is none.
 */
static __always_inline struct ior_row *counters_of_stranger(struct task_struct *task, __u32 nr)
{
	__u64 comm[2] = {}, cgroup = 0;
	__u32 row;

	if (settings.by & IOR_BY_COMM)
		copy_comm(comm, task);
	if (settings.by & IOR_BY_CGROUP)
		cgroup = kernel_cgroup(task, settings.hierarchy);
	row = first_row_of(bpf_get_smp_processor_id()) + intern_row(comm[0], comm[1], cgroup, nr);
	return bpf_map_lookup_elem(&rows, &row);
}

/* A call that never returns is counted here, at its entry, and leaves the thread outside of any. */
__noinline int count_noreturn(__u32 nr)
{
	struct task_struct *task = kernel_current();
	struct thread *thread = thread_of(task, 0);
	struct ior_row *row;

	if (thread) {
		if (thread->enter_ns)
			lose_exit(thread);
		know_rows(thread, task);
		row = counters_of(thread, row_of(thread, nr));
	} else {
		row = counters_of_stranger(task, nr);
	}
	if (row)
		add(&row->slot[0], 1, 0);
	return 0;
}

/* The exporter's own call: it is not counted, but the self-test wants to know whether both its ends
 * are seen. */
__noinline int enter_own(__u32 call)
{
	struct thread *thread = thread_of(kernel_current(), 1);

	if (!thread)
		return 0;
	thread->nr = IOR_NR_OWN;
	thread->enter_ns = config.testing && !(call & IOR_CALL_NORETURN);
	return 0;
}

static __always_inline int enter(struct task_struct *task, struct pt_regs *regs, long id, int copy)
{
	__u32 nr = number_of(task, regs, id);
	__u8 call = call_of(nr);
	struct thread *thread;
	int filtered;

	if (!(call & IOR_CALL_SELECTED) || (copy != SOLE && !config.started_ns))
		return 0;
	if (copy == SOLE && kernel_tgid(task) == config.self_tgid)
		return config.testing ? enter_own(call) : 0;
	if (copy == SOLE && (call & IOR_CALL_NORETURN) && !there_is_a_filter())
		return count_noreturn(nr);
	thread = thread_of(task, 1);
	if (!thread && copy == SOLE)
		return lose(IOR_LOST_NO_MEMORY);
	if (!thread) /* another copy may get it; if none does, the return tells */
		return copy == 0 && (call & IOR_CALL_NORETURN) && !there_is_a_filter() ?
			       count_noreturn(nr) :
			       0;
	if (copy != SOLE) {
		if (!claim_entry(thread, copy))
			return 0;
		if (kernel_tgid(task) == config.self_tgid)
			return enter_own(call);
		if ((call & IOR_CALL_NORETURN) && !there_is_a_filter())
			return count_noreturn(nr);
	}
	if (thread->enter_ns)
		lose_exit(thread);
	filtered = is_filtered(thread, task, AT_ENTRY);
	if ((call & IOR_CALL_NORETURN) && !filtered)
		return count_noreturn(nr);
	if (thread->interrupted_n && resume(task, thread, regs, nr)) {
		if (filtered) /* since it was interrupted */
			thread->enter_ns = 0;
		return 0;
	}
	if (filtered || (call & IOR_CALL_HIDDEN))
		return 0;
	if (copy != SOLE) {
		thread->ip = kernel_user_ip(regs);
		thread->sp = kernel_user_sp(regs);
	}
	thread->nr = nr;
	thread->enter_ns = bpf_ktime_get_ns();
	return 0;
}

/* A call returns whose entry was not seen, or not counted. If a signal interrupted what denied it
 * (a seccomp notification), it comes again, most likely. */
static __always_inline int leave_unentered(struct task_struct *task, struct thread *thread,
					   __u8 call, long ret)
{
	if (ret < 0 && is_restart(task, ret))
		return 0;
	if ((call & IOR_CALL_SELECTED) && !(call & IOR_CALL_HIDDEN) && thread->nr != IOR_NR_OWN &&
	    !was_filtered(thread))
		lose(IOR_LOST_NO_ENTRY);
	return 0;
}

/* A call returns with another number than the thread's last entry had. Returns whether it is that
 * call all the same; if not, both are dealt with. */
RARE int is_entered(struct thread *thread, __u32 nr, long id)
{
	if (!thread)
		return 0;
	if (thread->nr == IOR_NR_OWN) {
		if (nr == KERNEL_NR_GETPPID)
			__sync_fetch_and_add(&passes_here()->own, 1);
		thread->enter_ns = 0;
		return 0;
	}
	/* rt_sigreturn and, on arm64, execve leave no number behind; restart_syscall goes on with
	 * another call; execve may change to another table of numbers */
	if (id == -1 || nr == KERNEL_NR_RESTART_SYSCALL || thread->nr == KERNEL_NR_EXECVE ||
	    thread->nr == KERNEL_NR_EXECVEAT)
		return 1;
	lose_exit(thread);
	lose(IOR_LOST_NO_ENTRY);
	return 0;
}

static __always_inline int leave(struct task_struct *task, struct pt_regs *regs, long ret, int copy,
				 int plain)
{
	long id = kernel_syscall_number(regs);
	/* Behind rt_sigreturn there is no number and ret is a restored register, so both say
	 * nothing of the call that returns; but the register is the result of the interrupted
	 * one. (A call of number -1 has no number either, and a result: -ENOSYS.) */
	__u32 nr = id == -1 ? KERNEL_NR_RT_SIGRETURN : number_of(task, regs, id);
	__u8 call = call_of(nr);
	struct thread *thread;
	long result = ret;
	__u64 now;

	if ((id != -1 && !(call & IOR_CALL_SELECTED)) || (copy != SOLE && !config.started_ns))
		return 0;
	thread = thread_of(task, copy != SOLE);
	if (copy != SOLE && !claim_exit(task, thread, nr, ret, copy))
		return 0;
	if (!thread)
		return 0; /* new, or in this call since before the start: not an observation */
	if (!thread->enter_ns) {
		leave_unentered(task, thread, call, ret);
	} else {
		now = bpf_ktime_get_ns();
		know_rows(thread, task);
		if (nr != thread->nr && !is_entered(thread, nr, id))
			return 0;
		if (copy != SOLE && !is_where_entered(thread, regs, id))
			return 0;
		/* since it was entered, maybe by the call itself */
		if (is_filtered(thread, task, AT_RETURN)) {
			thread->enter_ns = 0;
			return 0;
		}
		if (ret < 0 && id != -1 && is_restart(task, ret))
			return suspend(thread, kernel_user_ip(regs), kernel_user_sp(regs), now);
		nr = thread->nr;
		/* what rt_sigreturn, or the sigreturn of 32-bit programs, leaves there is none */
		if (id == -1 && (nr == KERNEL_NR_RT_SIGRETURN || nr == IOR_NR_COMPAT))
			result = 0;
		count(task, thread, nr, now, regs, result, plain);
		thread->enter_ns = 0;
		thread->exit_ns = now;
	}
	if (id == -1 && thread->interrupted_n)
		return_to(thread, kernel_user_ip(regs), kernel_user_sp(regs));
	return 0;
}

/* A thread that ends inside a call, or with an interrupted one, takes it along. Inside a call it
 * was let in, or nothing would be known of it. Of several copies that see this the first one counts
 * it. */
static __always_inline int end_thread(struct thread *thread)
{
	if (thread->enter_ns && thread->nr != IOR_NR_OWN)
		lose(IOR_LOST_DIED);
	if (thread->interrupted_n)
		lose_interrupted(thread);
	thread->enter_ns = 0;
	return 0;
}

#endif
