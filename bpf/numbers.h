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

#endif
