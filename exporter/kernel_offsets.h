/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where this kernel keeps what the programs without CO-RE read of a task, as its BTF says.
 */
#ifndef KERNEL_OFFSETS_H
#define KERNEL_OFFSETS_H

#include <stdbool.h>
#include <stdint.h>

struct btf;
struct ior_settings;

/* Writes the offsets task_...; 0 for what the kernel does not have. They are used in pairs, the
 * leader with its comm and the alternate stack with its size, so both are known or neither is. */
void kernel_offsets_fill(const struct btf *btf, struct ior_settings *ret);

/* The same of the running kernel; leaves *ret as it is where there is no BTF of it. */
void kernel_offsets_find(struct ior_settings *ret);

/* TIF_SIGPENDING and TIF_NOTIFY_SIGNAL of a kernel of this release, which no BTF tells, as
 * ior_settings.signal_flags; and what else they may be where that is not known. */
uint32_t kernel_signal_flags(bool arm64, const char *release);

#endif
