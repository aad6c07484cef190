// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the exporter's programs are measured against, in three pairs, of which the benchmark loads
 * one at a time:
 *
 * empty  what the kernel takes to run two programs
 * floor  the same with one clock read each: no program that measures latency can cost less
 * usual  the design of most tools: the start time in a hash keyed by thread, the histogram in a
 *        hash keyed by (comm, number), the comm by helper; it counts what the exporter counts but
 *        for the gaps
 */
#include <asm/unistd.h>
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "ior.h"

char LICENSE[] SEC("license") = "GPL";

struct pt_regs;

SEC("tp_btf/sys_enter")
int BPF_PROG(empty_enter, struct pt_regs *regs, long id)
{
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(empty_exit, struct pt_regs *regs, long ret)
{
	return 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(floor_enter, struct pt_regs *regs, long id)
{
	bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(floor_exit, struct pt_regs *regs, long ret)
{
	bpf_ktime_get_ns();
	return 0;
}

struct start {
	__u64 ns;
	__u64 nr;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, struct start);
} starts SEC(".maps");

struct series {
	char comm[IOR_COMM_LEN];
	__u64 nr;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct series);
	__type(value, struct ior_row);
} histograms SEC(".maps");

const volatile struct ior_row no_row = {};

/* Calls whose result is a number of bytes: the common ones will do. */
#define MOVES(nr) [nr] = 1
const volatile __u8 moves[IOR_NR_MAX] = {
	MOVES(__NR_read),    MOVES(__NR_write),	   MOVES(__NR_readv),	 MOVES(__NR_writev),
	MOVES(__NR_pread64), MOVES(__NR_pwrite64), MOVES(__NR_recvfrom), MOVES(__NR_sendto),
};

SEC("tp_btf/sys_enter")
int BPF_PROG(usual_enter, struct pt_regs *regs, long id)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct start start = { .nr = id };

	start.ns = bpf_ktime_get_ns();
	bpf_map_update_elem(&starts, &tid, &start, BPF_ANY);
	return 0;
}

static __always_inline struct ior_row *histogram_of(__u64 nr)
{
	struct series series = { .nr = nr };
	struct ior_row *row;

	bpf_get_current_comm(series.comm, sizeof(series.comm));
	row = bpf_map_lookup_elem(&histograms, &series);
	if (row)
		return row;
	bpf_map_update_elem(&histograms, &series, (const void *)&no_row, BPF_NOEXIST);
	return bpf_map_lookup_elem(&histograms, &series);
}

/* The start is marked as used, not deleted: the cheaper one of the two ways. */
SEC("tp_btf/sys_exit")
int BPF_PROG(usual_exit, struct pt_regs *regs, long ret)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct start *start = bpf_map_lookup_elem(&starts, &tid);
	struct ior_row *row;
	__u64 taken;

	if (!start || !start->ns)
		return 0;
	taken = bpf_ktime_get_ns() - start->ns;
	start->ns = 0;
	row = histogram_of(start->nr);
	if (!row)
		return 0;
	__sync_fetch_and_add(&row->slot[ior_slot(taken) & (IOR_SLOTS - 1)], 1);
	__sync_fetch_and_add(&row->sum_ns, taken);
	if (ret < 0)
		__sync_fetch_and_add(&row->errors, 1);
	else if (start->nr < IOR_NR_MAX && moves[start->nr])
		__sync_fetch_and_add(&row->bytes, ret);
	return 0;
}
