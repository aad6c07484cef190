/* SPDX-License-Identifier: Apache-2.0 */
#include "families_self.h"

#include <stdio.h>

#include "encode.h"
#include "version.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

size_t items_one(const struct view *view)
{
	(void)view;
	return 1;
}

size_t items_one_if_up(const struct view *view)
{
	return view->snapshot->up;
}

size_t items_one_if_attached(const struct view *view)
{
	return view->facts->source != NULL;
}

size_t items_each_reason(const struct view *view)
{
	return view->snapshot->up ? IOR_LOST_REASONS : 0;
}

size_t items_each_program(const struct view *view)
{
	return view->snapshot->status.programs_n;
}

size_t items_each_timed_program(const struct view *view)
{
	return view->snapshot->status.bpf_stats ? items_each_program(view) : 0;
}

size_t items_one_if_programs(const struct view *view)
{
	return items_each_program(view) > 0;
}

size_t items_each_map(const struct view *view)
{
	return view->facts->source ? view->facts->source->maps_n : 0;
}

void emit_attach_info(struct encoder *encoder, const struct view *view, size_t item)
{
	const struct source_info *source = view->facts->source;
	char copies[16];
	const struct label labels[] = {
		{ "copies", copies },
		{ "exact", source->exact ? "true" : "false" },
		{ "kernel", source->kernel },
		{ "mode", source->mode },
	};

	(void)item;
	(void)snprintf(copies, sizeof(copies), "%u", source->copies);
	encode_u64(encoder, labels, COUNT(labels), 1);
}

void emit_build_info(struct encoder *encoder, const struct view *view, size_t item)
{
	struct build build;
	const struct label labels[] = {
		{ "arch", build.arch },		{ "compiler", build.compiler },
		{ "libbpf", build.libbpf },	{ "libmicrohttpd", build.libmicrohttpd },
		{ "revision", build.revision }, { "version", build.version },
	};

	(void)view;
	(void)item;
	version_describe(&build);
	encode_u64(encoder, labels, COUNT(labels), 1);
}

void emit_map_memory(struct encoder *encoder, const struct view *view, size_t item)
{
	const struct source_map *map = &view->facts->source->maps[item];
	const struct label label = { "map", map->name };

	encode_u64(encoder, &label, 1, map->memory);
}

static struct label program_label(const struct view *view, size_t item)
{
	return (struct label){ "program", view->snapshot->status.programs[item].name };
}

void emit_misses(struct encoder *encoder, const struct view *view, size_t item)
{
	const struct label label = program_label(view, item);

	encode_u64(encoder, &label, 1, view->snapshot->status.programs[item].recursion_misses);
}

void emit_run_time(struct encoder *encoder, const struct view *view, size_t item)
{
	const struct label label = program_label(view, item);

	encode_seconds(encoder, &label, 1, view->snapshot->status.programs[item].run_time_ns);
}

void emit_runs(struct encoder *encoder, const struct view *view, size_t item)
{
	const struct label label = program_label(view, item);

	encode_u64(encoder, &label, 1, view->snapshot->status.programs[item].runs);
}

void emit_bpf_stats(struct encoder *encoder, const struct view *view, size_t item)
{
	(void)item;
	encode_u64(encoder, NULL, 0, view->snapshot->status.bpf_stats);
}

void emit_lost(struct encoder *encoder, const struct view *view, size_t item)
{
	const struct label label = { "reason", source_lost_names[item] };

	encode_u64(encoder, &label, 1, view->snapshot->status.lost[item]);
}

void emit_last_read(struct encoder *encoder, const struct view *view, size_t item)
{
	(void)item;
	encode_seconds(encoder, NULL, 0, view->snapshot->taken_wall_ns);
}

void emit_observations(struct encoder *encoder, const struct view *view, size_t item)
{
	(void)item;
	encode_u64(encoder, NULL, 0, view->snapshot->observations);
}

static const char *const evicted_names[EVICTED_REASONS] = {
	[EVICTED_DISPLACED] = "displaced",
	[EVICTED_IDLE] = "idle",
};

size_t items_each_eviction(const struct view *view)
{
	return view->snapshot->up ? EVICTED_REASONS : 0;
}

void emit_evicted(struct encoder *encoder, const struct view *view, size_t item)
{
	const struct label label = { "reason", evicted_names[item] };

	encode_u64(encoder, &label, 1, view->snapshot->evicted[item]);
}

/* Names as `collect[]` has them. The first one is read only if it is shown. */
static const char *const reading_names[READINGS] = {
	[READING_PROCESS] = "process",
	[READING_SOURCE] = "syscall",
};

size_t items_each_reading(const struct view *view)
{
	return view->facts->collect_process ? READINGS : READINGS - 1;
}

void emit_reading_errors(struct encoder *encoder, const struct view *view, size_t item)
{
	const size_t at = item + READINGS - items_each_reading(view);
	const struct label label = { "collector", reading_names[at] };

	encode_u64(encoder, &label, 1, view->snapshot->failures[at]);
}

void emit_reload_success(struct encoder *encoder, const struct view *view, size_t item)
{
	(void)item;
	encode_seconds(encoder, NULL, 0, view->reload.success_wall_ns);
}

void emit_reload_successful(struct encoder *encoder, const struct view *view, size_t item)
{
	(void)item;
	encode_u64(encoder, NULL, 0, view->reload.successful);
}

void emit_rows(struct encoder *encoder, const struct view *view, size_t item)
{
	(void)item;
	encode_u64(encoder, NULL, 0, view->snapshot->status.rows);
}

void emit_rows_limit(struct encoder *encoder, const struct view *view, size_t item)
{
	(void)item;
	encode_u64(encoder, NULL, 0, view->snapshot->status.rows_limit);
}

void emit_rows_overflow(struct encoder *encoder, const struct view *view, size_t item)
{
	(void)item;
	encode_u64(encoder, NULL, 0, view->snapshot->overflow);
}

void emit_scrape_duration(struct encoder *encoder, const struct view *view, size_t item)
{
	(void)item;
	encode_seconds(encoder, NULL, 0, view->snapshot->took_ns);
}

void emit_up(struct encoder *encoder, const struct view *view, size_t item)
{
	(void)item;
	encode_u64(encoder, NULL, 0, view->snapshot->up);
}
