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

/* The kernel's own restart codes, which it deals with if there is a signal, and then no program
 * sees them; else they are an error like any other, be it by a driver's mistake or an odd offset
 * that lseek returns. */
static __always_inline int is_restart(struct task_struct *task, long ret)
{
	return (ret == -512 || ret == -513 || ret == -514 || ret == -516) &&
	       (kernel_flags(task) & settings.signal_flags);
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

/* Those behind the n-th are over: the program has seen EINTR, or a handler has jumped out of them.
 * Leaves the thread outside of any call, so the caller has nothing pending. */
RARE int end_behind(struct thread *thread, __u32 n)
{
	struct task_struct *task = kernel_current();
	__u64 exit_ns;
	int filtered;

	if (!thread || thread->interrupted_n <= n)
		return 0;
	exit_ns = thread->exit_ns;
	know_rows(thread, task);
	filtered = is_filtered(thread, task, AT_RETURN);
	for (int i = 0; i < INTERRUPTED_MAX && thread->interrupted_n > n; i++) {
		const struct interrupted *last = interrupted_of(thread, thread->interrupted_n);

		thread->interrupted_n--;
		if (filtered)
			continue;
		thread->enter_ns = last->enter_ns;
		thread->exit_ns = last->exit_ns;
		count(task, thread, last->nr, last->end_ns, (struct pt_regs *)0, -EINTR, 0);
	}
	thread->enter_ns = 0;
	thread->exit_ns = exit_ns;
	return 0;
}

/* A signal is dealt with, by that handler: 0 and 1 are none. The stack that it may run on is there
 * still. */
static __always_inline int deliver(struct thread *thread, struct task_struct *task, __u64 handler)
{
	if (!thread || !thread->interrupted_n || handler <= 1)
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

/* The same number, of which the verifier knows nothing any more, or it would walk all that follows
 * for each that there may be. */
static __always_inline __u32 forget_number(struct thread *thread, __u32 n)
{
	*(volatile __u32 *)&thread->scratch = n;
	return *(volatile __u32 *)&thread->scratch;
}

/* The last of them that is there, from 1 on; 0: none is. */
static __always_inline __u32 find_interrupted(struct thread *thread, __u64 ip, __u64 sp)
{
	__u32 n;

	for (n = INTERRUPTED_MAX; n; n--)
		if (n <= thread->interrupted_n &&
		    place_of(interrupted_of(thread, n), ip, sp) != ELSEWHERE)
			break;
	return forget_number(thread, n);
}

/* How many there are still, if a thread with that stack pointer enters a call, which is none of
 * them. It is a handler's own, if the thread stands on the alternate stack or further down the
 * stack; otherwise the handler has jumped out. */
static __always_inline __u32 count_left(struct thread *thread, __u64 sp, __u32 on_alternate)
{
	__u32 n = thread->interrupted_n;

	for (int i = 0; i < INTERRUPTED_MAX && n && !on_alternate; i++) {
		if (sp < interrupted_of(thread, n)->sp)
			break;
		n--;
	}
	return forget_number(thread, n);
}

/* A thread with interrupted calls enters one, whose return would be there. Returns 1 if it is the
 * restart of one of them. It is, if the thread stands where it stood, unless a handler has jumped
 * there. */
RARE int resume_at(struct thread *thread, __u64 ip, __u64 sp, __u32 nr, __u32 on_alternate)
{
	const struct interrupted *call;
	__u32 n, left;
	int restarts;

	if (!thread)
		return 0;
	n = find_interrupted(thread, ip, sp);
	call = interrupted_of(thread, n);
	restarts = n && call->state != HANDLED &&
		   (nr == call->nr || nr == KERNEL_NR_RESTART_SYSCALL);
	left = restarts ? n : n ? n - 1 : count_left(thread, sp, on_alternate);
	end_behind(thread, left);
	if (!restarts)
		return 0;
	thread->nr = call->nr;
	thread->enter_ns = call->enter_ns;
	thread->ip = ip;
	thread->sp = sp;
	thread->exit_ns = call->exit_ns;
	thread->interrupted_n--;
	return 1;
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
	struct interrupted *call;
	__u32 n;

	if (!thread)
		return 0;
	n = find_interrupted(thread, ip, sp);
	if (!n)
		return 0;
	call = interrupted_of(thread, n);
	if (ip == call->ip)
		return end_behind(thread, n - 1);
	call->state = RESTARTING;
	return end_behind(thread, n);
}

/* The thread has executed another program. */
static __always_inline int end_program(struct thread *thread)
{
	return thread && thread->interrupted_n ? lose_interrupted(thread) : 0;
}

#endif
