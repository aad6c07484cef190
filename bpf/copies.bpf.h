/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One call, several programs. From Linux 7.2 on, programs on system calls run preemptible, and a
 * program that is preempted makes its CPU skip it for every other task meanwhile ("recursion
 * miss"). So the pair is attached in copies, each with a guard of its own, and the first copy that
 * runs claims the pass: it marks the thread, and the others find the mark and return.
 *
 * Copies run in ascending order, so a copy that finds only lower ones marked is in the same pass;
 * one that finds itself or a higher one is in a new one. What remains possible is that all copies
 * miss a return and the lower ones the next entry too. Then the entry is taken for the pass
 * before, and the return that follows would be paired with the wrong entry: it is not, unless it
 * has the same number, stack and instruction pointer. Part of each object.
 */
#ifndef IOR_COPIES_BPF_H
#define IOR_COPIES_BPF_H

#define SOLE (-1) /* instead of a copy's number: there are no others */

static __always_inline struct ior_passes *passes_here(void)
{
	return &passes[bpf_get_smp_processor_id() & (IOR_PASSES - 1)];
}

/* No program saw the return of the thread's last call. */
RARE int lose_exit(struct thread *thread)
{
	if (!thread)
		return 0;
	thread->enter_ns = 0;
	__sync_fetch_and_add(&control.missed_exits, 1);
	return lose(IOR_LOST_NO_EXIT);
}

static __always_inline int claim(struct thread *thread, __u8 phase, int copy)
{
	const __u32 bit = 1u << copy;

	if (thread->phase == phase && bit > thread->mask) {
		thread->mask |= bit;
		return 0;
	}
	thread->phase = phase;
	thread->mask = bit;
	return 1;
}

/* Returns whether the call is this copy's to deal with. */
static __always_inline int claim_entry(struct thread *thread, int copy)
{
	return claim(thread, PHASE_IN, copy);
}

/* Is the first return that is seen of a thread one without an entry by its nature: of a call in
 * flight at the start, or the child's side of what made it? */
__noinline int is_first_return(__u32 nr, long ret)
{
	if (kernel_start_ns(kernel_current()) <= config.started_ns)
		return 1;
	return !ret && (nr == KERNEL_NR_CLONE || nr == KERNEL_NR_CLONE3 || nr == KERNEL_NR_FORK ||
			nr == KERNEL_NR_VFORK);
}

/* The same at the return. thread is NULL if there is no memory for one: then there was none at the
 * entry either, or the copies that ran there were kept from making it. */
static __always_inline int claim_exit(struct task_struct *task, struct thread *thread, __u32 nr,
				      long ret, int copy)
{
	struct ior_passes *here = passes_here();
	int first;

	if (copy == 0)
		__sync_fetch_and_add(&here->runs, 1);
	if (!thread) {
		if (copy != 0)
			return 0;
		__sync_fetch_and_add(&here->claimed, 1);
		return lose(IOR_LOST_NO_MEMORY);
	}
	first = thread->phase == PHASE_NONE;
	if (!claim(thread, PHASE_OUT, copy))
		return 0;
	__sync_fetch_and_add(&here->claimed, 1);
	return !first || !is_first_return(nr, ret);
}

/* Does the call return to where the thread's last entry came from? If not, it is another one, and
 * both are dealt with. */
static __always_inline int is_where_entered(struct thread *thread, struct pt_regs *regs, long id)
{
	if (thread->ip == kernel_user_ip(regs) && thread->sp == kernel_user_sp(regs))
		return 1;
	if (id == -1 || (call_of(thread->nr) & IOR_CALL_MOVES))
		return 1;
	lose_exit(thread);
	lose(IOR_LOST_NO_ENTRY);
	return 0;
}

#endif
