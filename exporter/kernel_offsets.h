/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where this kernel keeps what the programs without CO-RE read of a task, as its BTF says.
 */
#ifndef KERNEL_OFFSETS_H
#define KERNEL_OFFSETS_H

struct btf;
struct ior_settings;

/* Writes the offsets task_...; 0 for what the kernel does not have. They are used in pairs, the
 * leader with its comm and the alternate stack with its size, so both are known or neither is. */
void kernel_offsets_fill(const struct btf *btf, struct ior_settings *ret);

/* The same of the running kernel; leaves *ret as it is where there is no BTF of it. */
void kernel_offsets_find(struct ior_settings *ret);

#endif
