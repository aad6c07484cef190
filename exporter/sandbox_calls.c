/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox_calls.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

/* Calls that not every machine has. */
#ifdef SYS_poll
#define NR_POLL SYS_poll
#else
#define NR_POLL -1
#endif
#ifdef SYS_epoll_wait
#define NR_EPOLL_WAIT SYS_epoll_wait
#else
#define NR_EPOLL_WAIT -1
#endif

#ifdef SYS_newfstatat
#define NR_NEWFSTATAT SYS_newfstatat
#else
#define NR_NEWFSTATAT -1
#endif

#define CALL(NAME) .name = #NAME, .nr = SYS_##NAME
#define IS(ARG, VALUE, WORDS) \
	.test = SANDBOX_IS, .arg = (ARG), .value = (VALUE), .condition = (WORDS)

#define OPTION(LEVEL, NAME) IS(1, LEVEL, "option is `" #NAME "`"), .and_arg = 2, .and_value = (NAME)
/* It makes a connection out of any socket that has none, such as one that listened until it was
 * shut down; and Landlock knows only connect(2). */
#define NO_CONNECT(ARG)                                               \
	.test = SANDBOX_WITHOUT, .arg = (ARG), .value = MSG_FASTOPEN, \
	.condition = "without `MSG_FASTOPEN`"

#define CLIENTS "talk to clients"
#define LOOP "wait for clients"
#define MEMORY "memory of pages and of the table of series"
#define CLOCK "the time, where the machine's clock is not mapped"

/* Often made ones first, for kernels that go through the program each time. */
const struct sandbox_call sandbox_calls[] = {
	{ CALL(futex), .why = "locks" },
	{ .name = "epoll_wait", .nr = NR_EPOLL_WAIT, .why = LOOP },
	{ CALL(epoll_pwait), .why = LOOP },
	{ CALL(epoll_ctl), .why = LOOP },
	{ CALL(accept4), .why = LOOP },
	{ CALL(recvfrom), .why = CLIENTS },
	{ CALL(recvmsg), .why = CLIENTS ", and take files from the opener" },
	{ CALL(sendto), NO_CONNECT(3), .why = CLIENTS },
	{ CALL(sendmsg), NO_CONNECT(2), .why = CLIENTS ", and ask the opener" },
	{ CALL(read), .why = "descriptors that are open: wake-ups, calls in flight, /proc/self" },
	{ CALL(pread64), .why = "the same from a place" },
	{ CALL(lseek), .why = "the same from the start" },
	{ CALL(write), .why = "the log, what --once prints, wake-ups" },
	{ CALL(writev), .why = CLIENTS },
	{ CALL(sendfile), .why = CLIENTS },
	{ CALL(shutdown), .why = "end a connection" },
	{ CALL(close), .why = "end a connection" },
	{ CALL(setsockopt), OPTION(IPPROTO_TCP, TCP_NODELAY),
	  .why = "when a part of an answer is sent" },
	{ CALL(setsockopt), OPTION(IPPROTO_TCP, TCP_CORK), .why = "the same" },
	{ CALL(setsockopt), OPTION(SOL_SOCKET, SO_LINGER), .why = "end a connection at once" },
	{ CALL(getsockopt), OPTION(IPPROTO_TCP, TCP_INFO), .why = "whether a client reads" },
	{ CALL(ioctl), IS(1, SIOCOUTQ, "command is `SIOCOUTQ`"), .why = "whether a client reads" },
	{ .name = "poll", .nr = NR_POLL, .why = "an output that is full" },
	{ CALL(ppoll), .why = "an output that is full" },
	{ CALL(fcntl), IS(1, F_GETFL, "command is `F_GETFL`"), .why = "what a descriptor is for" },
	{ CALL(fcntl), IS(1, F_GETFD, "command is `F_GETFD`"), .why = "whether it is open" },
	{ CALL(mmap), .test = SANDBOX_WITHOUT, .arg = 2, .value = PROT_EXEC,
	  .condition = "without `PROT_EXEC`", .why = MEMORY },
	{ CALL(mprotect), .test = SANDBOX_WITHOUT, .arg = 2, .value = PROT_EXEC,
	  .condition = "without `PROT_EXEC`", .why = MEMORY },
	{ CALL(munmap), .why = MEMORY },
	{ CALL(mremap), .why = MEMORY },
	{ CALL(madvise), .why = MEMORY },
	{ CALL(brk), .why = MEMORY },
	{ CALL(clock_gettime), .why = CLOCK },
	{ CALL(gettimeofday), .why = CLOCK },
	{ CALL(clock_nanosleep), .why = "wait" },
	{ CALL(nanosleep), .why = "wait" },
	{ CALL(restart_syscall), .why = "go on after a stop" },
	{ CALL(sched_yield), .why = "locks" },
	{ CALL(sched_getaffinity), .why = "how many CPUs malloc(3) shares memory among" },
	{ CALL(getrandom), .why = "TLS" },
	{ CALL(getpid), .why = "TLS" },
	{ CALL(gettid), .why = "locks" },
	{ CALL(rt_sigtimedwait), .why = "SIGTERM and SIGHUP" },
	{ CALL(rt_sigprocmask), .why = "SIGTERM and SIGHUP" },
	{ CALL(rt_sigaction), .why = "abort(3)" },
	{ CALL(rt_sigreturn), .why = "return from a handler" },
	{ CALL(tgkill), .test = SANDBOX_OWN_PID, .condition = "to itself", .why = "abort(3)" },
	{ CALL(rseq), .why = "the end of a thread" },
	{ CALL(exit), .why = "the end of a thread" },
	{ CALL(exit_group), .why = "the end" },

	{ CALL(bpf), .need = SANDBOX_BPF, IS(0, BPF_MAP_UPDATE_ELEM, "`BPF_MAP_UPDATE_ELEM`"),
	  .why = "give idle rows to others, wait for the programs" },
	{ CALL(bpf), .need = SANDBOX_IN_FLIGHT, IS(0, BPF_ITER_CREATE, "`BPF_ITER_CREATE`"),
	  .why = "list the calls in flight" },
	{ CALL(bpf), .need = SANDBOX_PROGRAMS,
	  IS(0, BPF_OBJ_GET_INFO_BY_FD, "`BPF_OBJ_GET_INFO_BY_FD`"),
	  .why = "what the kernel says of the programs" },
	{ CALL(openat), .need = SANDBOX_CGROUPS,
	  IS(2, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
	     "flags are `O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC`"),
	  .why = "folders below `--path.cgroup`" },
	{ CALL(fstat), .need = SANDBOX_WEB, .why = "whether a file of it has changed" },
	{ .name = "newfstatat",
	  .nr = NR_NEWFSTATAT,
	  .need = SANDBOX_WEB,
	  IS(3, AT_EMPTY_PATH, "flags are `AT_EMPTY_PATH`"),
	  .why = "the same, by newer C libraries" },
	{ CALL(getdents64), .need = SANDBOX_CGROUPS | SANDBOX_PROCESS,
	  .why = "folders that are open: of cgroups, /proc/self/fd" },

	{ CALL(sigaltstack), .need = SANDBOX_SANITIZER, .why = "the sanitizers' own" },
};
const size_t sandbox_calls_n = sizeof(sandbox_calls) / sizeof(sandbox_calls[0]);

static const struct {
	unsigned int need;
	const char *when;
} needs[] = {
	{ SANDBOX_ALWAYS, "always" },
	{ SANDBOX_BPF, "unless `--replay`" },
	{ SANDBOX_IN_FLIGHT, "`--collector.in-flight`" },
	{ SANDBOX_PROGRAMS, "`--collector.bpf`, or several copies" },
	{ SANDBOX_CGROUPS, "`--by=container`" },
	{ SANDBOX_CGROUPS | SANDBOX_PROCESS, "`--by=container`, or `--collector.process`" },
	{ SANDBOX_WEB, "`--web.config.file`" },
};

void sandbox_calls_markdown(FILE *out)
{
	fprintf(out, "| call | if | for | when |\n|---|---|---|---|\n");
	for (size_t n = 0; n < sizeof(needs) / sizeof(needs[0]); n++)
		for (size_t i = 0; i < sandbox_calls_n; i++)
			if (sandbox_calls[i].need == needs[n].need)
				fprintf(out, "| `%s` | %s | %s | %s |\n", sandbox_calls[i].name,
					sandbox_calls[i].condition ? sandbox_calls[i].condition :
								     "",
					sandbox_calls[i].why, needs[n].when);
}
