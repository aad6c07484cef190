/* SPDX-License-Identifier: Apache-2.0 */
#include "escapes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Each returns a negative number with errno set, or that it worked. */

static long done(long fd)
{
	if (fd >= 0)
		(void)close((int)fd);
	return fd;
}

static long open_public(void)
{
	return done(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}

static long open_secret(void)
{
	return done(open("/etc/shadow", O_RDONLY | O_CLOEXEC));
}

/* A newer call, whose flags no filter sees. */
static long open_other_way(void)
{
	const uint64_t how[3] = { O_RDONLY | O_CLOEXEC };

	return done(syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", how, sizeof(how)));
}

static long write_file(void)
{
	const long fd = done(open("/tmp", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));

	return fd;
}

static long list_folder(void)
{
	return done(open("/etc", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/* Of nothing, for one that works is our end. */
static long execute(void)
{
	char *const none[] = { NULL };

	return syscall(SYS_execve, "/ior-escape", none, none);
}

static long fork_process(void)
{
	const long pid = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0)
		syscall(SYS_exit_group, 0);
	if (pid > 0)
		(void)waitpid((pid_t)pid, NULL, 0);
	return pid;
}

static long make_socket(void)
{
	return done(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

/* Nobody listens on port 1. */
static long connect_out(void)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
					.sin_port = htons(1),
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const long r = connect(fd, (const struct sockaddr *)&to, sizeof(to));
	const int error = errno;

	(void)done(fd);
	errno = error;
	return r;
}

/* What connects any socket that has no connection; here it is none. */
static long connect_sending(void)
{
	return sendto(-1, "", 1, MSG_FASTOPEN, NULL, 0);
}

static long connect_sending_message(void)
{
	const struct msghdr none = { .msg_name = NULL };

	return sendmsg(-1, &none, MSG_FASTOPEN);
}

/* A program for packets, in the kernel; without one. */
static long attach_filter(void)
{
	return setsockopt(-1, SOL_SOCKET, SO_ATTACH_FILTER, NULL, 0);
}

/* With options that there are not, for a parent that is traced stops at each signal. */
static long trace_parent(void)
{
	return ptrace(PTRACE_SEIZE, getppid(), NULL, (void *)0x8000);
}

/* From where it has no memory. */
static long read_parent(void)
{
	char byte;
	const struct iovec here = { &byte, 1 }, there = { NULL, 1 };

	return process_vm_readv(getppid(), &here, 1, &there, 1, 0);
}

static long signal_parent(void)
{
	return kill(getppid(), 0);
}

static long signal_parent_thread(void)
{
	return syscall(SYS_tgkill, getppid(), getppid(), 0);
}

static long mount_nothing(void)
{
	return mount("none", "/", "ior_none", 0, NULL);
}

static long change_root(void)
{
	return chroot("/");
}

static long own_user_namespace(void)
{
	return unshare(CLONE_NEWUSER);
}

static long become_root(void)
{
	return syscall(SYS_setresuid, 0, 0, 0);
}

static long load_program(void)
{
	const struct bpf_insn code[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K },
					 { .code = BPF_JMP | BPF_EXIT } };
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	attr.insns = (uintptr_t)code;
	attr.insn_cnt = 2;
	attr.license = (uintptr_t) "";
	return done(syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr)));
}

static long make_map(void)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = attr.value_size = 4;
	attr.max_entries = 1;
	return done(syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)));
}

/* Without the numbers that say that it is meant. */
static long reboot_machine(void)
{
	return syscall(SYS_reboot, 0, 0, 0, NULL);
}

static long run_memory(void)
{
	void *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (code == MAP_FAILED)
		return -1;
	(void)munmap(code, 4096);
	return 0;
}

/* Input to the terminal; ours is none. */
static long type_into_terminal(void)
{
	return ioctl(STDERR_FILENO, TIOCSTI, "");
}

/* Its flags are in memory. */
static long clone_newer(void)
{
	return syscall(SYS_clone3, NULL, 0);
}

/* One that nobody knows yet. */
static long call_unknown(void)
{
	return syscall(4000);
}

static const struct {
	const char *name;
	long (*try)(void);
} escapes[] = {
	{ "open-public", open_public },
	{ "open-secret", open_secret },
	{ "openat2", open_other_way },
	{ "write-file", write_file },
	{ "list-folder", list_folder },
	{ "execve", execute },
	{ "fork", fork_process },
	{ "socket", make_socket },
	{ "connect", connect_out },
	{ "connect-sendto", connect_sending },
	{ "connect-sendmsg", connect_sending_message },
	{ "setsockopt", attach_filter },
	{ "ptrace", trace_parent },
	{ "process_vm_readv", read_parent },
	{ "kill", signal_parent },
	{ "tgkill", signal_parent_thread },
	{ "mount", mount_nothing },
	{ "chroot", change_root },
	{ "setresuid", become_root },
	{ "bpf-prog-load", load_program },
	{ "bpf-map-create", make_map },
	{ "reboot", reboot_machine },
	{ "mmap-exec", run_memory },
	{ "ioctl", type_into_terminal },
	{ "clone3", clone_newer },
	{ "unknown", call_unknown },
	{ "unshare", own_user_namespace }, /* the last: behind it, root is another */
};

void escapes_try(char ret[ESCAPES_SIZE])
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		const bool worked = escapes[i].try() >= 0;

		n += (size_t)snprintf(ret + n, ESCAPES_SIZE - n, "%s %s\n", escapes[i].name,
				      worked ? "0" : strerrorname_np(errno));
	}
}

void escapes_say(void)
{
	char text[ESCAPES_SIZE];

	escapes_try(text);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		fprintf(stderr, "escape: %s\n", line);
}
