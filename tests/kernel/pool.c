/* SPDX-License-Identifier: Apache-2.0 */
#include "pool.h"

#include <assert.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bpf_wait.h"
#include "kernel.h"
#include "tracer.h"
#include "tracer_maps.h"

#define TRACERS_MAX 5
#define PROGRAMS_MAX 48

static struct pooled {
	struct tracer tracer;
	enum attach attach; /* this and the next two as in its options */
	unsigned int copies;
	uint32_t threads_max, seats;
	int forget;		    /* a program, unless its threads are in a hash */
	struct ior_control control; /* as the programs were loaded with it */
	bool lent;
} pool[TRACERS_MAX];

static unsigned int pool_n;
static bool lends;

/* The linker has the exporter call __wrap_tracer_load() for tracer_load(). */
int __real_tracer_load(const struct source_bpf_options *options, unsigned int hierarchy,
		       struct tracer *ret, struct source_error *err);
int __wrap_tracer_load(const struct source_bpf_options *options, unsigned int hierarchy,
		       struct tracer *ret, struct source_error *err);

/* ---- maps as new ---- */

static int map_fd(const struct tracer *tracer, const char *name)
{
	const int fd = tracer_maps_fd(tracer->object, name);

	ck_assert_msg(fd >= 0, "no map %s", name);
	return fd;
}

static void zero_array(const struct tracer *tracer, const char *name)
{
	size_t size;
	void *data;

	ck_assert_int_eq(tracer_maps_mmap(tracer->object, name, true, &data, &size), 0);
	memset(data, 0, size);
	ck_assert_int_eq(munmap(data, size), 0);
}

static void empty_hash(const struct tracer *tracer, const char *name)
{
	const int fd = map_fd(tracer, name);
	char key[64];

	while (bpf_map_get_next_key(fd, NULL, key) == 0)
		ck_assert_int_eq(bpf_map_delete_elem(fd, key), 0);
	ck_assert_int_eq(errno, ENOENT);
}

/* Loads a program that takes from each thread what the map keeps of it, to be run as an iterator:
 * user space could do that for leaders only. Returns its descriptor, or -errno. */
static int load_forget(const struct tracer *tracer)
{
	const struct bpf_insn insns[] = {
		/* r2 = ctx->task; at the end of the list there is none */
		{ BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_2, BPF_REG_1, 8, 0 },
		{ BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_2, 0, 3, 0 },
		{ BPF_LD | BPF_IMM | BPF_DW, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0,
		  tracer_maps_fd(tracer->object, "threads") },
		{ 0 },
		{ BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_task_storage_delete },
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0 },
		{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_TRACE_ITER);
	const int btf_id = libbpf_find_vmlinux_btf_id("task", BPF_TRACE_ITER);

	if (btf_id < 0)
		return btf_id;
	opts.attach_btf_id = (uint32_t)btf_id;
	return bpf_prog_load(BPF_PROG_TYPE_TRACING, "forget", "GPL", insns,
			     sizeof(insns) / sizeof(insns[0]), &opts);
}

static void forget_threads(const struct pooled *pooled)
{
	const int link = bpf_link_create(pooled->forget, 0, BPF_TRACE_ITER, NULL);
	const int iterator = bpf_iter_create(link);
	char none;

	ck_assert_int_ge(link, 0);
	ck_assert_int_ge(iterator, 0);
	ck_assert_int_eq(read(iterator, &none, 1), 0);
	ck_assert_int_eq(close(iterator), 0);
	ck_assert_int_eq(close(link), 0);
}

/* Not by a mapping, which it does not have. */
static void empty_seats(const struct tracer *tracer)
{
	const char nobody[IOR_SEAT_SIZE] = { 0 };
	const int fd = map_fd(tracer, "seats");

	for (uint32_t seat = 0; seat < tracer->settings.seats; seat++)
		ck_assert_int_eq(bpf_map_update_elem(fd, &seat, nobody, BPF_EXIST), 0);
}

static void reset_rows(const struct tracer *tracer)
{
	uint32_t row;

	empty_hash(tracer, "intern");
	while (bpf_map_lookup_and_delete_elem(map_fd(tracer, "free_rows"), NULL, &row) == 0)
		;
	zero_array(tracer, "rows");
	zero_array(tracer, "keys");
	zero_array(tracer, "errnos");
	if (tracer->attach != ATTACH_RAW_TP)
		return;
	empty_hash(tracer, "threads");
	ck_assert_int_eq(tracer_maps_fill(tracer->object, &tracer->settings), 0);
}

static void reset_control(const struct pooled *pooled)
{
	size_t size;
	void *data;

	ck_assert_int_eq(
		tracer_maps_mmap(pooled->tracer.object, ".data.control", true, &data, &size), 0);
	memcpy(data, &pooled->control, sizeof(pooled->control));
	ck_assert_int_eq(munmap(data, size), 0);
}

static void reset_maps(const struct pooled *pooled)
{
	if (pooled->tracer.attach != ATTACH_RAW_TP) {
		forget_threads(pooled);
		empty_seats(&pooled->tracer);
	}
	reset_rows(&pooled->tracer);
	zero_array(&pooled->tracer, ".data.passes");
	zero_array(&pooled->tracer, ".data.config");
	reset_control(pooled);
}

/* ---- programs that nobody runs ---- */

static unsigned int program_ids(const struct tracer *tracer, uint32_t ids[PROGRAMS_MAX])
{
	struct bpf_program *program;
	unsigned int n = 0;

	bpf_object__for_each_program(program, tracer->object)
	{
		struct bpf_prog_info info = { .id = 0 };
		uint32_t size = sizeof(info);
		const int fd = bpf_program__fd(program);

		if (fd < 0)
			continue;
		ck_assert_uint_lt(n, PROGRAMS_MAX);
		ck_assert_int_eq(bpf_obj_get_info_by_fd(fd, &info, &size), 0);
		ids[n++] = info.id;
	}
	return n;
}

static bool is_linked(const uint32_t *ids, unsigned int n)
{
	uint32_t link = 0;

	while (bpf_link_get_next_id(link, &link) == 0) {
		struct bpf_link_info info = { .id = 0 };
		uint32_t size = sizeof(info);
		int fd = bpf_link_get_fd_by_id(link), r;

		if (fd < 0)
			continue; /* gone meanwhile */
		r = bpf_obj_get_info_by_fd(fd, &info, &size);
		ck_assert_int_eq(close(fd), 0);
		for (unsigned int i = 0; r == 0 && i < n; i++)
			if (info.prog_id == ids[i])
				return true;
	}
	return false;
}

/* A test that failed may leave children that have its links as well, until they are killed; and a
 * program may have been preempted. The test's time limit ends this if they stay. */
static void wait_unused(const struct tracer *tracer)
{
	uint32_t ids[PROGRAMS_MAX];
	const unsigned int n = program_ids(tracer, ids);
	struct bpf_wait wait;

	while (is_linked(ids, n))
		(void)sched_yield();
	ck_assert_int_eq(bpf_wait_open(&wait), 0);
	ck_assert_int_eq(bpf_wait(&wait), 0);
	bpf_wait_close(&wait);
}

/* ---- the pool ---- */

static bool serves(const struct pooled *pooled, const struct source_bpf_options *options,
		   unsigned int hierarchy)
{
	const struct ior_settings *has = &pooled->tracer.settings;
	struct ior_settings wanted;

	return !pooled->lent && tracer_maps_choose(options, &wanted) == 0 &&
	       options->attach == pooled->attach && options->copies == pooled->copies &&
	       options->threads_max == pooled->threads_max && options->seats == pooled->seats &&
	       hierarchy == has->hierarchy && wanted.rows_per_shard == has->rows_per_shard &&
	       wanted.shards == has->shards && wanted.by == has->by &&
	       wanted.comm_of_thread == has->comm_of_thread;
}

static struct pooled *find(const struct source_bpf_options *options, unsigned int hierarchy)
{
	for (unsigned int i = 0; i < pool_n; i++)
		if (serves(&pool[i], options, hierarchy))
			return &pool[i];
	return NULL;
}

int __wrap_tracer_load(const struct source_bpf_options *options, unsigned int hierarchy,
		       struct tracer *ret, struct source_error *err)
{
	struct pooled *pooled = lends ? find(options, hierarchy) : NULL;

	if (!pooled)
		return __real_tracer_load(options, hierarchy, ret, err);
	wait_unused(&pooled->tracer);
	reset_maps(pooled);
	pooled->lent = true; /* closes it in this process, at its end */
	*ret = pooled->tracer;
	return 0;
}

/* The control map as the programs were loaded with it. */
static int read_control(struct pooled *pooled)
{
	void *data;
	size_t size;
	int r = tracer_maps_mmap(pooled->tracer.object, ".data.control", false, &data, &size);

	if (r < 0)
		return r;
	memcpy(&pooled->control, data, sizeof(pooled->control));
	(void)munmap(data, size);
	return 0;
}

int pool_add(const struct source_bpf_options *options, unsigned int hierarchy,
	     struct source_error *err)
{
	struct pooled *pooled = &pool[pool_n];
	int r;

	if (find(options, hierarchy))
		return 0;
	assert(pool_n < TRACERS_MAX);
	*pooled = (struct pooled){ .attach = options->attach,
				   .copies = options->copies,
				   .threads_max = options->threads_max,
				   .seats = options->seats };
	r = __real_tracer_load(options, hierarchy, &pooled->tracer, err);
	r = r < 0 ? r : read_control(pooled);
	if (r == 0 && pooled->tracer.attach != ATTACH_RAW_TP)
		r = pooled->forget = load_forget(&pooled->tracer);
	if (r < 0) {
		tracer_close(&pooled->tracer);
		return r;
	}
	pool_n++;
	return 0;
}

void pool_lend(bool lend)
{
	lends = lend;
}

/* One that reads, which its own does not. */
static int open_seats(const struct tracer *tracer)
{
	struct bpf_map_info info = { .id = 0 };
	uint32_t size = sizeof(info);
	int fd;

	ck_assert_int_eq(bpf_obj_get_info_by_fd(map_fd(tracer, "seats"), &info, &size), 0);
	fd = bpf_map_get_fd_by_id(info.id);
	ck_assert_int_ge(fd, 0);
	return fd;
}

/* As bpf/seats.bpf.h has it. */
struct seat {
	uint64_t owner, enter_ns, exit_ns;
	char comm[16];
	char rest[IOR_SEAT_SIZE - 3 * 8 - 16];
};

unsigned int pool_seats_of(const char comm[16])
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < pool_n; i++) {
		const struct tracer *tracer = &pool[i].tracer;
		const uint32_t seats = pool[i].lent ? tracer->settings.seats : 0;
		const int fd = seats ? open_seats(tracer) : -1;
		struct seat seat;

		for (uint32_t at = 0; at < seats; at++) {
			ck_assert_int_eq(bpf_map_lookup_elem(fd, &at, &seat), 0);
			n += seat.owner && !strncmp(seat.comm, comm, sizeof(seat.comm));
		}
		if (seats)
			(void)close(fd);
	}
	return n;
}

void pool_close(void)
{
	while (pool_n) {
		struct pooled *pooled = &pool[--pool_n];

		if (pooled->tracer.attach != ATTACH_RAW_TP)
			(void)close(pooled->forget);
		if (!pooled->lent)
			tracer_close(&pooled->tracer);
	}
}
