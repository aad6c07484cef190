/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is counted of a call that is over. Part of each object.
 */
#ifndef IOR_COUNT_BPF_H
#define IOR_COUNT_BPF_H

#include "filter.bpf.h"

/* `plain`: nobody else adds to the row meanwhile, for the shard is the CPU's own and the kernel
 * does not preempt programs. It saves about 10 ns a call. */
static __always_inline void add(__u64 *counter, __u64 n, int plain)
{
	if (plain)
		*counter += n;
	else
		__sync_fetch_and_add(counter, n);
}

/* The gap before a call that was just counted, to its family. */
RARE int count_gap(struct thread *thread, __u32 nr, __u64 gap_ns)
{
	struct ior_row *row;

	if (!thread)
		return 0;
	asm volatile("%0 &= 1023" : "+r"(nr));
	row = counters_of(thread, row_of(thread, IOR_NR_GAP + config.family[nr]));
	if (row) {
		add(&row->slot[ior_slot(gap_ns) & (IOR_SLOTS - 1)], 1, 0);
		add(&row->sum_ns, gap_ns, 0);
	}
	return 0;
}

/* Adds a finished call to its row. `ret` is 0 where the return value means nothing; regs are needed
 * when it is not negative. */
static __always_inline void count(struct task_struct *task, struct thread *thread, __u32 nr,
				  __u64 end_ns, struct pt_regs *regs, long ret, int plain)
{
	const __u64 enter_ns = thread->enter_ns, last_ns = thread->exit_ns;
	/* the fast clock may step back */
	const __u64 ns = end_ns > enter_ns ? end_ns - enter_ns : 0;
	const __u8 call = call_of(nr);
	struct ior_row *row;
	__u64 bytes = 0;

	if ((call & IOR_CALL_BYTES) && ret >= 0)
		bytes = call & IOR_CALL_RULE ? bytes_by_rule(task, regs, nr, ret) : (__u64)ret;
	row = counters_of(thread, row_of(thread, nr));
	if (!row)
		return;
	add(&row->slot[ior_slot(ns) & (IOR_SLOTS - 1)], 1, plain);
	add(&row->sum_ns, ns, plain);
	if (bytes)
		add(&row->bytes, bytes, plain);
	if (last_ns && enter_ns > last_ns) {
		add(&row->gap_ns, enter_ns - last_ns, plain);
		if (call & IOR_CALL_GAP)
			count_gap(thread, nr, enter_ns - last_ns);
	}
	if (ret < 0 && ret >= -4095) {
		add(&row->errors, 1, plain);
		count_errno(nr, -ret);
	}
}

#endif
