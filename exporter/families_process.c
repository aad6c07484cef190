/* SPDX-License-Identifier: Apache-2.0 */
#include "families_process.h"

#include "encode.h"

size_t items_process_stat(const struct view *view)
{
	return view->snapshot->process.has_stat;
}

size_t items_process_start(const struct view *view)
{
	return view->snapshot->process.has_start;
}

size_t items_process_limits(const struct view *view)
{
	return view->snapshot->process.has_limits;
}

size_t items_process_fds(const struct view *view)
{
	return view->snapshot->process.has_fds;
}

/* Older than the exporter's other counters: it counts from the start of the process. */
void emit_process_cpu(struct encoder *encoder, const struct view *view, size_t item)
{
	const struct process_status *process = &view->snapshot->process;

	(void)item;
	encode_created(encoder, process->start_wall_ns);
	encode_seconds(encoder, NULL, 0, process->cpu_ns);
}

void emit_process_max_fds(struct encoder *encoder, const struct view *view, size_t item)
{
	(void)item;
	encode_u64(encoder, NULL, 0, view->snapshot->process.max_fds);
}

void emit_process_open_fds(struct encoder *encoder, const struct view *view, size_t item)
{
	(void)item;
	encode_u64(encoder, NULL, 0, view->snapshot->process.open_fds);
}

void emit_process_resident(struct encoder *encoder, const struct view *view, size_t item)
{
	(void)item;
	encode_u64(encoder, NULL, 0, view->snapshot->process.resident_bytes);
}

void emit_process_start(struct encoder *encoder, const struct view *view, size_t item)
{
	(void)item;
	encode_seconds(encoder, NULL, 0, view->snapshot->process.start_wall_ns);
}

void emit_process_virtual(struct encoder *encoder, const struct view *view, size_t item)
{
	(void)item;
	encode_u64(encoder, NULL, 0, view->snapshot->process.virtual_bytes);
}

void emit_process_virtual_max(struct encoder *encoder, const struct view *view, size_t item)
{
	(void)item;
	encode_u64(encoder, NULL, 0, view->snapshot->process.virtual_max_bytes);
}
