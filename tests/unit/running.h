/* SPDX-License-Identifier: Apache-2.0 */
/* An app as it runs, over a fake source and a clock that stands still. */
#ifndef RUNNING_H
#define RUNNING_H

#include <stdbool.h>

#include "app.h"
#include "fake.h"
#include "parse.h"

struct running {
	struct parse parse;
	struct fake_source fake; /* one row: sh has made one call of read */
	struct fake_clock clock;
	struct app app;
};

/* As many rows as running_grow() makes at most. */
#define RUNNING_ROWS_MAX 6000

/* With one flag ("--no-dump" is none at all). */
void running_start(struct running *ret, const char *flag, bool attached);
void running_stop(struct running *running);

/* Makes the source n rows of read, each of a comm of its own, instead of the one. */
void running_grow(struct fake_source *fake, size_t n);

/* The snapshot of a view that must work; the caller owns a reference. */
struct snapshot *running_view(struct running *running);

/* Appends the page of now. */
void running_page(struct running *running, struct buf *out);

#endif
