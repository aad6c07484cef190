/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the manual and of the completion that are made from the program's own tables. */
#ifndef TABLES_H
#define TABLES_H

#include <stdio.h>

/* The flags by group, the families and the kinds, in the man macros of roff. */
void man_flags(FILE *out);

/* For bash: the list of flags, and a function that prints what a flag's value can be. */
void completion_flags(FILE *out);

#endif
