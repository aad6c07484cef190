/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel's programs do with each number, from the table and the selection. */
#ifndef KERNEL_CONFIG_H
#define KERNEL_CONFIG_H

#include <stdbool.h>

#include "ior.h"
#include "select.h"

/* Fills a zeroed configuration, but for what says who is traced; `gaps`: keep histograms of them.
 */
void kernel_config_fill(struct ior_config *config, const struct selection *selection, bool gaps);

/* Is every number selected, those that no table knows included? */
bool kernel_config_selects_all(const struct ior_config *config);

/* The families by their number in ior_config.family[], in alphabetical order: IOR_FAMILIES. */
const char *kernel_config_family(unsigned int family);

#endif
