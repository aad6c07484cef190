/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers of the few system calls that the programs treat apart. */
#ifndef IOR_NUMBERS_H
#define IOR_NUMBERS_H

#ifdef __TARGET_ARCH_x86
#define KERNEL_NR_RT_SIGRETURN 15
#define KERNEL_NR_RESTART_SYSCALL 219
#define KERNEL_NR_EXECVE 59
#define KERNEL_NR_EXECVEAT 322
#define KERNEL_NR_GETPPID 110
#define KERNEL_NR_CLONE 56
#define KERNEL_NR_FORK 57
#define KERNEL_NR_VFORK 58
#define KERNEL_NR_CLONE3 435
#else
#define KERNEL_NR_RT_SIGRETURN 139
#define KERNEL_NR_RESTART_SYSCALL 128
#define KERNEL_NR_EXECVE 221
#define KERNEL_NR_EXECVEAT 281
#define KERNEL_NR_GETPPID 173
#define KERNEL_NR_CLONE 220
#define KERNEL_NR_FORK KERNEL_NR_CLONE /* there is none */
#define KERNEL_NR_VFORK KERNEL_NR_CLONE
#define KERNEL_NR_CLONE3 435
#endif

/* TIF_SIGPENDING and TIF_NOTIFY_SIGNAL: 2 and 17 on x86, 0 and 6 or 7 on arm64, and 1 and 2 where
 * both take the bits of include/asm-generic/thread_info_tif.h. What else these bits have been is
 * set too seldom to be told apart. */
#ifdef __TARGET_ARCH_x86
#define KERNEL_SIGNAL_FLAGS (1ul << 1 | 1ul << 2 | 1ul << 17)
#else
#define KERNEL_SIGNAL_FLAGS (1ul << 0 | 1ul << 1 | 1ul << 2 | 1ul << 6 | 1ul << 7)
#endif

#endif
