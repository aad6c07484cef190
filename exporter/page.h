/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page of metrics as a stream. A busy machine's page is tens of megabytes, so it is made block
 * by block while it is sent and never exists as a whole; it cannot be half of one snapshot and
 * half of another, for it holds its snapshot.
 */
#ifndef PAGE_H
#define PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "buf.h"
#include "encode.h"
#include "families.h"

struct page;

struct page_options {
	enum format format;
	bool created;	      /* OpenMetrics: `_created` samples */
	const bool *families; /* families_n of them: which are on the page; NULL: all */
};

/* Takes over the caller's reference to view->snapshot, also on failure; view->facts must outlive
 * the page, the options need not. NULL without memory. */
struct page *page_open(const struct view *view, const struct page_options *options);

/* Copies up to max next bytes to dst. Returns how many, 0 at the end, or -ENOMEM. */
ssize_t page_read(struct page *page, char *dst, size_t max);

/* NULL is fine. */
void page_close(struct page *page);

/* Appends the whole page to out, whose error is the only one. */
void page_render(const struct view *view, const struct page_options *options, struct buf *out);

#endif
