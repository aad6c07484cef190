/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel's programs do with each number, from the table and the selection. */
#ifndef KERNEL_CONFIG_H
#define KERNEL_CONFIG_H

#include <stdint.h>

#include "ior.h"
#include "select.h"

/* Fills a zeroed configuration. self_tgid is not traced; 0: trace everybody. */
void kernel_config_fill(struct ior_config *config, const struct selection *selection,
			uint32_t self_tgid);

#endif
