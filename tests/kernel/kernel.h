/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel suite: the real programs in the real kernel, known calls, exact counts.
 *
 * Tracing sees the whole machine, so a test never asks how often a call was made, but how often it
 * was made under a comm that nobody else has. What has no comm (errors by errno, lost calls) is
 * exact only for calls that nobody else makes: such a test selects these calls alone, which makes
 * all others invisible to the programs. The test process itself is not traced, its children are.
 *
 * Counted calls are made by syscall(), so that the C library adds none of their kind. Nothing
 * sleeps: a test waits for what it needs to have happened.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "fold.h"
#include "ior.h"
#include "snapshot.h"
#include "source.h"

/* ---- the tracer ---- */

#define TRACE_BY_NONE 4u
#define FEW_ROWS 31u /* with one seat; on an emulated machine named by each thread's own comm */

/* Fields left 0 are the exporter's defaults. */
struct trace_options {
	const char *syscalls; /* comma lists; NULL: all */
	const char *families;
	const char *no_syscalls;
	const struct ior_filter *filter;
	unsigned int by; /* enum by; TRACE_BY_NONE for none */
	const char *cgroup_root;
	bool include_self;
	bool comm_of_thread;
	bool in_flight;
	bool gaps;
	bool self_test;
	bool fresh; /* programs of its own: see pool.h */
	enum attach attach;
	unsigned int copies;
	uint32_t series_max; /* FEW_ROWS where few are wanted: the pool has programs for that */
	uint32_t threads_max;
	uint64_t series_memory;
};

struct trace {
	struct selection selection;
	struct source *source;
	struct fold *fold;
	struct snapshot *snapshot; /* of the last trace_read() */
	bool joined;		   /* the source is not its own */
};

/* Opens the source; the test fails if that does. trace_try_open() returns its result instead. */
void trace_open(struct trace *trace, const struct trace_options *options);
int trace_try_open(struct trace *trace, const struct trace_options *options,
		   struct source_error *err);

/* One source for all tests that have nothing to say of its start, its end, its options or of what
 * was lost, for a start takes most of a short test's time. It is opened before the tests' processes
 * are made, which it therefore traces as all others. And it shows whether sources can be opened
 * here, and what they then do without. trace_share() returns as trace_try_open(). */
int trace_share(struct source_error *err);
void trace_unshare(void);
void trace_join(struct trace *trace);

/* Why this run sees no calls in flight, or knows no more of a task than its own comm; "" if it
 * does. Valid after trace_share(). */
const char *trace_lacks_in_flight(void);
const char *trace_lacks_copies(void);
const char *trace_lacks_leader(void);
/* The same of the cgroups that a task is below. */
const char *trace_lacks_cgroups(void);
/* The same of a limit of threads. */
const char *trace_lacks_thread_limit(void);

/* Do threads have seats? Copies of the programs, and mode raw_tp, do without. */
bool trace_has_seats(void);

/* Does the kernel preempt the programs, so that a call can be kept from all copies? */
bool trace_is_preempted(void);
/* How many threads may call at once, at most n, so that no call is kept from all copies: that takes
 * others inside of each, one after the other, whenever the caller comes by, which hardly happens
 * with one other. For tests that select calls: there such a loss is not known. */
unsigned int trace_threads(unsigned int n);

/* Takes a fresh snapshot. */
void trace_read(struct trace *trace);
void trace_close(struct trace *trace);

/* The series of (comm, call) in the last snapshot, NULL if there is none; and its numbers, 0 if
 * there is none. */
const struct series *trace_find(const struct trace *trace, const char *comm, const char *call);
uint64_t trace_calls(const struct trace *trace, const char *comm, const char *call);
uint64_t trace_errors(const struct trace *trace, const char *comm, const char *call);
uint64_t trace_bytes(const struct trace *trace, const char *comm, const char *call);

/* Over all comms. */
uint64_t trace_total(const struct trace *trace, const char *call);
uint64_t trace_errno(const struct trace *trace, const char *call, int err);
/* Series of a comm. */
unsigned int trace_rows(const struct trace *trace, const char *comm);

/* ---- the traced ---- */

typedef void body(void *arg);

/* Writes a comm of at most 15 bytes that no other test and no other process has. */
#define COMM_SIZE 16
void comm_make(char comm[COMM_SIZE], const char *tag);
void comm_set(const char *comm);

/* Runs body(arg) in a child that first renames itself and ends by exit_group. In there, must()
 * instead of Check's assertions. */
pid_t child_start(const char *comm, body *body, void *arg);
void child_wait(pid_t pid); /* the test fails unless it ended well */
void child_run(const char *comm, body *body, void *arg);
void child_kill(pid_t pid); /* SIGKILL, and waits for its end */

#define must(condition) ((condition) ? (void)0 : must_failed(#condition, __FILE__, __LINE__))
_Noreturn void must_failed(const char *condition, const char *file, int line);

/* n times the call, with all arguments 0; and a body that makes none. */
void call(long nr, unsigned int n);

/* n, for long loops, divided by the environment's IOR_TEST_DIVISOR: an emulated machine takes ten
 * times as long for each call. Where one thread emulates all CPUs (x86-64) these take turns of a
 * tenth of a second, so calls at the same time are a matter of real machines and of arm64. */
unsigned int scaled(unsigned int n);

void call_nothing(void *arg);

/* Runs body(arg) in n threads of the calling process, all at once; thread i is pinned to the i-th
 * of the CPUs that the process may use, counted round, or to none if cpus is 0. */
void threads_run(unsigned int n, unsigned int cpus, body *body, void *arg);
unsigned int cpus_usable(void);

/* The same, but while the window is open their process makes no other call than those of body(arg):
 * they have come, and are yet to end, which they do one after the other. So what was counted and
 * lost meanwhile is of these calls, where nobody else runs. The test holds the window, for all
 * children together: it awaits their threads, lets them run and waits until all have, and lets them
 * go. None of this is a call. */
struct window;
struct window *window_new(void);
void threads_run_in(struct window *window, unsigned int n, unsigned int cpus, body *body,
		    void *arg);
void window_await(struct window *window, const pid_t *pids, unsigned int processes,
		  unsigned int threads);
void window_run(struct window *window, unsigned int threads);
void window_close(struct window *window);

/* Waits until the thread sleeps inside the call. */
void wait_blocked(pid_t tid, long nr);

/* One byte tells another process to go on; who waits does so in a read. */
struct gate {
	int fd[2];
};
void gate_open(struct gate *gate);
void gate_pass(const struct gate *gate);
void gate_wait(const struct gate *gate);
void gate_close(struct gate *gate);

/* ---- the suite ---- */

void kernel_add(TCase *tcase, const TTest *test);
void kernel_add_loop(TCase *tcase, const TTest *test, int n);
/* Says why n tests are left out; they are counted as skipped. */
void kernel_skip(unsigned int n, const char *reason);
/* A test that cannot hold where `lack` is not "": then it is skipped, and the lack is printed. */
void kernel_add_unless(TCase *tcase, const TTest *test, const char *lack);
TCase *exact_tests(void);
TCase *window_tests(void);
TCase *comm_tests(void);
TCase *exec_tests(void);
TCase *end_tests(void);
TCase *stop_tests(void);
TCase *select_tests(void);
TCase *time_tests(void);
TCase *rows_tests(void);
TCase *container_tests(void);
TCase *reclaim_tests(void);
TCase *number_tests(void);
TCase *serial_tests(void);
TCase *signal_tests(void);
TCase *restart_tests(void);
TCase *handler_tests(void);
TCase *handler_return_tests(void);
TCase *filter_tests(void);
TCase *filter_change_tests(void);
TCase *errors_tests(void);
TCase *bytes_tests(void);
TCase *in_flight_tests(void);
TCase *gap_tests(void);
TCase *attach_tests(void);
TCase *compat_tests(void);
TCase *thread_tests(void);
TCase *seats_tests(void);

#endif
