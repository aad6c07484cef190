/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes of the calls whose return value alone does not tell them. The arguments are read when the
 * call returns: the registers still hold them, so the entry has nothing to save. Part of
 * each object.
 */
#ifndef IOR_BYTES_BPF_H
#define IOR_BYTES_BPF_H

#define MSG_PEEK 0x2
#define MSG_TRUNC 0x20
#define SYSLOG_ACTION_READ 2
#define SYSLOG_ACTION_READ_CLEAR 4

#define UIO_MAXIOV 1024

/* A word of the user's memory, of 32 bits if `compat`; all ones if it can't be read. Global, as
 * what takes only numbers can be: see RARE. */
__noinline __u64 user_word(__u64 at, __u32 compat)
{
	__u64 word = 0;

	/* little-endian, as both architectures are */
	if (bpf_probe_read_user(&word, compat ? 4 : 8, (void *)at))
		return ~0ull;
	return word;
}

/* Lengths of the first n of a block of struct iovecs, a pointer and a length each; at least 2^31 if
 * one can't be read or is longer than the kernel allows. */
#define BLOCK 32
__noinline __u64 lengths_of(__u64 iov, __u64 n, __u32 compat)
{
	const __u32 word = compat ? 4 : 8;
	__u64 sum = 0;
	__u32 i;

	for (i = 0; i < BLOCK && i < n; i++) {
		__u64 length = user_word(iov + (2 * i + 1) * word, compat);

		if (length >> 31)
			return 1ull << 31;
		sum += length;
	}
	return sum;
}

/* Sum of the buffers of a struct msghdr, as far as `enough`; `enough` if it can't be read. */
__noinline __u64 buffers_of(__u64 msghdr, __u64 enough, __u32 compat)
{
	const __u32 word = compat ? 4 : 8;
	/* msg_iov and msg_iovlen follow a pointer and an int, padded where pointers are wide */
	const __u64 iov = user_word(msghdr + 2 * word, compat);
	const __u64 n = user_word(msghdr + 3 * word, compat);
	__u64 sum = 0;
	__u32 i;

	for (i = 0; i < UIO_MAXIOV && i < n && sum < enough; i += BLOCK)
		sum += lengths_of(iov + 2 * i * word, n - i, compat);
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

/* What a rule needs of a call that returned. */
struct moved {
	__u64 ret;
	__u64 arg[5];
	__u32 rule;
	__u32 compat;
};

/* n is no constant, and no array on the stack can be read by such a number before 5.13. */
static __always_inline __u64 argument(const struct moved *moved, __u32 n)
{
	switch (n) {
	case 0:
		return moved->arg[0];
	case 1:
		return moved->arg[1];
	case 2:
		return moved->arg[2];
	case 3:
		return moved->arg[3];
	default:
		return moved->arg[4];
	}
}

/* Bytes of a call that returned ret >= 0, with the arguments that its rule names. */
RARE __u64 apply_rule(const struct moved *moved)
{
	__u64 a, b, ret;

	if (!moved)
		return 0;
	ret = moved->ret;
	a = argument(moved, moved->rule >> 4 & 15);
	b = argument(moved, moved->rule >> 8);
	switch (moved->rule & 15) {
	case IOR_RULE_RECVFROM:
		return received(ret, a, b);
	case IOR_RULE_RECVMSG:
		if ((a & MSG_TRUNC) && !(a & MSG_PEEK))
			return buffers_of(b, ret, moved->compat);
		return received(ret, a, ret);
	case IOR_RULE_PROBE:
		return a ? ret : 0;
	case IOR_RULE_PROBE_XATTR_ARGS:
		return xattr_args_size(a) ? ret : 0;
	case IOR_RULE_SYSLOG:
		a = (__u32)a;
		return a >= SYSLOG_ACTION_READ && a <= SYSLOG_ACTION_READ_CLEAR ? ret : 0;
	case IOR_RULE_SENT:
		return a;
	default:
		return ret;
	}
}

static __noinline __u64 bytes_by_rule(struct task_struct *task, struct pt_regs *regs, __u32 nr,
				      __u64 ret)
{
	struct moved moved = { .ret = ret, .compat = !!kernel_in_compat_call(task, regs) };

	asm volatile("%0 &= 1023" : "+r"(nr)); /* for the verifier, as in call_of() */
	moved.rule = config.rule[nr];
	kernel_args(regs, moved.compat, moved.arg);
	return apply_rule(&moved);
}

#endif
