/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose calls are counted. It is decided once a thread, and again when what it was decided by has
 * changed: the comm, the uid, the cgroup, the filter itself. Part of each object.
 */
#ifndef IOR_FILTER_BPF_H
#define IOR_FILTER_BPF_H

#include "rows.bpf.h"

/* Kernels before 6.4 take each scalar of a program with functions for one that matters, and so walk
 * all ways through a row of branches. Hence arithmetic: 1 if equal. */
static __always_inline __u64 is_equal(__u64 a, __u64 b)
{
	const __u64 differs = a ^ b;

	return ~(differs | -differs) >> 63;
}

/* Is this one of the entries? */
static __always_inline int is_entry(const __u32 entries[IOR_FILTER_MAX], __u32 wanted)
{
	__u64 found = 0;

#pragma unroll
	for (int i = 0; i < IOR_FILTER_MAX; i++)
		found |= is_equal(entries[i], wanted);
	return found;
}

/* Of `generation`. */
static __always_inline const struct ior_filter *filter_of(__u32 generation)
{
	asm volatile("%0 &= 1" : "+r"(generation)); /* for the verifier, as in call_of() */
	return &config.filters[generation];
}

/* IOR_FILTER_WORD. */
static __always_inline __u32 filter_now(void)
{
	return *(volatile __u32 *)&config.filter;
}

/* The filter's rows are long, and the verifier walks a function of its own once, not each time that
 * a loop calls it: this one is a step of comm_matches(). */
RARE int step_glob(struct ior_glob_walk *walk, __u32 generation)
{
	if (walk)
		ior_globs_step(&filter_of(generation)->comm, walk);
	return 0;
}

/* Global: see RARE. */
__noinline int comm_matches(__u64 comm0, __u64 comm1, __u32 generation)
{
	const struct ior_globs *globs = &filter_of(generation)->comm;
	struct ior_glob_walk walk;

	ior_globs_begin(globs, comm0, comm1, &walk);
	for (int i = 0; i < IOR_COMM_LEN; i++)
		step_glob(&walk, generation);
	return ior_globs_end(globs, &walk);
}

/* Is this one of the filter's cgroups? Branches that leave are no ways to walk. */
__noinline int is_cgroup(__u64 id, __u32 generation)
{
	const struct ior_filter *filter = filter_of(generation);

#pragma unroll
	for (int i = 0; i < IOR_FILTER_MAX; i++)
		if (filter->cgroup[i] == id)
			return 1;
	return 0;
}

/* Is the current task in one of them, or below? */
__noinline int in_a_cgroup(__u32 generation)
{
	/* the level of an entry is not known, in a cgroup namespace */
	for (int level = 0; level < IOR_CGROUP_LEVELS; level++) {
		const __u64 id = kernel_ancestor_cgroup(level);

		if (!id)
			break;
		if (is_cgroup(id, generation))
			return 1;
	}
	return 0;
}

/* Does the filter of that IOR_FILTER_WORD let a task of that user in whose calls are counted under
 * that comm, as far as all but its cgroup goes? */
static __always_inline int lets_in(__u32 word, struct task_struct *task, __u32 uid,
				   const __u64 comm[2])
{
	const __u32 generation = word >> IOR_FILTER_KINDS;
	const struct ior_filter *filter = filter_of(generation);
	int in = 1;

	if (word & IOR_FILTER_PID)
		in &= is_entry(filter->pid, kernel_tgid(task));
	if (word & IOR_FILTER_TID)
		in &= is_entry(filter->tid, kernel_tid(task));
	if (word & IOR_FILTER_UID)
		in &= is_entry(filter->uid, uid);
	if (word & IOR_FILTER_COMM)
		in &= comm_matches(comm[0], comm[1], generation);
	return in;
}

/* Its comm is known. */
RARE int decide(struct thread *thread)
{
	const __u32 word = filter_now(), generation = word >> IOR_FILTER_KINDS;
	struct task_struct *task = kernel_current();
	int in;

	if (!thread)
		return 0;
	thread->uid = kernel_current_uid();
	in = lets_in(word, task, thread->uid, thread->comm);
	if (word & IOR_FILTER_CGROUP) {
		thread->cgroup_v2 = kernel_current_cgroup();
		in &= in_a_cgroup(generation);
	}
	thread->verdict = generation << 1 | in;
	return 0;
}

/* Has to be asked at each entry. Once there was a filter, each thread has its verdict, be it that
 * everybody is counted: so a call that was entered under a filter before is known when it returns.
 */
static __always_inline int there_is_a_filter(void)
{
	return config.filter != 0;
}

/* Where it is asked: at a return what the rows are found by is known already (know_rows()), and
 * the look may take its time. */
enum look { AT_ENTRY, AT_RETURN };

/* Is the current task, whose thread this is, one whose calls are not counted? The look at what the
 * verdict was decided by is inlined: calls that are filtered out do little else. */
static __always_inline int is_filtered(struct thread *thread, struct task_struct *task,
				       enum look look)
{
	const __u32 word = filter_now();

	if (__builtin_expect(!word, 1))
		return 0;
	if ((word & IOR_FILTER_UID) && thread->uid != kernel_uid(task))
		thread->verdict = 0;
	if ((word & IOR_FILTER_CGROUP) &&
	    thread->cgroup_v2 != (look == AT_ENTRY ? kernel_cgroup(task, IOR_HIERARCHY_V2) :
						     kernel_current_cgroup()))
		thread->verdict = 0;
	if ((word & IOR_FILTER_COMM) && !(look == AT_RETURN && (settings.by & IOR_BY_COMM)))
		know_comm(thread, task); /* forgets the verdict, if it is another one */
	if (thread->verdict >> 1 != word >> IOR_FILTER_KINDS)
		decide(thread);
	return !(thread->verdict & 1);
}

/* The same of the thread's last entry, without a look at what it is now. */
static __always_inline int was_filtered(const struct thread *thread)
{
	return there_is_a_filter() && !(thread->verdict & 1);
}

#endif
