/* SPDX-License-Identifier: Apache-2.0 */
/* What is done with the kernel while it is open: reads, idle rows, another filter, the end. */
#include "source_bpf.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bpf_info.h"
#include "cgroups.h"
#include "in_flight.h"
#include "ior.h"
#include "reclaim.h"

static void keep_highest(uint64_t *highest, uint64_t a, uint64_t b)
{
	if (a > b && a - b > *highest)
		*highest = a - b;
}

/* Calls whose return the kernel kept from every copy: the returns that no copy claimed. Those of
 * which the entry was seen are among them, so they are no_exit no more: as such they show at their
 * thread's next call only, and no counter may fall when they do. Nor when a program was preempted
 * between its two counters. Known only if each number is looked at. */
static void count_kept_returns(struct source_bpf *bpf, uint64_t lost[IOR_LOST_REASONS])
{
	const struct ior_passes *passes = bpf->maps[MAP_PASSES].data;
	const struct ior_control *control = bpf->maps[MAP_CONTROL].data;
	uint64_t returns, claimed = 0;

	if (!bpf->tracer.claims || !bpf->all_selected)
		return;
	/* those that are missed meanwhile are missing from what is left of no_exit, not in there */
	keep_highest(&bpf->no_exit, lost[IOR_LOST_NO_EXIT],
		     __atomic_load_n(&control->missed_exits, __ATOMIC_RELAXED));
	lost[IOR_LOST_NO_EXIT] = bpf->no_exit;
	/* Meanwhile calls return: in this order they are missing from what returned, not from what
	 * was claimed, so that none of them looks lost. */
	returns = bpf_info_misses(bpf->tracer.object, TRACER_FIRST_EXIT) - bpf->misses_before;
	for (size_t i = 0; i < IOR_PASSES; i++)
		returns += __atomic_load_n(&passes[i].runs, __ATOMIC_ACQUIRE);
	for (size_t i = 0; i < IOR_PASSES; i++)
		claimed += __atomic_load_n(&passes[i].claimed, __ATOMIC_RELAXED);
	keep_highest(&bpf->kept_returns, returns, claimed);
	lost[IOR_LOST_RECURSION] += bpf->kept_returns;
}

static void read_programs(const struct source_bpf *bpf, struct source_status *ret)
{
	const char *names[TRACER_LINKS];
	size_t n = tracer_programs(&bpf->tracer, names);

	bpf_info_programs(bpf->tracer.object, names, n, bpf->stats, ret);
}

/* All rows that were ever taken are below. */
static uint32_t rows_used(const struct source_bpf *bpf)
{
	const struct ior_control *control = bpf->maps[MAP_CONTROL].data;
	const uint32_t next = __atomic_load_n(&control->next_row, __ATOMIC_ACQUIRE);

	return next < bpf->arrays.rows_per_shard ? next : bpf->arrays.rows_per_shard;
}

static int bpf_read(struct source *source, const struct source_visitor *visitor,
		    struct source_status *ret)
{
	struct source_bpf *bpf = (struct source_bpf *)source;
	const struct ior_control *control = bpf->maps[MAP_CONTROL].data;
	const uint32_t used = rows_used(bpf);
	int r = rows_visit(&bpf->arrays, used, visitor);

	r = r ?: errnos_visit(&bpf->arrays, visitor);
	if (!r && bpf->in_flight && visitor->in_flight)
		r = in_flight_visit(&bpf->arrays, bpf_link__fd(bpf->in_flight), visitor);
	if (bpf->cgroups)
		cgroups_end(bpf->cgroups);
	if (r < 0)
		return r;
	for (size_t i = 0; i < IOR_LOST_REASONS; i++)
		ret->lost[i] = __atomic_load_n(&control->lost[i], __ATOMIC_RELAXED);
	count_kept_returns(bpf, ret->lost);
	if (bpf->programs)
		read_programs(bpf, ret);
	ret->rows = rows_in_use(&bpf->arrays, used);
	ret->rows_limit = bpf->arrays.rows_per_shard - IOR_ROWS_RESERVED;
	return 0;
}

/* The one that is not in use is written. Behind it nobody reads the one before any more, so that it
 * can be written the next time. */
static int bpf_set_filter(struct source *source, const struct ior_filter *filter)
{
	struct source_bpf *bpf = (struct source_bpf *)source;
	struct ior_config *config = bpf->maps[MAP_CONFIG].data;
	const __u32 generation = (config->filter >> IOR_FILTER_KINDS) + 1;
	int r = bpf_wait(&bpf->wait);

	if (r < 0)
		return r;
	config->filters[generation & 1] = *filter;
	__atomic_store_n(&config->filter, IOR_FILTER_WORD(filter->kinds, generation),
			 __ATOMIC_SEQ_CST);
	(void)bpf_wait(&bpf->wait); /* for those that still go by the one before */
	return 0;
}

static int wait_for_programs(void *arg)
{
	return bpf_wait(&((struct source_bpf *)arg)->wait);
}

static int give_row(void *arg, uint32_t row)
{
	const struct source_bpf *bpf = arg;

	return bpf_map_update_elem(bpf->free_rows, NULL, &row, BPF_ANY) ? -errno : 0;
}

static int bpf_reclaim(struct source *source, uint64_t now_ns)
{
	struct source_bpf *bpf = (struct source_bpf *)source;
	struct ior_config *config = bpf->maps[MAP_CONFIG].data;
	const struct reclaim_ops ops = { wait_for_programs, give_row, bpf };

	return reclaim_step(&bpf->arrays, rows_used(bpf), &ops, &config->rows_epoch, now_ns);
}

static void bpf_close(struct source *source)
{
	struct source_bpf *bpf = (struct source_bpf *)source;

	for (size_t i = 0; i < MAPS; i++)
		if (bpf->maps[i].data)
			(void)munmap(bpf->maps[i].data, bpf->maps[i].size);
	(void)bpf_link__destroy(bpf->in_flight);
	if (bpf->stats >= 0)
		(void)close(bpf->stats);
	bpf_wait_close(&bpf->wait);
	cgroups_free(bpf->cgroups);
	free(bpf->arrays.notes);
	tracer_close(&bpf->tracer);
	free(bpf);
}

const struct source_ops source_bpf_ops = {
	.read = bpf_read, .reclaim = bpf_reclaim, .set_filter = bpf_set_filter, .close = bpf_close
};
