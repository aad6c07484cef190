/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody who has broken into the exporter would try. Only builds with -DSANDBOX_ESCAPES,
 * which are never installed, have it: their main thread tries once its rights are given up, and a
 * connection's thread at GET /-/escapes. */
#ifndef ESCAPES_H
#define ESCAPES_H

#include <stddef.h>

#define ESCAPES_SIZE 2048

/* Tries all; writes a line "NAME ERRNO-NAME" each, "NAME 0" if it worked. Harmless where they do.
 */
void escapes_try(char ret[ESCAPES_SIZE]);

/* The same to standard error, each line behind "escape: ". */
void escapes_say(void);

#endif
