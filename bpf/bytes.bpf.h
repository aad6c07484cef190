/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes of the calls whose return value alone does not tell them. The arguments are read when the
 * call returns: the registers still hold them, so the entry has nothing to save. Part of
 * ior.bpf.c.
 */
#ifndef IOR_BYTES_BPF_H
#define IOR_BYTES_BPF_H

#define MSG_PEEK 0x2
#define MSG_TRUNC 0x20
#define SYSLOG_ACTION_READ 2
#define SYSLOG_ACTION_READ_CLEAR 4

#define UIO_MAXIOV 1024

/* A pair of words of the user's: msg_iov and msg_iovlen of a struct msghdr, or a struct iovec.
 * `compat`: of 32 bits. Returns 0, or -errno. */
struct user_pair {
	__u64 first, second;
};

static __always_inline int read_pair(struct user_pair *ret, __u64 at, int compat)
{
	__u32 narrow[2] = {};
	int r;

	if (!compat)
		return bpf_probe_read_user(ret, sizeof(*ret), (void *)at);
	r = bpf_probe_read_user(narrow, sizeof(narrow), (void *)at);
	ret->first = narrow[0];
	ret->second = narrow[1];
	return r;
}

/* Sum of the buffers of a struct msghdr, as far as `enough`; `enough` if it can't be read. */
static __noinline __u64 buffers_of(__u64 msghdr, __u64 enough, int compat)
{
	/* msg_iov and an iovec follow a pointer and an int, padded where pointers are wide */
	const __u32 pair_size = compat ? 8 : 16;
	struct user_pair vector = {};
	__u64 sum = 0;
	__u32 i;

	if (read_pair(&vector, msghdr + pair_size, compat))
		return enough;
	for (i = 0; i < UIO_MAXIOV && i < vector.second && sum < enough; i++) {
		struct user_pair iovec = {};

		if (read_pair(&iovec, vector.first + i * pair_size, compat))
			return enough;
		sum += iovec.second;
	}
	return sum < enough ? sum : enough;
}

/* What a receiving call returned, less what only was looked at, or was cut off. */
static __always_inline __u64 received(__u64 ret, __u64 flags, __u64 room)
{
	if (flags & MSG_PEEK)
		return 0;
	return (flags & MSG_TRUNC) && room < ret ? room : ret;
}

/* `size` field of the struct xattr_args that getxattrat() takes. */
static __always_inline __u64 xattr_args_size(__u64 args)
{
	__u32 size = 1;

	(void)bpf_probe_read_user(&size, sizeof(size), (void *)(args + sizeof(__u64)));
	return size;
}

/* Bytes of a call that returned ret >= 0. */
static __noinline __u64 bytes_by_rule(struct task_struct *task, struct pt_regs *regs, __u32 nr,
				      __u64 ret)
{
	__u64 flags;

	asm volatile("%0 &= 1023" : "+r"(nr)); /* for the verifier, as in call_of() */
	switch (config.rule[nr]) {
	case IOR_RULE_RECVFROM:
		return received(ret, kernel_arg(task, regs, 3), kernel_arg(task, regs, 2));
	case IOR_RULE_RECVMSG:
		flags = kernel_arg(task, regs, 2);
		if ((flags & MSG_TRUNC) && !(flags & MSG_PEEK))
			return buffers_of(kernel_arg(task, regs, 1), ret,
					  kernel_in_compat_call(task, regs));
		return received(ret, flags, ret);
	case IOR_RULE_PROBE_2:
		return kernel_arg(task, regs, 2) ? ret : 0;
	case IOR_RULE_PROBE_3:
		return kernel_arg(task, regs, 3) ? ret : 0;
	case IOR_RULE_PROBE_4:
		return kernel_arg(task, regs, 4) ? ret : 0;
	case IOR_RULE_PROBE_XATTR_ARGS:
		return xattr_args_size(kernel_arg(task, regs, 4)) ? ret : 0;
	case IOR_RULE_SYSLOG:
		flags = (__u32)kernel_arg(task, regs, 0);
		return flags >= SYSLOG_ACTION_READ && flags <= SYSLOG_ACTION_READ_CLEAR ? ret : 0;
	case IOR_RULE_SENT_2:
		return kernel_arg(task, regs, 2);
	default:
		return ret;
	}
}

#endif
