/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that read user memory, under lockdown. libbpf (1.1 to 1.5) tries whether the kernel has
 * bpf_probe_read_kernel(), and if not, replaces bpf_probe_read_user() as well by the older
 * bpf_probe_read(). With lockdown=confidentiality the attempt fails for want of permission, and the
 * replacement is forbidden too, while reading user memory is allowed.
 */
#ifndef USER_READS_H
#define USER_READS_H

struct bpf_object;

/* Once, before an object is opened: programs of section "tp_btf/..." are loaded by a handler that
 * puts the replaced calls back. Returns 0 or -errno. */
int user_reads_register(void);

/* Between open and load: names the tracepoints of those programs that will be loaded, which
 * libbpf's own handler would do. Returns 0 or -errno. */
int user_reads_prepare(const struct bpf_object *object);

#endif
