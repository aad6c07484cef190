/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes known calls under a given comm, for tests of the whole program.
 *
 * usage: workload COMM COMMAND...     getppid=N read10=N badclose=N write100=N nap=MS naps=N kcmp=N
 *                                     missing=N send50=N sendfile1000=N hang=1 (for ever)
 *                                     as=COMM (from here on) flood=N (N comms, a kcmp each)
 *                                     brief=N (N processes of 1000 comms, a kcmp each)
 *
 * Says "ready", waits for a line, makes the calls, says "done", and waits for the end of its input.
 * It has the comm only while it makes the calls, so its own reading and writing is not among them:
 * under COMM there are the calls asked for, and one prctl.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int zero, null, file, pair[2];
static long nap_ms = 10;

static void must(int condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	exit(1);
}

static void getppid_once(void)
{
	(void)syscall(SYS_getppid);
}

static void read_ten(void)
{
	char bytes[10];

	must(syscall(SYS_read, zero, bytes, sizeof(bytes)) == sizeof(bytes), "read");
}

static void write_hundred(void)
{
	static const char bytes[100];

	must(syscall(SYS_write, null, bytes, sizeof(bytes)) == sizeof(bytes), "write");
}

static void close_nothing(void)
{
	must(syscall(SYS_close, -1) == -1, "close");
}

static void open_nothing(void)
{
	must(syscall(SYS_openat, AT_FDCWD, "/nowhere", O_RDONLY) == -1, "open");
}

/* 50 bytes by sendto, and by recvfrom */
static void send_fifty(void)
{
	char bytes[50] = "";

	must(syscall(SYS_sendto, pair[0], bytes, sizeof(bytes), 0, NULL, 0) == 50, "sendto");
	must(syscall(SYS_recvfrom, pair[1], bytes, sizeof(bytes), 0, NULL, NULL) == 50, "recvfrom");
}

static void sendfile_thousand(void)
{
	off_t at = 0;

	must(syscall(SYS_sendfile, null, file, &at, 1000) == 1000, "sendfile");
}

/* A read that never returns. */
static void hang(void)
{
	char byte;

	(void)syscall(SYS_read, pair[1], &byte, 1);
}

static void nap(void)
{
	const struct timespec length = { nap_ms / 1000, nap_ms % 1000 * 1000000 };

	must(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &length, NULL) == 0, "nap");
}

/* Nobody else makes this call; it fails. */
static void kcmp_once(void)
{
	must(syscall(SYS_kcmp, 0, 0, -1, 0, 0) == -1, "kcmp");
}

static void flood_once(void)
{
	static unsigned int n;
	char name[16];

	(void)snprintf(name, sizeof(name), "flood%u", n++);
	must(prctl(PR_SET_NAME, name, 0, 0, 0) == 0, "prctl");
	kcmp_once();
}

/* A process that lives for three calls: prctl, kcmp and exit_group. */
static void brief_once(void)
{
	static unsigned int n;
	char name[16];
	pid_t pid;

	(void)snprintf(name, sizeof(name), "brief%u", n++ % 1000);
	pid = vfork(); /* 70 us; fork() copies page tables for milliseconds on some machines */
	must(pid >= 0, "vfork");
	if (!pid) {
		(void)syscall(SYS_prctl, PR_SET_NAME, name, 0, 0, 0);
		(void)syscall(SYS_kcmp, 0, 0, -1, 0, 0);
		_exit(0);
	}
	must(waitpid(pid, NULL, 0) == pid, "waitpid");
}

static const struct {
	const char *name;
	void (*once)(void);
} commands[] = {
	{ "getppid", getppid_once },
	{ "read10", read_ten },
	{ "write100", write_hundred },
	{ "badclose", close_nothing },
	{ "naps", nap },
	{ "kcmp", kcmp_once },
	{ "flood", flood_once },
	{ "brief", brief_once },
	{ "missing", open_nothing },
	{ "send50", send_fifty },
	{ "hang", hang },
	{ "sendfile1000", sendfile_thousand },
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void obey(const char *command)
{
	size_t n = strcspn(command, "=");
	long times = command[n] ? strtol(command + n + 1, NULL, 10) : -1;
	size_t at = 0;

	if (!strncmp(command, "as=", 3)) {
		must(prctl(PR_SET_NAME, command + 3, 0, 0, 0) == 0, "prctl");
		return;
	}
	if (!strncmp(command, "nap=", 4)) {
		nap_ms = times;
		return;
	}
	while (at < COMMANDS &&
	       (strlen(commands[at].name) != n || strncmp(commands[at].name, command, n)))
		at++;
	if (at == COMMANDS || times < 0) {
		fprintf(stderr, "workload: what is '%s'?\n", command);
		exit(2);
	}
	while (times--)
		commands[at].once();
}

int main(int argc, char *argv[])
{
	char line[16];

	if (argc < 2)
		return 2;
	zero = open("/dev/zero", O_RDONLY);
	null = open("/dev/null", O_WRONLY);
	must(zero >= 0 && null >= 0, "open");
	file = memfd_create("file", 0);
	must(file >= 0 && !ftruncate(file, 1000), "memfd");
	must(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
	must(write(STDOUT_FILENO, "ready\n", 6) == 6, "write");
	must(read(STDIN_FILENO, line, sizeof(line)) > 0, "read");
	must(prctl(PR_SET_NAME, argv[1], 0, 0, 0) == 0, "prctl");
	for (int i = 2; i < argc; i++)
		obey(argv[i]);
	must(prctl(PR_SET_NAME, "workload", 0, 0, 0) == 0, "prctl");
	must(write(STDOUT_FILENO, "done\n", 5) == 5, "write");
	while (read(STDIN_FILENO, line, sizeof(line)) > 0)
		;
	return 0;
}
