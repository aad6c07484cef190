/* SPDX-License-Identifier: Apache-2.0 */
/* What the running kernel contains. */
#ifndef KERNEL_SYMBOL_H
#define KERNEL_SYMBOL_H

#include <stdbool.h>

/* Has the kernel a function or type of this name (at most 63 bytes)? Also true if nobody can tell,
 * so ask for names whose presence needs more care than their absence. */
bool kernel_has_symbol(const char *name);

/* The same in the files that are to be read in turn, ended by NULL; the first that can be opened
 * decides. Visible for testing. */
bool symbol_in_first_of(const char *const *paths, const char *name);

#endif
