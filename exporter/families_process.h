/* SPDX-License-Identifier: Apache-2.0 */
/* Items and samples of the families that tell of the exporter's own process; for the table in
 * families.c, where each function's contract is (struct family). */
#ifndef FAMILIES_PROCESS_H
#define FAMILIES_PROCESS_H

#include "families.h"

/* One, if that part was read. */
size_t items_process_stat(const struct view *view);
size_t items_process_start(const struct view *view);
size_t items_process_limits(const struct view *view);
size_t items_process_fds(const struct view *view);

void emit_process_cpu(struct encoder *encoder, const struct view *view, size_t item);
void emit_process_max_fds(struct encoder *encoder, const struct view *view, size_t item);
void emit_process_open_fds(struct encoder *encoder, const struct view *view, size_t item);
void emit_process_resident(struct encoder *encoder, const struct view *view, size_t item);
void emit_process_start(struct encoder *encoder, const struct view *view, size_t item);
void emit_process_virtual(struct encoder *encoder, const struct view *view, size_t item);
void emit_process_virtual_max(struct encoder *encoder, const struct view *view, size_t item);

#endif
