/* SPDX-License-Identifier: Apache-2.0 */
/* The filter, run by hand: what the kernel would answer to each call. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/bpf_common.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ior.h"
#include "sandbox_filter.h"
#include "suites.h"
#include "syscalls.h"

#define OWN_PID 4242
#define EVERY_NEED 63u

#ifdef __x86_64__
#define ARCH AUDIT_ARCH_X86_64
#else
#define ARCH AUDIT_ARCH_AARCH64
#endif

#define ALLOWED SECCOMP_RET_ALLOW
#define REFUSED (SECCOMP_RET_ERRNO | EPERM)
#define UNKNOWN (SECCOMP_RET_ERRNO | ENOSYS)

static struct sock_filter code[SANDBOX_FILTER_MAX];
static size_t len;

static void build(unsigned int needs)
{
	len = sandbox_filter_build(sandbox_calls, sandbox_calls_n, needs, OWN_PID, code);
	if (!len)
		ck_abort_msg("it does not fit");
}

static uint32_t run(const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t at = 0; at < len; at++) {
		const struct sock_filter *is = &code[at];
		bool jump = false;

		switch (is->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			memcpy(&a, (const char *)data + is->k, sizeof(a));
			continue;
		case BPF_RET | BPF_K:
			return is->k;
		case BPF_JMP | BPF_JEQ | BPF_K:
			jump = a == is->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			jump = a >= is->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			jump = a > is->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			jump = a & is->k;
			break;
		default:
			ck_abort_msg("an instruction that it has not");
		}
		at += jump ? is->jt : is->jf;
	}
	ck_abort_msg("no answer");
}

static uint32_t ask(int nr, unsigned int arg, uint64_t value)
{
	struct seccomp_data data = { .nr = nr, .arch = ARCH };

	data.args[arg] = value;
	return run(&data);
}

static uint32_t ask_option(int nr, uint64_t level, uint64_t name)
{
	const struct seccomp_data data = { .nr = nr, .arch = ARCH, .args = { 0, level, name } };

	return run(&data);
}

static uint64_t right_value(const struct sandbox_call *call)
{
	if (call->test == SANDBOX_OWN_PID)
		return OWN_PID;
	return call->test == SANDBOX_WITHOUT ? PROT_READ : call->value;
}

START_TEST(each_call_is_allowed_to_who_needs_it)
{
	for (unsigned int needs = 0; needs <= EVERY_NEED; needs++) {
		build(needs);
		for (size_t i = 0; i < sandbox_calls_n; i++) {
			const struct sandbox_call *call = &sandbox_calls[i];
			const bool allowed = !call->need || call->need & needs;
			struct seccomp_data data = { .nr = call->nr, .arch = ARCH };

			data.args[call->arg] = right_value(call);
			if (call->and_arg)
				data.args[call->and_arg] = call->and_value;
			if (call->nr >= 0 && run(&data) != (allowed ? ALLOWED : REFUSED))
				ck_abort_msg("%s, needs %u", call->name, needs);
		}
	}
}
END_TEST

static bool is_listed(int nr)
{
	for (size_t i = 0; i < sandbox_calls_n; i++)
		if (sandbox_calls[i].nr == nr)
			return true;
	return false;
}

START_TEST(every_other_call_is_refused_or_unknown)
{
	int last = 0;

	for (size_t i = 0; i < SYSCALLS; i++)
		if (syscalls[i].nr < IOR_NR_MAX && syscalls[i].nr > last)
			last = syscalls[i].nr;
	build(EVERY_NEED);
	for (int nr = 0; nr < 2048; nr++)
		if (!is_listed(nr) &&
		    ask(nr, 0, 0) != (nr > last || nr == SYS_clone3 ? UNKNOWN : REFUSED))
			ck_abort_msg("call %d, the last is %d", nr, last);
	ck_assert_uint_eq(ask(0x40000000, 0, 0), REFUSED);
	ck_assert_uint_eq(ask(-1, 0, 0), REFUSED);
}
END_TEST

START_TEST(arguments_decide)
{
	build(EVERY_NEED);
	ck_assert_uint_eq(ask(SYS_mmap, 2, PROT_READ | PROT_WRITE), ALLOWED);
	ck_assert_uint_eq(ask(SYS_mmap, 2, PROT_READ | PROT_EXEC), REFUSED);
	ck_assert_uint_eq(ask(SYS_mprotect, 2, PROT_EXEC), REFUSED);
	ck_assert_uint_eq(ask(SYS_tgkill, 0, OWN_PID + 1), REFUSED);
	for (uint64_t command = 0; command < 64; command++)
		if (ask(SYS_bpf, 0, command) !=
		    (command == 2 || command == 15 || command == 33 ? ALLOWED : REFUSED))
			ck_abort_msg("bpf command %d", (int)command);
	ck_assert_uint_eq(ask(SYS_openat, 2, 0), REFUSED);
	ck_assert_uint_eq(ask(SYS_sendto, 3, MSG_NOSIGNAL | MSG_MORE), ALLOWED);
	ck_assert_uint_eq(ask(SYS_sendto, 3, MSG_NOSIGNAL | MSG_FASTOPEN), REFUSED);
	ck_assert_uint_eq(ask(SYS_sendmsg, 2, MSG_NOSIGNAL | MSG_MORE), ALLOWED);
	ck_assert_uint_eq(ask(SYS_sendmsg, 2, MSG_FASTOPEN), REFUSED);
}
END_TEST

START_TEST(options_of_sockets_are_those_that_are_listed)
{
	build(EVERY_NEED);
	for (uint64_t level = 0; level < 300; level++)
		for (uint64_t name = 0; name < 100; name++) {
			const bool tcp = level == IPPROTO_TCP;
			const bool set = tcp ? name == TCP_NODELAY || name == TCP_CORK :
					       level == SOL_SOCKET && name == SO_LINGER;

			if (ask_option(SYS_setsockopt, level, name) != (set ? ALLOWED : REFUSED) ||
			    ask_option(SYS_getsockopt, level, name) !=
				    (tcp && name == TCP_INFO ? ALLOWED : REFUSED))
				ck_abort_msg("level %d, option %d", (int)level, (int)name);
		}
}
END_TEST

/* In a process of its own, for sanitizers need more calls when they end one. */
static int connect_under_filter(int ours, const struct sockaddr_in *to)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    sandbox_filter_install(sandbox_calls, sandbox_calls_n, EVERY_NEED) ||
	    shutdown(ours, SHUT_RD))
		return 255;
	if (sendto(ours, "", 1, MSG_FASTOPEN, (const struct sockaddr *)to, sizeof(*to)) >= 0)
		return 0;
	return errno;
}

/* As somebody would who broke in, out of the socket that it serves on. */
START_TEST(a_socket_that_listened_cannot_connect)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(to);
	int ours = socket(AF_INET, SOCK_STREAM, 0), others = socket(AF_INET, SOCK_STREAM, 0);
	int status;
	pid_t pid;

	ck_assert_int_eq(listen(ours, 1), 0); /* on any port of any address */
	ck_assert_int_eq(bind(others, (struct sockaddr *)&to, sizeof(to)), 0);
	ck_assert_int_eq(listen(others, 1), 0);
	ck_assert_int_eq(getsockname(others, (struct sockaddr *)&to, &size), 0);
	pid = fork();
	if (pid == 0)
		_exit(connect_under_filter(ours, &to));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), EPERM);
}
END_TEST

START_TEST(another_architecture_is_the_end)
{
	const struct seccomp_data data = { .nr = SYS_read, .arch = ARCH ^ 1 };

	build(0);
	ck_assert_uint_eq(run(&data), 0x80000000u);
}
END_TEST

Suite *sandbox_filter_suite(void)
{
	Suite *suite = suite_create("sandbox_filter");
	TCase *tcase = tcase_create("sandbox_filter");

	tcase_add_test(tcase, each_call_is_allowed_to_who_needs_it);
	tcase_add_test(tcase, every_other_call_is_refused_or_unknown);
	tcase_add_test(tcase, arguments_decide);
	tcase_add_test(tcase, options_of_sockets_are_those_that_are_listed);
	tcase_add_test(tcase, a_socket_that_listened_cannot_connect);
	tcase_add_test(tcase, another_architecture_is_the_end);
	suite_add_tcase(suite, tcase);
	return suite;
}
