/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls that a signal interrupts. Such a call has returned, with one of the kernel's own restart
 * codes, and what becomes of it shows later: the kernel makes it again, at once or behind a
 * handler; or behind a handler the program finds EINTR, or jumps elsewhere, or ends. A handler's
 * own calls may be interrupted as well, so a thread has several, each made from within the handler
 * that interrupted the one before. Part of each object.
 */
#ifndef IOR_INTERRUPTED_BPF_H
#define IOR_INTERRUPTED_BPF_H

#include "count.bpf.h"

/* The kernel's own restart codes: the call is pending, no program ever sees them. */
static __always_inline int is_restart(long ret)
{
	return ret == -512 || ret == -513 || ret == -514 || ret == -516;
}

/* The n-th of the thread's, from 1 on. */
static __always_inline struct interrupted *interrupted_of(struct thread *thread, __u32 n)
{
	n -= 1;
	asm volatile("%0 &= 3" : "+r"(n)); /* for the verifier, as in call_of() */
	return &thread->interrupted[n];
}

_Static_assert(INTERRUPTED_MAX == 4, "the mask of interrupted_of()");

/* A signal interrupted the call. */
RARE int suspend(struct thread *thread, __u64 ip, __u64 sp, __u64 now)
{
	struct interrupted *last;

	if (!thread)
		return 0;
	if (thread->interrupted_n >= INTERRUPTED_MAX) {
		lose(IOR_LOST_NO_EXIT);
		thread->interrupted_n = INTERRUPTED_MAX - 1;
	}
	thread->interrupted_n++;
	last = interrupted_of(thread, thread->interrupted_n);
	last->enter_ns = thread->enter_ns;
	last->end_ns = now;
	last->exit_ns = thread->exit_ns;
	last->ip = ip;
	last->sp = sp;
	last->nr = thread->nr;
	last->state = NOT_HANDLED;
	thread->enter_ns = 0;
	thread->exit_ns = now; /* the gaps of a handler's calls begin here */
	return 0;
}

/* The last interrupted call is over: the program sees EINTR. Leaves the thread outside of any call,
 * so the caller has nothing pending. */
RARE int end_interrupted(struct thread *thread)
{
	struct task_struct *task = kernel_current();
	struct interrupted *last;
	__u64 exit_ns;

	if (!thread || !thread->interrupted_n)
		return 0;
	last = interrupted_of(thread, thread->interrupted_n);
	thread->interrupted_n--;
	know_rows(thread, task);
	if (is_filtered(thread, task, AT_RETURN))
		return 0;
	exit_ns = thread->exit_ns;
	thread->enter_ns = last->enter_ns;
	thread->exit_ns = last->exit_ns;
	count(task, thread, last->nr, last->end_ns, (struct pt_regs *)0, -EINTR, 0);
	thread->enter_ns = 0;
	thread->exit_ns = exit_ns;
	return 0;
}

/* A signal is dealt with, by the handler that `action` begins with: 0 and 1 are none. Then the
 * stack that it may run on is there still. */
static __always_inline int deliver(struct thread *thread, struct task_struct *task,
				   const void *action)
{
	__u64 handler = 0;

	if (!thread || !thread->interrupted_n)
		return 0;
	if (bpf_probe_read_kernel(&handler, sizeof(handler), action) || handler <= 1)
		return 0;
	interrupted_of(thread, thread->interrupted_n)->state = HANDLED;
	if (kernel_alternate_size(task)) {
		thread->alternate = kernel_alternate(task);
		thread->alternate_size = kernel_alternate_size(task);
	}
	return 0;
}

#define INSTRUCTION_MAX 4 /* bytes of the one that makes a call */

enum place { ELSEWHERE, BEHIND, AT };

/* Is this behind the call, or at the instruction that makes it? */
static __always_inline enum place place_of(const struct interrupted *call, __u64 ip, __u64 sp)
{
	if (sp != call->sp)
		return ELSEWHERE;
	if (ip == call->ip)
		return BEHIND;
	return call->ip - ip <= INSTRUCTION_MAX ? AT : ELSEWHERE;
}

/* Ends the interrupted calls behind the n-th: their handlers have jumped out of them. */
RARE int end_behind(struct thread *thread, __u32 n)
{
	for (int i = 0; i < INTERRUPTED_MAX && thread && thread->interrupted_n > n; i++)
		end_interrupted(thread);
	return 0;
}

/* A thread with interrupted calls enters one, whose return would be there. Returns 1 if it is the
 * restart of one of them. It is, if the thread stands where it stood, unless a handler has jumped
 * there. It is a handler's own call, if it stands on the alternate stack or further down the stack;
 * otherwise the handler has jumped out of the interrupted call. */
RARE int resume_at(struct thread *thread, __u64 ip, __u64 sp, __u32 nr, __u32 on_alternate)
{
	struct interrupted *last;

	if (!thread)
		return 0;
	for (__u32 n = INTERRUPTED_MAX; n; n--) {
		const struct interrupted *call = interrupted_of(thread, n);

		if (n > thread->interrupted_n || place_of(call, ip, sp) != BEHIND ||
		    (nr != call->nr && nr != KERNEL_NR_RESTART_SYSCALL))
			continue;
		end_behind(thread, n);
		if (call->state == HANDLED)
			return end_interrupted(thread);
		thread->nr = call->nr;
		thread->enter_ns = call->enter_ns;
		thread->ip = ip;
		thread->sp = sp;
		thread->exit_ns = call->exit_ns;
		thread->interrupted_n--;
		return 1;
	}
	for (int i = 0; i < INTERRUPTED_MAX && thread->interrupted_n && !on_alternate; i++) {
		last = interrupted_of(thread, thread->interrupted_n);
		if (sp < last->sp)
			break;
		end_interrupted(thread);
	}
	return 0;
}

static __always_inline int resume(struct task_struct *task, struct thread *thread,
				  struct pt_regs *regs, __u32 nr)
{
	const __u64 sp = kernel_user_sp(regs);
	/* as it is, or as it was: SS_AUTODISARM takes it away meanwhile */
	const __u32 on_alternate = sp - kernel_alternate(task) < kernel_alternate_size(task) ||
				   sp - thread->alternate < thread->alternate_size;

	return resume_at(thread, kernel_user_ip(regs), sp, nr, on_alternate);
}

/* Interrupted calls end with their thread, or with the program that made them. They returned when
 * they were interrupted, so the filter may have changed since, or what it asks. */
RARE int lose_interrupted(struct thread *thread)
{
	struct task_struct *task = kernel_current();
	__u32 n;

	if (!thread)
		return 0;
	n = thread->interrupted_n;
	thread->interrupted_n = 0;
	know_rows(thread, task);
	if (!is_filtered(thread, task, AT_RETURN))
		__sync_fetch_and_add(&control.lost[IOR_LOST_DIED], n);
	return 0;
}

/* A handler returns to there, or to elsewhere, if what it interrupted was no call or has ended
 * itself. What the program finds as the result does not tell: a handler may change it. */
RARE int return_to(struct thread *thread, __u64 ip, __u64 sp)
{
	if (!thread)
		return 0;
	for (__u32 n = INTERRUPTED_MAX; n; n--) {
		struct interrupted *call = interrupted_of(thread, n);
		const enum place place = place_of(call, ip, sp);

		if (n > thread->interrupted_n || place == ELSEWHERE)
			continue;
		end_behind(thread, n);
		if (place == BEHIND)
			return end_interrupted(thread);
		call->state = RESTARTING;
		return 0;
	}
	return 0;
}

/* A call returns in a thread that has an interrupted one. */
static __always_inline void after_interruption(struct thread *thread, struct pt_regs *regs, long id,
					       __u32 nr, long ret)
{
	if (!ret && (nr == KERNEL_NR_EXECVE || nr == KERNEL_NR_EXECVEAT))
		lose_interrupted(thread);
	else if (id == -1)
		return_to(thread, kernel_user_ip(regs), kernel_user_sp(regs));
}

#endif
