/* SPDX-License-Identifier: Apache-2.0 */
/* Items and samples of the families that tell of the exporter itself; for the table in
 * families.c, where each function's contract is (struct family). */
#ifndef FAMILIES_SELF_H
#define FAMILIES_SELF_H

#include "families.h"

size_t items_one(const struct view *view);
size_t items_one_if_up(const struct view *view);
size_t items_one_if_attached(const struct view *view);
size_t items_each_reason(const struct view *view);
size_t items_each_program(const struct view *view);
size_t items_each_timed_program(const struct view *view);
size_t items_one_if_programs(const struct view *view);
size_t items_each_map(const struct view *view);
size_t items_each_eviction(const struct view *view);
size_t items_each_reading(const struct view *view);

void emit_attach_info(struct encoder *encoder, const struct view *view, size_t item);
void emit_build_info(struct encoder *encoder, const struct view *view, size_t item);
void emit_map_memory(struct encoder *encoder, const struct view *view, size_t item);
void emit_misses(struct encoder *encoder, const struct view *view, size_t item);
void emit_run_time(struct encoder *encoder, const struct view *view, size_t item);
void emit_runs(struct encoder *encoder, const struct view *view, size_t item);
void emit_bpf_stats(struct encoder *encoder, const struct view *view, size_t item);
void emit_lost(struct encoder *encoder, const struct view *view, size_t item);
void emit_last_read(struct encoder *encoder, const struct view *view, size_t item);
void emit_observations(struct encoder *encoder, const struct view *view, size_t item);
void emit_evicted(struct encoder *encoder, const struct view *view, size_t item);
void emit_reading_errors(struct encoder *encoder, const struct view *view, size_t item);
void emit_reload_success(struct encoder *encoder, const struct view *view, size_t item);
void emit_reload_successful(struct encoder *encoder, const struct view *view, size_t item);
void emit_rows(struct encoder *encoder, const struct view *view, size_t item);
void emit_rows_limit(struct encoder *encoder, const struct view *view, size_t item);
void emit_rows_overflow(struct encoder *encoder, const struct view *view, size_t item);
void emit_scrape_duration(struct encoder *encoder, const struct view *view, size_t item);
void emit_up(struct encoder *encoder, const struct view *view, size_t item);

#endif
