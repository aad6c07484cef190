/* SPDX-License-Identifier: Apache-2.0 */
/* By hand, without libseccomp: what that does better, the order of many rules, the kernel does
 * since 5.11: it knows by the number alone the calls that are always allowed, and runs the program
 * only for the others. */
#include "sandbox_filter.h"

#include <asm/unistd.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#error "sandbox_filter.c: name this machine's AUDIT_ARCH_"
#endif

/* The last call of bpf/syscalls.tsv. */
#define LAST_KNOWN 472

#define X32 0x40000000u /* marks the calls of another ABI; none of ours */

#define DENY (SECCOMP_RET_ERRNO | EPERM)
#define UNKNOWN (SECCOMP_RET_ERRNO | ENOSYS)

#ifndef SECCOMP_RET_KILL_PROCESS
#define SECCOMP_RET_KILL_PROCESS 0x80000000u
#endif

struct program {
	struct sock_filter *code;
	size_t n;
	bool full;
};

static void add(struct program *program, uint16_t code, uint32_t k, uint8_t jt, uint8_t jf)
{
	if (program->n == SANDBOX_FILTER_MAX)
		program->full = true;
	else
		program->code[program->n++] = (struct sock_filter){ code, jt, jf, k };
}

static void load(struct program *program, size_t offset)
{
	add(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void answer(struct program *program, uint32_t action)
{
	add(program, BPF_RET | BPF_K, action, 0, 0);
}

/* The lower half of an argument: both machines are little endian. */
static size_t argument(unsigned int number)
{
	return offsetof(struct seccomp_data, args) + sizeof(uint64_t) * number;
}

/* The number is loaded, before and after. */
static void add_call(struct program *program, const struct sandbox_call *call, uint32_t own_pid)
{
	const uint32_t value = call->test == SANDBOX_OWN_PID ? own_pid : call->value;
	const uint8_t more = call->and_arg ? 2 : 0; /* instructions */

	if (call->test == SANDBOX_ANY) {
		add(program, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call->nr, 0, 1);
		answer(program, SECCOMP_RET_ALLOW);
		return;
	}
	add(program, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call->nr, 0, 4 + more);
	load(program, argument(call->arg));
	if (call->test == SANDBOX_WITHOUT)
		add(program, BPF_JMP | BPF_JSET | BPF_K, value, 1 + more, 0);
	else
		add(program, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1 + more);
	if (more) {
		load(program, argument(call->and_arg));
		add(program, BPF_JMP | BPF_JEQ | BPF_K, call->and_value, 0, 1);
	}
	answer(program, SECCOMP_RET_ALLOW);
	load(program, offsetof(struct seccomp_data, nr));
}

size_t sandbox_filter_build(const struct sandbox_call *calls, size_t n, unsigned int needs,
			    uint32_t own_pid, struct sock_filter ret[SANDBOX_FILTER_MAX])
{
	struct program program = { .code = ret };

	load(&program, offsetof(struct seccomp_data, arch));
	add(&program, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	answer(&program, SECCOMP_RET_KILL_PROCESS);
	load(&program, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < n; i++)
		if (calls[i].nr >= 0 && (!calls[i].need || calls[i].need & needs))
			add_call(&program, &calls[i], own_pid);
	/* its flags are in memory, where no filter sees them; libraries know clone(2) as well */
	add(&program, BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 2, 0);
	add(&program, BPF_JMP | BPF_JGE | BPF_K, X32, 2, 0);
	add(&program, BPF_JMP | BPF_JGT | BPF_K, LAST_KNOWN, 0, 1);
	answer(&program, UNKNOWN);
	answer(&program, DENY);
	return program.full ? 0 : program.n;
}

int sandbox_filter_install(const struct sandbox_call *calls, size_t n, unsigned int needs)
{
	struct sock_filter code[SANDBOX_FILTER_MAX];
	size_t len = sandbox_filter_build(calls, n, needs, (uint32_t)getpid(), code);
	const struct sock_fprog program = { (unsigned short)len, code };
	long r;

	if (!len)
		return -E2BIG;
	r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
	if (r > 0)
		return -ESRCH; /* a thread that has a filter of its own */
	return r < 0 ? -errno : 0;
}
