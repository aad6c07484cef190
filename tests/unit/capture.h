/* SPDX-License-Identifier: Apache-2.0 */
/* What is printed, as a string. */
#ifndef CAPTURE_H
#define CAPTURE_H

#include <stdio.h>

/* The text that `print` writes; to be freed. */
char *capture_print(void (*print)(FILE *out));

/* From begin to end standard error goes to a pipe, 64 kB at most; end returns the text, to be
 * freed. */
void capture_stderr_begin(void);
char *capture_stderr_end(void);

#endif
