/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The few kernel structures that the programs read, declared by hand with the few fields used.
 * CO-RE relocates each access to the running kernel's layout at load, so neither offsets nor a
 * 3 MB vmlinux.h are needed. The differences between architectures end here. kernel_raw.h has the
 * same functions without CO-RE.
 */
#ifndef IOR_KERNEL_H
#define IOR_KERNEL_H

#include <linux/types.h>

#include <bpf/bpf_core_read.h>

#include "ior.h"
#include "numbers.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct thread_info {
	unsigned long flags;
#ifdef __TARGET_ARCH_x86
	__u32 status;
#endif
};

typedef struct {
	__u32 val;
} kuid_t;

struct cred {
	kuid_t uid;
};

struct kernfs_node {
	__u64 id;
};

struct cgroup;

struct cgroup_subsys_state {
	struct cgroup *cgroup;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct css_set {
	struct cgroup_subsys_state *subsys[16]; /* as many as the kernel has */
	struct cgroup *dfl_cgrp;
};

enum cgroup_subsys_id {
	memory_cgrp_id = 0,
	pids_cgrp_id = 1,
};

struct task_struct {
	const struct cred *cred;
	struct css_set *cgroups;
	struct thread_info thread_info;
	int pid;
	int tgid;
	unsigned long stack_canary;
	__u64 start_time;
	unsigned long sas_ss_sp; /* alternate signal stack */
	unsigned long sas_ss_size;
	struct task_struct *group_leader;
	char comm[16];
};

struct sigaction {
	void *sa_handler;
};

struct k_sigaction {
	struct sigaction sa;
};

struct kernel_siginfo;

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

struct trace_event_raw_sys_enter {
	long id;
};

struct trace_event_raw_sys_exit {
	long ret;
};

struct pt_regs {
#ifdef __TARGET_ARCH_x86
	unsigned long bx, r10, r8, cx, dx, si, di;
	unsigned long orig_ax;
	unsigned long ip;
	unsigned long sp;
#else
	__u64 regs[31];
	__u64 sp;
	__u64 pc;
	__u64 pstate;
	__u64 orig_x0;
	int syscallno;
#endif
};

#pragma clang attribute pop

/* Loads before it come before those behind it, and stores before stores; to other CPUs as well. An
 * atomic is fully ordered only if it has a result, which clang leaves out where nobody uses it. */
static __always_inline void kernel_order(void)
{
#ifdef __TARGET_ARCH_x86 /* where they keep that order */
	asm volatile("" : : : "memory");
#else
	__u64 word = 0;

	word = __sync_fetch_and_or(&word, 0);
	asm volatile("" : : "r"(word) : "memory");
#endif
}

static __always_inline struct task_struct *kernel_current(void)
{
	return bpf_get_current_task_btf();
}

/* Is the task in a 32-bit call? Its numbers are another table's. (x32 calls are told by a bit of
 * the number instead.) */
static __always_inline int kernel_in_compat_call(struct task_struct *task, struct pt_regs *regs)
{
#ifdef __TARGET_ARCH_x86
	return task->thread_info.status & 2; /* TS_COMPAT, arch/x86/include/asm/thread_info.h */
#else
	return task->thread_info.flags & (1ul << 22); /* TIF_32BIT, arch/arm64 */
#endif
}

/* What the kernel has to do before the task goes on, by bits. */
static __always_inline __u64 kernel_flags(struct task_struct *task)
{
	return task->thread_info.flags;
}

static __always_inline __u32 kernel_tgid(struct task_struct *task)
{
	return task->tgid;
}

static __always_inline __u32 kernel_tid(struct task_struct *task)
{
	return task->pid;
}

/* Its real user, by the number in the initial user namespace. */
static __always_inline __u32 kernel_uid(struct task_struct *task)
{
	return task->cred->uid.val;
}

/* The same of the current task, where time is no matter. This and the next are helpers, for reading
 * a pointer of a task makes kernels before 7.0 search all of their BTF by name, each time that the
 * verifier comes by: all in all most of the time of a start. */
static __always_inline __u32 kernel_current_uid(void)
{
	return bpf_get_current_uid_gid();
}

/* The id of the current task's cgroup, of version 2. */
static __always_inline __u64 kernel_current_cgroup(void)
{
	return bpf_get_current_cgroup_id();
}

/* The cgroup of that level that the current task is in; 0 below its own. */
static __always_inline __u64 kernel_ancestor_cgroup(int level)
{
	return bpf_get_current_ancestor_cgroup_id(level);
}

/* The task's cgroup of a controller of version 1; `id` is the controller's place in subsys[]. */
static __always_inline __u64 kernel_cgroup_v1(struct task_struct *task, __u64 id)
{
	struct css_set *cgroups = task->cgroups;
	struct cgroup_subsys_state **subsys =
		(void *)((char *)cgroups + bpf_core_field_offset(cgroups->subsys) + 8 * id);

	return (*subsys)->cgroup->kn->id;
}

/* The id of the task's cgroup. */
static __always_inline __u64 kernel_cgroup(struct task_struct *task, __u32 hierarchy)
{
	if (hierarchy == IOR_HIERARCHY_MEMORY)
		return kernel_cgroup_v1(task,
					bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id));
	if (hierarchy == IOR_HIERARCHY_PIDS)
		return kernel_cgroup_v1(task,
					bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id));
	return task->cgroups->dfl_cgrp->kn->id;
}

/* When the thread was made, CLOCK_MONOTONIC. */
static __always_inline __u64 kernel_start_ns(struct task_struct *task)
{
	return task->start_time;
}

/* Random bits that each thread has from its begin to its end, execve included, which may change the
 * number and the start time: half of what protects its kernel stack. */
static __always_inline __u32 kernel_random(struct task_struct *task)
{
	return task->stack_canary >> 32;
}

static __always_inline int kernel_has_random(void)
{
	struct task_struct *task = (void *)0;

	return bpf_core_field_exists(task->stack_canary);
}

/* Whose comm a thread's calls are counted under: its own, or its leader's. Apart from
 * kernel_comm(), for it reads a pointer. */
static __always_inline struct task_struct *kernel_named(struct task_struct *task, int own)
{
	return own ? task : task->group_leader;
}

/* The 16 bytes of its comm, in two reads, which another thread may write between. */
static __always_inline void kernel_comm(struct task_struct *named, __u64 ret[2])
{
	const volatile __u64 *comm = (const volatile __u64 *)&named->comm[0];

	ret[0] = comm[0];
	ret[1] = comm[1];
}

/* What the thread does with a signal: 0, the default; 1, nothing; or the handler's address. */
static __always_inline __u64 kernel_handler(struct k_sigaction *action)
{
	return (__u64)action->sa.sa_handler;
}

/* The thread's alternate signal stack, where it begins and how long it is; 0: it has none. */
static __always_inline __u64 kernel_alternate(struct task_struct *task)
{
	return task->sas_ss_sp;
}

static __always_inline __u64 kernel_alternate_size(struct task_struct *task)
{
	return task->sas_ss_size;
}

/* The number a returning call was made with; -1 behind rt_sigreturn, which restores the registers
 * of the interrupted context and marks them as "not in a call". */
static __always_inline long kernel_syscall_number(struct pt_regs *regs)
{
#ifdef __TARGET_ARCH_x86
	return (int)regs->orig_ax; /* as the kernel does, whatever the upper half is */
#else
	return regs->syscallno;
#endif
}

static __always_inline unsigned long kernel_user_ip(struct pt_regs *regs)
{
#ifdef __TARGET_ARCH_x86
	return regs->ip;
#else
	return regs->pc;
#endif
}

static __always_inline unsigned long kernel_user_sp(struct pt_regs *regs)
{
#ifdef __TARGET_ARCH_x86
	return regs->sp;
#else
	return regs->pstate & 0x10 ? regs->regs[13] : regs->sp; /* PSR_MODE32_BIT: AArch32 */
#endif
}

/* The first five arguments of the call that returns, for the kernel keeps them in place. */
static __always_inline void kernel_args(struct pt_regs *regs, int compat, __u64 ret[5])
{
#ifdef __TARGET_ARCH_x86
	ret[0] = compat ? regs->bx : regs->di;
	ret[1] = compat ? regs->cx : regs->si;
	ret[2] = regs->dx;
	ret[3] = compat ? regs->si : regs->r10;
	ret[4] = compat ? regs->di : regs->r8;
#else
	ret[0] = regs->orig_x0;
	ret[1] = regs->regs[1];
	ret[2] = regs->regs[2];
	ret[3] = regs->regs[3];
	ret[4] = regs->regs[4];
#endif
}

#endif
