/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "ior.h"
#include "memory_need.h"
#include "snapshot.h"
#include "suites.h"
#include "tracer_maps.h"
#include "tree.h"

#define MIB (1ull << 20)

/* A machine of 2 CPUs with an old kernel. */
static void make_machine_without_btf(struct tree *tree)
{
	tree_make(tree);
	tree_write(tree, "/sys/devices/system/cpu/possible", "0-1\n");
	tree_write(tree, "/sys/devices/system/cpu/online", "0-1\n");
	tree_write(tree, "/proc/sys/kernel/osrelease", "6.1.0-49-cloud-amd64\n");
}

/* The same with a BTF of 5 bytes. */
static void make_machine(struct tree *tree)
{
	make_machine_without_btf(tree);
	tree_write(tree, "/sys/kernel/btf/vmlinux", "12345");
}

/* As ior_bpf_map_memory_bytes had them on Linux 6.18: rows, keys, errnos, intern, free_rows, and
 * config, control, passes, settings, seats and threads. A hash's own head differs between kernels:
 * a page is counted for it. */
#define OTHERS (28672 + 3 * 8192 + 393528 + 480)
static const struct {
	uint32_t series_max;
	uint64_t maps;
} measured[] = {
	{ 8192, 5025792 + 286720 + 1372160 + 853056 + 33084 + OTHERS },
	{ 20000, 11829248 + 663552 + 1372160 + 2285376 + 80316 + OTHERS },
	{ 50000, 29110272 + 1622016 + 1372160 + 5449664 + 200316 + OTHERS },
	{ 100000, 57909248 + 3223552 + 1372160 + 10898240 + 400316 + OTHERS },
};

START_TEST(maps_are_what_the_kernel_charges)
{
	struct memory_need need;
	struct tree tree;

	make_machine(&tree);
	memory_need_estimate(
		tree.root, &(struct memory_sizes){ measured[_i].series_max, 64 * MIB, 16, BY_COMM },
		&need);
	ck_assert_uint_ge(need.maps, measured[_i].maps);
	ck_assert_uint_le(need.maps, measured[_i].maps + 4096);
	tree_remove(&tree);
}

/* The threads were 14681840 bytes. */
START_TEST(mode_raw_tp_has_maps_of_its_own)
{
	static const char *const before[] = { "5.10.0\n", "5.12.19\n" };
	struct memory_need usual, without_btf, old;
	struct tree tree;

	make_machine_without_btf(&tree);
	memory_need_estimate(tree.root, &(struct memory_sizes){ 8192, 64 * MIB, 16, BY_COMM },
			     &without_btf);
	tree_write(&tree, "/sys/kernel/btf/vmlinux", "12345");
	memory_need_estimate(tree.root, &(struct memory_sizes){ 8192, 64 * MIB, 16, BY_COMM },
			     &usual);
	ck_assert_uint_eq(without_btf.maps - usual.maps, 15 * MIB);
	for (size_t i = 0; i < COUNT(before); i++) {
		tree_write(&tree, "/proc/sys/kernel/osrelease", before[i]);
		memory_need_estimate(tree.root,
				     &(struct memory_sizes){ 8192, 64 * MIB, 16, BY_COMM }, &old);
		ck_assert_uint_eq(old.maps - usual.maps, 15 * MIB);
	}
	tree_remove(&tree);
}

static const struct {
	unsigned int cpus;
	uint32_t seats;
} seats[] = {
	{ 1, 1024 }, { 4, 1024 }, { 5, 2048 }, { 8, 2048 }, { 9, 4096 }, { UINT_MAX, 4096 },
};

START_TEST(seats_are_256_a_cpu)
{
	ck_assert_uint_eq(tracer_maps_seats(seats[_i].cpus), seats[_i].seats);
}

static const struct {
	const char *possible;
	uint64_t series_memory;
	unsigned int shards, errno_shards; /* 0: not even one set of rows */
} sizes[] = {
	{ "0\n", 64 * MIB, 1, 1 },	  { "0-1\n", 64 * MIB, 2, 2 },
	{ "0-3,8-11\n", 64 * MIB, 8, 8 }, { "0,2,4-5\n", 64 * MIB, 4, 4 },
	{ "0-1023\n", 64 * MIB, 26, 8 },  { "0-1023\n", 1024 * MIB, 427, 8 },
	{ "0-1\n", 3 * MIB, 1, 1 },	  { "0-1\n", MIB, 0, 0 },
	{ "", 64 * MIB, 1, 1 },		  { "nonsense\n", 64 * MIB, 1, 1 },
	{ "3-1\n", 64 * MIB, 1, 1 },
};

/* Pages of the arrays that have shards, over those with none. */
START_TEST(sets_of_rows_are_one_a_cpu_as_far_as_memory_goes)
{
	const uint64_t row_pages =
		((8192ull + IOR_ROWS_RESERVED) * sizes[_i].shards * sizeof(struct ior_row) + 4095) /
		4096;
	const uint64_t errno_pages =
		((uint64_t)IOR_NR_CALLS * sizes[_i].errno_shards * sizeof(struct ior_errnos) +
		 4095) /
		4096;
	struct memory_need need, none;
	struct tree tree;

	make_machine(&tree);
	tree_write(&tree, "/sys/devices/system/cpu/possible", sizes[_i].possible);
	memory_need_estimate(tree.root,
			     &(struct memory_sizes){ 8192, sizes[_i].series_memory, 16, BY_COMM },
			     &need);
	memory_need_estimate(tree.root, &(struct memory_sizes){ 8192, MIB, 16, BY_COMM }, &none);
	ck_assert_uint_eq(need.maps - none.maps, 4096 * (row_pages + errno_pages));
	tree_remove(&tree);
}

/* 2 MiB, the BTF, what the kernel charges for its verifier, and the maps of the exporter before; of
 * many CPUs, so that this is more than serving takes. */
static const struct {
	const char *release;
	uint64_t verifier;
} kernels[] = {
	{ "5.13.0\n", 1 * MIB },    { "6.1.0-49-cloud-amd64\n", 1 * MIB },
	{ "6.16.12\n", 1 * MIB },   { "6.17.0\n", 3 * MIB },
	{ "6.18.44-x\n", 3 * MIB }, { "7.2.0-rc1\n", 3 * MIB },
	{ "10.0\n", 3 * MIB },
};

START_TEST(start_counts_the_verifier_and_the_exporter_before)
{
	struct memory_need need;
	struct tree tree;

	make_machine(&tree);
	tree_write(&tree, "/sys/devices/system/cpu/possible", "0-1023\n");
	tree_write(&tree, "/proc/sys/kernel/osrelease", kernels[_i].release);
	memory_need_estimate(tree.root, &(struct memory_sizes){ 1, 64 * MIB, 16, BY_COMM }, &need);
	ck_assert_uint_eq(need.total - need.maps, 2 * MIB + 5 + kernels[_i].verifier + need.maps);
	tree_remove(&tree);
}

/* Series on a page: of 16 comms with a place, 16 that lost theirs and __other__; or all. */
static const struct {
	uint64_t top;
	uint64_t shown;
} tops[] = { { 16, 33ull * 128 },
	     { 0, IOR_ROWS_RESERVED + 100000 },
	     { 5000, IOR_ROWS_RESERVED + 100000 } };

START_TEST(full_table_counts_when_it_takes_more_than_the_start)
{
	struct memory_need need;
	struct tree tree;

	make_machine(&tree);
	memory_need_estimate(tree.root,
			     &(struct memory_sizes){ 100000, 64 * MIB, tops[_i].top, BY_COMM },
			     &need);
	ck_assert_uint_eq(need.total - need.maps,
			  3 * MIB + 6 * MIB + 512 * 1024 +
				  (IOR_ROWS_RESERVED + 100000) *
					  (2 * sizeof(struct snapshot_row) + sizeof(struct tuple)) +
				  (SNAPSHOTS_MAX + 1) * tops[_i].shown * sizeof(struct series));
	tree_remove(&tree);
}

/* A container a row in the fold, with its cgroup, and on each page one a tuple with series. */
static const struct {
	unsigned int by;
	uint64_t top;
	uint64_t tuples;
} containers[] = { { BY_CONTAINER, 16, 33 },
		   { BY_COMM | BY_CONTAINER, 16, 33 },
		   { BY_COMM | BY_CONTAINER, 0, IOR_ROWS_RESERVED + 100000 },
		   { BY_COMM | BY_CONTAINER, 60000, IOR_ROWS_RESERVED + 100000 } };

START_TEST(containers_come_on_top)
{
	struct memory_sizes wanted = { 100000, 64 * MIB, containers[_i].top, BY_COMM };
	struct memory_need without, with;
	struct tree tree;

	make_machine(&tree);
	memory_need_estimate(tree.root, &wanted, &without);
	wanted.by = BY_NONE;
	memory_need_estimate(tree.root, &wanted, &with);
	ck_assert_uint_eq(with.total, without.total);
	wanted.by = containers[_i].by;
	memory_need_estimate(tree.root, &wanted, &with);
	ck_assert_uint_eq(with.maps, without.maps);
	ck_assert_uint_eq(with.total - without.total, (IOR_ROWS_RESERVED + 100000) * (168 + 356) +
							      4 * containers[_i].tuples * 168);
	tree_remove(&tree);
}

/* The load takes less than 5 MiB on this kernel, serving one row 11, the self-test 2 MiB and 144 kB
 * a CPU. */
START_TEST(self_test_counts_when_it_takes_more_than_the_rest)
{
	struct memory_need need;
	struct tree tree;

	make_machine(&tree);
	tree_write(&tree, "/sys/devices/system/cpu/online", "0-127\n");
	memory_need_estimate(tree.root, &(struct memory_sizes){ 1, 64 * MIB, 16, BY_COMM }, &need);
	ck_assert_uint_eq(need.total - need.maps, 2 * MIB + 128 * 144 * 1024);
	/* 1,024 threads are all it has */
	tree_write(&tree, "/sys/devices/system/cpu/online", "0-511\n");
	memory_need_estimate(tree.root, &(struct memory_sizes){ 1, 64 * MIB, 16, BY_COMM }, &need);
	ck_assert_uint_eq(need.total - need.maps, 2 * MIB + 1024 * 36 * 1024);
	tree_remove(&tree);
}

/* Limits around the need of 28.3 MiB, 7.7 of them for maps, and of 12.6 MiB for one series. */
static const struct {
	const char *limit;
	int r;
	const char *line; /* %s: the root */
} limits[] = {
	{ "max\n", 0, "" },
	{ "30408704\n", 0, "" },
	{ "16777216\n", -ENOMEM,
	  "start tracing: the memory limit is 16 MiB (%s/sys/fs/cgroup/memory.max), and 29 MiB are "
	  "needed, 8 MiB of them for BPF maps (raise the limit, or lower --series.max or "
	  "--series.memory)" },
	{ "4194303\n", -ENOMEM,
	  "start tracing: the memory limit is 3 MiB (%s/sys/fs/cgroup/memory.max), and 29 MiB are "
	  "needed, 8 MiB of them for BPF maps (raise the limit; fewer series are not enough)" },
};

START_TEST(limit_below_the_need_is_named_with_what_helps)
{
	const char *line = limits[_i].line, *mark = strstr(line, "%s");
	char err[512] = "", expected[512];
	struct tree tree;

	make_machine(&tree);
	tree_write(&tree, "/proc/self/cgroup", "0::/\n");
	tree_write(&tree, "/sys/fs/cgroup/memory.max", limits[_i].limit);
	ck_assert_int_eq(memory_need_check(tree.root,
					   &(struct memory_sizes){ 8192, 64 * MIB, 16, BY_COMM },
					   err, sizeof(err)),
			 limits[_i].r);
	if (mark)
		(void)snprintf(expected, sizeof(expected), "%.*s%s%s", (int)(mark - line), line,
			       tree.root, mark + 2);
	ck_assert_str_eq(err, mark ? expected : "");
	tree_remove(&tree);
}

Suite *memory_need_suite(void)
{
	const struct test tests[] = {
		{ maps_are_what_the_kernel_charges, COUNT(measured) },
		{ mode_raw_tp_has_maps_of_its_own, 0 },
		{ seats_are_256_a_cpu, COUNT(seats) },
		{ sets_of_rows_are_one_a_cpu_as_far_as_memory_goes, COUNT(sizes) },
		{ start_counts_the_verifier_and_the_exporter_before, COUNT(kernels) },
		{ full_table_counts_when_it_takes_more_than_the_start, COUNT(tops) },
		{ containers_come_on_top, COUNT(containers) },
		{ self_test_counts_when_it_takes_more_than_the_rest, 0 },
		{ limit_below_the_need_is_named_with_what_helps, COUNT(limits) },
	};

	return suite_make("memory_need", tests, COUNT(tests));
}
