/* SPDX-License-Identifier: Apache-2.0 */
#include "opener_process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox.h"
#include "sandbox_calls.h"
#include "sandbox_filter.h"

#define READ_ONLY (O_RDONLY | O_CLOEXEC)
#define CALL(NAME) .name = #NAME, .nr = SYS_##NAME

/* All that it may do. A descriptor for reading is the most that it can get. */
static const struct sandbox_call calls[] = {
	{ CALL(recvmsg) },
	{ CALL(sendmsg) },
	{ CALL(openat), .test = SANDBOX_IS, .arg = 2, .value = READ_ONLY },
	{ CALL(openat), .test = SANDBOX_IS, .arg = 2, .value = READ_ONLY | O_NONBLOCK },
	{ CALL(newfstatat) },
	{ CALL(fstat) },
	{ CALL(statfs) },
	{ CALL(close) },
	{ CALL(rt_sigreturn) },
	{ CALL(restart_syscall) },
	{ CALL(exit_group) },
};

/* ---- messages ---- */

/* Room for one descriptor, aligned for the head. */
union control {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int))];
};

ssize_t opener_receive(int socket, void *ret, size_t size, int *ret_fd)
{
	union control control;
	struct iovec part = { ret, size };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };
	const struct cmsghdr *head;
	ssize_t n;

	*ret_fd = -1;
	do
		n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	head = CMSG_FIRSTHDR(&message);
	if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS)
		memcpy(ret_fd, CMSG_DATA(head), sizeof(*ret_fd));
	return n;
}

static void reply(int socket, const struct opener_answer *answer, int fd)
{
	union control control;
	struct iovec part = { (void *)answer, sizeof(*answer) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	memset(&control, 0, sizeof(control));
	if (fd >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	}
	(void)sendmsg(socket, &message, MSG_NOSIGNAL); /* who asked has ended if it fails */
}

/* ---- the process ---- */

/* Who asks may be somebody who broke in: nothing is told of what is no cgroup, not even whether it
 * is there; nor of a folder on the way to one. */
static int64_t find_cgroup(const char *path, uint64_t *ret)
{
	return strstr(path, "..") || opener_cgroup_here(path, ret) < 0 ? -ENOTTY : 0;
}

static void serve_one(int socket, const struct opener_question *question,
		      const char (*files)[PATH_MAX], size_t n)
{
	struct opener_answer answer = { .error = -EINVAL };
	int fd = -1;

	if (question->kind == OPENER_CGROUP) {
		answer.error = find_cgroup(question->path, &answer.number);
	} else if (question->file < n) {
		fd = opener_open_here(files[question->file], question->kind == OPENER_REGULAR);
		answer.error = fd < 0 ? fd : 0;
	}
	reply(socket, &answer, fd);
	if (fd >= 0)
		(void)close(fd);
}

/* All capabilities but the one to read what others own, in each set. */
static void keep_reading(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct set[2] = { { 0 }, { 0 } };
	const uint32_t read = CAP_TO_MASK(CAP_DAC_READ_SEARCH);
	struct sandbox_report unused = { .kept_n = 0 };

	(void)sandbox_no_new_privs();
	sandbox_bounding_set(&unused);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	(void)syscall(SYS_capget, &head, set);
	set[0].effective = set[0].permitted = set[0].permitted & read;
	set[1].effective = set[1].permitted = 0;
	set[0].inheritable = set[1].inheritable = 0;
	if (syscall(SYS_capset, &head, set))
		_exit(1);
}

/* Nothing but the socket and standard error is open here: it must hold no program of the kernel's
 * nor a listening socket when the exporter has ended. */
static void close_all_but(int socket)
{
	const int last = (int)sysconf(_SC_OPEN_MAX);

	if (dup2(socket, STDIN_FILENO) < 0)
		_exit(1);
	if (close_range(STDERR_FILENO + 1, ~0u, 0) == 0) /* Linux 5.9 */
		return;
	for (int fd = STDERR_FILENO + 1; fd < last; fd++)
		(void)close(fd);
}

_Noreturn static void run(int socket, const char (*files)[PATH_MAX], size_t n)
{
	static struct opener_question question;
	int fd;

	close_all_but(socket);
	socket = STDIN_FILENO;
	(void)prctl(PR_SET_NAME, "ior_opener", 0, 0, 0);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	keep_reading();
	if (!SANDBOX_BUILD) /* a sanitizer, which may have a thread of its own, needs more */
		(void)sandbox_filter_install(calls, sizeof(calls) / sizeof(calls[0]), 0);
	while (opener_receive(socket, &question, sizeof(question), &fd) == sizeof(question)) {
		question.path[sizeof(question.path) - 1] = '\0';
		serve_one(socket, &question, files, n);
	}
	_exit(0);
}

int opener_process_start(const char (*files)[PATH_MAX], size_t n)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		run(pair[1], files, n);
	(void)close(pair[1]);
	if (pid > 0)
		return pair[0];
	(void)close(pair[0]);
	return -errno;
}
