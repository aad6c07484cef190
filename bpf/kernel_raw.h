/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The functions of kernel.h without CO-RE, for kernels without BTF: the task and its registers are
 * plain addresses, read by helpers. struct pt_regs is laid out as user space sees it in ptrace and
 * perf, so it is fixed. The offsets in struct task_struct are not: user space writes those that the
 * kernel's BTF has into `settings`, and what is not known is done without.
 *
 * A helper that fails leaves zeros, and so do these.
 */
#ifndef IOR_KERNEL_RAW_H
#define IOR_KERNEL_RAW_H

#include <linux/types.h>

#include "numbers.h"

extern const volatile struct ior_settings settings SEC(".rodata.settings");

struct task_struct; /* an address, never looked into */

struct pt_regs {
#ifdef __TARGET_ARCH_x86
	__u64 r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di;
	__u64 orig_ax;
	__u64 ip;
	__u64 cs;
	__u64 flags;
	__u64 sp;
	__u64 ss;
#else
	__u64 regs[31];
	__u64 sp;
	__u64 pc;
	__u64 pstate;
	__u64 orig_x0;
	int syscallno;
#endif
};

#define KERNEL_USER32_CS 0x23  /* __USER32_CS, arch/x86/include/asm/segment.h */
#define KERNEL_MODE32_BIT 0x10 /* PSR_MODE32_BIT, arch/arm64 */

static __always_inline struct task_struct *kernel_current(void)
{
	return (struct task_struct *)bpf_get_current_task();
}

static __always_inline __u64 kernel_word(const volatile void *at)
{
	__u64 word = 0;

	(void)bpf_probe_read_kernel(&word, sizeof(word), (const void *)at);
	return word;
}

/* A word of the task's, at an offset out of `settings`. */
static __always_inline __u64 kernel_task_word(struct task_struct *task, __u32 offset)
{
	return kernel_word((const char *)task + offset);
}

/* Where the offset of the status is not known, the code segment tells: that of 32-bit programs. So
 * int 0x80 of a 64-bit program cannot be told then, and counts under the native call that has its
 * number. (On arm64 no program can change the width of its calls, so the mode always tells.) */
static __always_inline int kernel_in_compat_call(struct task_struct *task, struct pt_regs *regs)
{
#ifdef __TARGET_ARCH_x86
	if (settings.task_status)
		return kernel_task_word(task, settings.task_status) & 2; /* TS_COMPAT */
	return (kernel_word(&regs->cs) & 0xffff) == KERNEL_USER32_CS;
#else
	return !!(kernel_word(&regs->pstate) & KERNEL_MODE32_BIT);
#endif
}

/* What the kernel has to do before the task goes on, by bits; its first word. */
static __always_inline __u64 kernel_flags(struct task_struct *task)
{
	return kernel_task_word(task, 0);
}

static __always_inline __u32 kernel_tgid(struct task_struct *task)
{
	return bpf_get_current_pid_tgid() >> 32;
}

static __always_inline __u32 kernel_tid(struct task_struct *task)
{
	return bpf_get_current_pid_tgid();
}

/* Its real user, by the number in the initial user namespace. */
static __always_inline __u32 kernel_current_uid(void)
{
	return bpf_get_current_uid_gid();
}

static __always_inline __u32 kernel_uid(struct task_struct *task)
{
	(void)task;
	return kernel_current_uid();
}

/* The id of the current task's cgroup, of version 2. */
static __always_inline __u64 kernel_current_cgroup(void)
{
	return bpf_get_current_cgroup_id();
}

/* Old kernels tell its own only. */
static __always_inline __u64 kernel_ancestor_cgroup(int level)
{
	return level ? 0 : bpf_get_current_cgroup_id();
}

/* There is no other hierarchy in this mode, and no other task. */
static __always_inline __u64 kernel_cgroup(struct task_struct *task, __u32 hierarchy)
{
	(void)task, (void)hierarchy;
	return kernel_current_cgroup();
}

/* Only copies ask, which this object has none of. */
static __always_inline __u64 kernel_start_ns(struct task_struct *task)
{
	return 0;
}

/* Whose comm the current thread's calls are counted under: its leader's address, or NULL for its
 * own, also where the leader's cannot be found. */
static __always_inline struct task_struct *kernel_named(struct task_struct *task, int own)
{
	const __u64 pid_tgid = bpf_get_current_pid_tgid();

	if (own || !settings.task_comm || pid_tgid >> 32 == (__u32)pid_tgid)
		return (struct task_struct *)0;
	return (struct task_struct *)kernel_task_word(task, settings.task_group_leader);
}

/* The 16 bytes of its comm, which another thread may write meanwhile. */
static __always_inline void kernel_comm(struct task_struct *named, __u64 ret[2])
{
	if (named)
		(void)bpf_probe_read_kernel(ret, 16, (const char *)named + settings.task_comm);
	else
		(void)bpf_get_current_comm(ret, 16);
}

struct k_sigaction;

/* What the thread does with a signal: 0, the default; 1, nothing; or the handler's address, which
 * the action begins with. */
static __always_inline __u64 kernel_handler(struct k_sigaction *action)
{
	__u64 handler = 0;

	(void)bpf_probe_read_kernel(&handler, sizeof(handler), action);
	return handler;
}

/* The thread's alternate signal stack, where it begins and how long it is; 0: it has none, as far
 * as is known. */
static __always_inline __u64 kernel_alternate(struct task_struct *task)
{
	return settings.task_sas_ss_sp ? kernel_task_word(task, settings.task_sas_ss_sp) : 0;
}

static __always_inline __u64 kernel_alternate_size(struct task_struct *task)
{
	return settings.task_sas_ss_size ? kernel_task_word(task, settings.task_sas_ss_size) : 0;
}

static __always_inline long kernel_syscall_number(struct pt_regs *regs)
{
#ifdef __TARGET_ARCH_x86
	return (int)kernel_word(&regs->orig_ax); /* as in kernel.h */
#else
	return (int)kernel_word(&regs->syscallno); /* with the padding behind it */
#endif
}

static __always_inline unsigned long kernel_user_ip(struct pt_regs *regs)
{
#ifdef __TARGET_ARCH_x86
	return kernel_word(&regs->ip);
#else
	return kernel_word(&regs->pc);
#endif
}

static __always_inline unsigned long kernel_user_sp(struct pt_regs *regs)
{
#ifndef __TARGET_ARCH_x86
	if (kernel_word(&regs->pstate) & KERNEL_MODE32_BIT)
		return kernel_word(&regs->regs[13]);
#endif
	return kernel_word(&regs->sp);
}

/* The first five arguments of the call that returns, for the kernel keeps them in place. */
static __always_inline void kernel_args(struct pt_regs *regs, int compat, __u64 ret[5])
{
#ifdef __TARGET_ARCH_x86
	ret[0] = kernel_word(compat ? &regs->bx : &regs->di);
	ret[1] = kernel_word(compat ? &regs->cx : &regs->si);
	ret[2] = kernel_word(&regs->dx);
	ret[3] = kernel_word(compat ? &regs->si : &regs->r10);
	ret[4] = kernel_word(compat ? &regs->di : &regs->r8);
#else
	ret[0] = kernel_word(&regs->orig_x0);
	ret[1] = kernel_word(&regs->regs[1]);
	ret[2] = kernel_word(&regs->regs[2]);
	ret[3] = kernel_word(&regs->regs[3]);
	ret[4] = kernel_word(&regs->regs[4]);
#endif
}

#endif
