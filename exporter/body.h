/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages that scrapes share. The first scrape of a snapshot in a format and a
 * coding makes the page while the others of its kind wait for it; then it is
 * one immutable piece of memory, which all of them send and the last one frees.
 * Knows stream and the snapshot's number; no server.
 */
#ifndef BODY_H
#define BODY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compress.h"
#include "page.h"
#include "stream.h"

/* A page that is larger than this, as it is sent, is made for each client as it
 * reads it: so is one that would make more than BODIES_BYTES_MAX of all that
 * there are, those included that slow clients still hold. */
#define BODY_BYTES_MAX (4 << 20)
#define BODIES_BYTES_MAX (6 << 20)

struct body {
	const char *data;
	size_t len;
	enum coding coding;
	/* not the reader's */
	char *memory;
	atomic_uint refs;
	atomic_size_t *bytes; /* of all bodies */
};

/* NULL is fine. */
void body_unref(struct body *body);

/* Those of the snapshot that was last asked for; each may be missing. */
struct bodies {
	pthread_mutex_t lock; /* held while one is made, which makes others wait for it */
	uint64_t number;      /* of the snapshot */
	struct reload_result reload;
	struct body *shared[FORMATS][CODINGS];
	/* Series of a page that was too large: one of as many is not tried. 0: none
	 * was. */
	size_t too_large[FORMATS][CODINGS];
	atomic_size_t bytes; /* of all bodies that there are */
	/* The limits above, which tests lower. */
	size_t body_bytes_max, bytes_max;
	/* what was made so far, for tests */
	atomic_uint pages_n, compressed_n;
};

void bodies_init(struct bodies *bodies);
/* Bodies that are still held must be given back before. */
void bodies_free(struct bodies *bodies);

/* One of these two, the caller's. */
struct made {
	struct body *body;     /* whole */
	struct stream *stream; /* yet to be made */
};

/* A page of the view, whose snapshot's reference it takes over, also on
 * failure; a page of some families alone is not shared. Returns 0 or -ENOMEM.
 */
int bodies_make(struct bodies *bodies, const struct view *view, const struct page_options *options,
		enum coding coding, struct made *ret);

#endif
