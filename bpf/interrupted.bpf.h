/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls that a signal interrupts. Such a call has returned, with one of the kernel's own restart
 * codes, and what becomes of it shows later: the kernel makes it again, or behind a handler the
 * program finds EINTR, or jumps elsewhere, or ends. Part of each object.
 */
#ifndef IOR_INTERRUPTED_BPF_H
#define IOR_INTERRUPTED_BPF_H

#include "count.bpf.h"

/* The kernel's own restart codes: the call is pending, no program ever sees them. */
static __always_inline int is_restart(long ret)
{
	return ret == -512 || ret == -513 || ret == -514 || ret == -516;
}

/* A signal interrupted the call. What becomes of it shows later: the kernel restarts it, or it
 * ends as EINTR behind a handler, or the thread ends. */
RARE int suspend(struct thread *thread, __u64 ip, __u64 sp, __u64 now)
{
	if (!thread)
		return 0;
	if (thread->interrupted_nr)
		lose(IOR_LOST_NO_EXIT); /* a handler's own call, interrupted as well: only one is
					   kept */
	thread->interrupted.enter_ns = thread->enter_ns;
	thread->interrupted.end_ns = now;
	thread->interrupted.exit_ns = thread->exit_ns;
	thread->interrupted.ip = ip;
	thread->interrupted.sp = sp;
	thread->interrupted_nr = thread->nr + 1;
	thread->enter_ns = 0;
	thread->exit_ns = now; /* the gaps of a handler's calls begin here */
	return 0;
}

/* The interrupted call is over: the program sees EINTR. Leaves the thread outside of any call, so
 * the caller has nothing pending. */
RARE int end_interrupted(struct thread *thread)
{
	struct task_struct *task = kernel_current();
	__u64 exit_ns;

	if (!thread)
		return 0;
	know_rows(thread, task);
	if (is_filtered(thread, task, AT_RETURN)) {
		thread->interrupted_nr = 0;
		return 0;
	}
	exit_ns = thread->exit_ns;
	thread->enter_ns = thread->interrupted.enter_ns;
	thread->exit_ns = thread->interrupted.exit_ns;
	count(task, thread, thread->interrupted_nr - 1, thread->interrupted.end_ns,
	      (struct pt_regs *)0, -EINTR, 0);
	thread->enter_ns = 0;
	thread->exit_ns = exit_ns;
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
	const __u64 sp = kernel_user_sp(regs);

	if ((nr == interrupted || nr == KERNEL_NR_RESTART_SYSCALL) &&
	    sp == thread->interrupted.sp && kernel_user_ip(regs) == thread->interrupted.ip) {
		thread->nr = interrupted;
		thread->enter_ns = thread->interrupted.enter_ns;
		thread->ip = thread->interrupted.ip;
		thread->sp = sp;
		thread->exit_ns = thread->interrupted.exit_ns;
		thread->interrupted_nr = 0;
		return 1;
	}
	if (sp >= thread->interrupted.sp && !kernel_on_alternate_stack(task, sp))
		end_interrupted(thread);
	return 0;
}

/* The interrupted call ends with its thread, or with the program that made it. It has returned when
 * it was interrupted, so the filter may have changed since, or what it asks. */
RARE int lose_interrupted(struct thread *thread)
{
	struct task_struct *task = kernel_current();

	if (!thread)
		return 0;
	thread->interrupted_nr = 0;
	know_rows(thread, task);
	return is_filtered(thread, task, AT_RETURN) ? 0 : lose(IOR_LOST_DIED);
}

/* A call returns in a thread that has an interrupted one. If that was the handler's rt_sigreturn,
 * then back to behind the interrupted call, or to the instruction that makes it, to restart it; the
 * same of a handler's own call returns elsewhere. What the program finds as the result does not
 * tell: a handler may change it. */
static __always_inline void after_interruption(struct thread *thread, struct pt_regs *regs, long id,
					       __u32 nr, long ret)
{
	if (!ret && (nr == KERNEL_NR_EXECVE || nr == KERNEL_NR_EXECVEAT))
		lose_interrupted(thread);
	else if (id == -1 && kernel_user_ip(regs) == thread->interrupted.ip &&
		 kernel_user_sp(regs) == thread->interrupted.sp)
		end_interrupted(thread);
}

#endif
