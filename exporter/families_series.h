/* SPDX-License-Identifier: Apache-2.0 */
/* Items and samples of the families that tell of system calls; for the table in families.c, where
 * each function's contract is (struct family). */
#ifndef FAMILIES_SERIES_H
#define FAMILIES_SERIES_H

#include "families.h"

size_t items_each_series(const struct view *view);
size_t items_each_error(const struct view *view);
size_t items_each_in_flight(const struct view *view);
size_t items_each_gap(const struct view *view);
size_t items_each_syscall(const struct view *view);

void emit_duration(struct encoder *encoder, const struct view *view, size_t item);
void emit_errors(struct encoder *encoder, const struct view *view, size_t item);
void emit_gap(struct encoder *encoder, const struct view *view, size_t item);
void emit_gap_histogram(struct encoder *encoder, const struct view *view, size_t item);
void emit_noreturn(struct encoder *encoder, const struct view *view, size_t item);
void emit_read_bytes(struct encoder *encoder, const struct view *view, size_t item);
void emit_written_bytes(struct encoder *encoder, const struct view *view, size_t item);
void emit_transferred_bytes(struct encoder *encoder, const struct view *view, size_t item);
void emit_errno(struct encoder *encoder, const struct view *view, size_t item);
void emit_in_flight(struct encoder *encoder, const struct view *view, size_t item);
void emit_oldest(struct encoder *encoder, const struct view *view, size_t item);
void emit_syscall_info(struct encoder *encoder, const struct view *view, size_t item);

#endif
