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

#define TRACERS_MAX 4
#define PROGRAMS_MAX 32

static struct pooled {
	struct tracer tracer;
	bool automatic; /* of ATTACH_AUTO */
	uint32_t threads_max;
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

static void reset_rows(const struct tracer *tracer)
{
	const bool raw = tracer->attach == ATTACH_RAW_TP;
	uint32_t row;

	empty_hash(tracer, "intern");
	while (bpf_map_lookup_and_delete_elem(map_fd(tracer, "free_rows"), NULL, &row) == 0)
		;
	zero_array(tracer, "rows");
	zero_array(tracer, "keys");
	zero_array(tracer, "errnos");
	if (!raw)
		return;
	empty_hash(tracer, "threads");
	ck_assert_int_eq(tracer_maps_fill(tracer->object, &tracer->settings), 0);
}

/* Threads that live on forget the rows that they knew. */
static void reset_config(const struct tracer *tracer)
{
	struct ior_config *config;
	uint32_t epoch;
	size_t size;
	void *data;

	ck_assert_int_eq(tracer_maps_mmap(tracer->object, ".data.config", true, &data, &size), 0);
	config = data;
	epoch = config->rows_epoch;
	*config = (struct ior_config){ .rows_epoch = epoch + 1 };
	ck_assert_int_eq(munmap(data, size), 0);
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
	reset_rows(&pooled->tracer);
	zero_array(&pooled->tracer, ".data.passes");
	reset_config(&pooled->tracer);
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

/* As tracer.c chooses them. */
static unsigned int copies_wanted(const struct source_bpf_options *options, bool skipping)
{
	return options->copies ? options->copies : skipping ? TRACER_COPIES_WHERE_SKIPPING : 1;
}

/* Copies beyond those that are wanted stay unattached. */
static bool serves(const struct pooled *pooled, const struct source_bpf_options *options,
		   unsigned int hierarchy)
{
	const struct tracer *tracer = &pooled->tracer;
	const struct ior_settings *has = &tracer->settings;
	const bool claims_possible = options->attach == ATTACH_AUTO ||
				     options->attach == ATTACH_TP_BTF;
	const unsigned int copies = copies_wanted(options, tracer->skipping_kernel);
	const bool claims = claims_possible && (tracer->skipping_kernel || options->copies > 1);
	struct ior_settings wanted;

	if (pooled->lent || tracer_maps_choose(options, &wanted) < 0)
		return false;
	if (options->attach == ATTACH_AUTO ? !pooled->automatic : options->attach != tracer->attach)
		return false;
	if (claims != tracer->claims || (claims && copies > tracer->copies))
		return false;
	return wanted.rows_per_shard == has->rows_per_shard && wanted.shards == has->shards &&
	       wanted.by == has->by && wanted.comm_of_thread == has->comm_of_thread &&
	       hierarchy == has->hierarchy && options->threads_max == pooled->threads_max;
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
	if (ret->claims)
		ret->copies = copies_wanted(options, ret->skipping_kernel);
	return 0;
}

int pool_add(const struct source_bpf_options *options, unsigned int hierarchy,
	     struct source_error *err)
{
	struct pooled *pooled = &pool[pool_n];
	const struct ior_control *control;
	size_t size;
	void *data;
	int r;

	if (find(options, hierarchy))
		return 0;
	assert(pool_n < TRACERS_MAX);
	r = __real_tracer_load(options, hierarchy, &pooled->tracer, err);
	if (r == 0)
		r = tracer_maps_mmap(pooled->tracer.object, ".data.control", false, &data, &size);
	if (r < 0) {
		tracer_close(&pooled->tracer);
		return r;
	}
	control = data;
	pooled->control = *control;
	(void)munmap(data, size);
	pooled->automatic = options->attach == ATTACH_AUTO;
	pooled->threads_max = options->threads_max;
	pooled->lent = false;
	pool_n++;
	return 0;
}

void pool_lend(bool lend)
{
	lends = lend;
}

void pool_close(void)
{
	while (pool_n) {
		struct pooled *pooled = &pool[--pool_n];

		if (!pooled->lent)
			tracer_close(&pooled->tracer);
	}
}
