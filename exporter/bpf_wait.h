/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A wait for the programs: when it returns, those that ran when it was called have ended, and those
 * that run see all that was stored before.
 *
 * The kernel promises this behind an update of a map of maps, so that user space knows that nobody
 * uses the inner map that was replaced (kernel/bpf/syscall.c, maybe_wait_bpf_programs(), Linux 5.0
 * and newer). membarrier(2) would need no right to call bpf(2), but it does not wait on a machine
 * with one CPU, where a program may be preempted all the same (PREEMPT_RT, 7.2 and newer), and
 * fails where CPUs are nohz_full.
 */
#ifndef BPF_WAIT_H
#define BPF_WAIT_H

struct bpf_wait {
	int outer, inner; /* maps */
};

/* Returns 0 or -errno, with nothing left open. */
int bpf_wait_open(struct bpf_wait *ret);
void bpf_wait_close(struct bpf_wait *wait);

/* Waits, some milliseconds. Returns 0, or -errno: it did not. */
int bpf_wait(const struct bpf_wait *wait);

#endif
