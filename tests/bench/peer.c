/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#define START_MS 60000
#define STOP_MS 5000
#define STEP_MS 20

static const char *const peers[PEERS][8] = {
	/* bcc has it twice; this one needs no kernel headers (Debian: libbpf-tools) */
	[PEER_SYSCOUNT] = { "syscount", "-L" },
	[PEER_BPFTRACE] = { "bpftrace", "-e",
			    "tracepoint:raw_syscalls:sys_enter { @start[tid] = nsecs; } "
			    "tracepoint:raw_syscalls:sys_exit /@start[tid]/ { "
			    "@ns[comm, args->id] = hist(nsecs - @start[tid]); "
			    "delete(@start[tid]); }" },
};

const char *peer_name(enum peer peer)
{
	return peer == PEER_SYSCOUNT ? "syscount -L" : "bpftrace hist()";
}

static void sleep_ms(long ms)
{
	const struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

/* Does the process have a BPF program at this tracepoint, by a perf event or by a raw one? */
static bool attached(pid_t pid, const char *tracepoint)
{
	bool found = false;
	char path[64];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir))) {
		__u32 length, program, type;
		__u64 offset, address;
		char name[64] = "";

		if (entry->d_name[0] == '.')
			continue;
		length = sizeof(name);
		if (!bpf_task_fd_query(pid, (int)strtol(entry->d_name, NULL, 10), 0, name, &length,
				       &program, &type, &offset, &address))
			found = !strcmp(name, tracepoint);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* In the child. The programs look for tracefs and debugfs where they usually are; mounted in a
 * namespace of the child's own, so that nothing of the machine changes. */
_Noreturn static void become(enum peer peer, int output)
{
	int null = open("/dev/null", O_RDWR);
	sigset_t none;
	cpu_set_t all;

	if (!unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
		if (access("/sys/kernel/tracing/events", F_OK))
			(void)mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
		if (access("/sys/kernel/debug/tracing", F_OK))
			(void)mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	}
	prctl(PR_SET_PDEATHSIG, SIGINT);
	memset(&all, 0xff, sizeof(all)); /* not just the CPU that the benchmark is pinned to */
	sched_setaffinity(0, sizeof(all), &all);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(null, 0);
	dup2(output, 1);
	dup2(output, 2);
	execvp(peers[peer][0], (char *const *)peers[peer]);
	dprintf(2, "%s\n", errno == ENOENT ? "not installed" : strerror(errno));
	_exit(127);
}

/* The line of the output that tells most about a failure: the first with an error in it, or else
 * the last. */
static void reason(int output, char *why, size_t size)
{
	char text[4096], *line, *rest = text, *best = NULL;
	ssize_t length = pread(output, text, sizeof(text) - 1, 0);

	text[length > 0 ? length : 0] = '\0';
	while ((line = strsep(&rest, "\n"))) {
		if (!*line)
			continue;
		best = line;
		if (strcasestr(line, "unable") ||
		    (strcasestr(line, "error") && !strcasestr(line, "rlimit")))
			break;
	}
	if (best && (rest = strstr(best, ". ")))
		*rest = '\0'; /* the first sentence will do */
	snprintf(why, size, "%.80s", best ? best : "ended at once");
}

void peer_stop(pid_t pid)
{
	kill(pid, SIGINT);
	for (int ms = 0; ms < STOP_MS; ms += STEP_MS) {
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return;
		sleep_ms(STEP_MS);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int peer_start(enum peer peer, pid_t *ret, char *why, size_t size)
{
	int output = memfd_create("peer", MFD_CLOEXEC), r = -ETIMEDOUT;
	pid_t pid = output < 0 ? -1 : fork();

	snprintf(why, size, "does not start");
	if (!pid)
		become(peer, output);
	for (int ms = 0; pid > 0 && ms < START_MS; ms += STEP_MS) {
		if (attached(pid, "sys_enter") && attached(pid, "sys_exit")) {
			close(output);
			*ret = pid;
			return 0;
		}
		if (waitpid(pid, NULL, WNOHANG) == pid) {
			reason(output, why, size);
			pid = 0;
			r = -ENOEXEC;
		}
		sleep_ms(STEP_MS);
	}
	if (pid > 0) {
		snprintf(why, size, "attached nothing in %d s", START_MS / 1000);
		peer_stop(pid);
	}
	if (output >= 0)
		close(output);
	return r;
}
