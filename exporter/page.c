/* SPDX-License-Identifier: Apache-2.0 */
#include "page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "encode.h"

/* Bytes made at once, about; one item more at most. */
#define BLOCK (64 << 10)

struct page {
	bool wanted[FAMILIES_MAX];
	struct view view;
	struct encoder encoder;
	struct buf block;
	size_t sent;   /* of the block */
	size_t family; /* next to emit: item `item` of family `family` */
	size_t item;
};

/* Appends the next item. False at the end of the page. */
static bool emit_next(struct page *page)
{
	while (page->family < families_n) {
		const struct family *family = &families[page->family];

		if (page->item == 0)
			encode_family(&page->encoder, family);
		if (page->wanted[page->family] && page->item < family->items(&page->view)) {
			family->emit(&page->encoder, &page->view, page->item++);
			return true;
		}
		page->family++;
		page->item = 0;
	}
	return false;
}

static void begin(struct page *page, const struct view *view, const struct page_options *options,
		  struct buf *out)
{
	for (size_t i = 0; i < families_n; i++)
		page->wanted[i] = !options->families || options->families[i];
	page->view = *view;
	page->encoder = (struct encoder){ .out = out, .bounds = view->facts->bounds };
}

struct page *page_open(const struct view *view, const struct page_options *options)
{
	struct page *page = calloc(1, sizeof(*page));

	if (!page) {
		snapshot_unref(view->snapshot);
		return NULL;
	}
	begin(page, view, options, &page->block);
	return page;
}

ssize_t page_read(struct page *page, char *dst, size_t max)
{
	struct buf *block = &page->block;
	size_t n;

	if (block->err)
		return block->err;
	if (page->sent == block->len) {
		block->len = 0;
		page->sent = 0;
		while (block->len < BLOCK && !block->err && emit_next(page))
			;
		if (block->err)
			return block->err;
	}
	n = block->len - page->sent;
	if (n > max)
		n = max;
	if (n)
		memcpy(dst, block->data + page->sent, n);
	page->sent += n;
	return (ssize_t)n;
}

void page_close(struct page *page)
{
	if (!page)
		return;
	snapshot_unref(page->view.snapshot);
	buf_free(&page->block);
	free(page);
}

void page_render(const struct view *view, const struct page_options *options, struct buf *out)
{
	struct page page = { 0 };

	begin(&page, view, options, out);
	while (!out->err && emit_next(&page))
		;
}
