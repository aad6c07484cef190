/* SPDX-License-Identifier: Apache-2.0 */
#include "page.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Bytes made at once, about; one item more at most. */
#define BLOCK (64 << 10)

struct page {
	struct view view;
	struct encoder encoder;
	struct buf block;
	size_t sent; /* of the block */
	const struct family *families[FAMILIES_MAX];
	size_t families_n;
	size_t family; /* next to emit: item `item` of family `family` */
	size_t item;
	bool ended;
};

static void emit(struct page *page, const struct family *family, size_t item)
{
	encode_created(&page->encoder, page->view.facts->started_wall_ns);
	family->emit(&page->encoder, &page->view, item);
}

static size_t measure(struct page *page, const struct family *family)
{
	const size_t n = family->items(&page->view);

	encode_measure(&page->encoder, family);
	for (size_t item = 0; item < n; item++)
		emit(page, family, item);
	return page->encoder.bytes;
}

static void begin_family(struct page *page, const struct family *family)
{
	if (encode_is_sized(&page->encoder))
		encode_sized(&page->encoder, family, measure(page, family));
	else
		encode_family(&page->encoder, family);
}

/* Appends the next item. False at the end of the page. */
static bool emit_next(struct page *page)
{
	while (page->family < page->families_n) {
		const struct family *family = page->families[page->family];

		if (page->item == 0)
			begin_family(page, family);
		if (page->item < family->items(&page->view)) {
			emit(page, family, page->item++);
			return true;
		}
		page->family++;
		page->item = 0;
	}
	if (page->ended)
		return false;
	encode_end(&page->encoder);
	page->ended = true;
	return true;
}

static int compare_bases(const void *a, const void *b)
{
	const struct family *x = *(const struct family *const *)a;
	const struct family *y = *(const struct family *const *)b;
	const size_t n = family_base(x), m = family_base(y);
	int r = memcmp(x->name, y->name, n < m ? n : m);

	return r ? r : (n > m) - (n < m);
}

/* In OpenMetrics a family's name lacks the suffix of its type, so another one may come first. */
static void choose_families(struct page *page, const struct page_options *options)
{
	assert(families_n <= FAMILIES_MAX);
	for (size_t i = 0; i < families_n; i++)
		if (!options->families || options->families[i])
			page->families[page->families_n++] = &families[i];
	if (options->format == FORMAT_OPENMETRICS)
		qsort(page->families, page->families_n, sizeof(const struct family *),
		      compare_bases);
}

static void begin(struct page *page, const struct view *view, const struct page_options *options,
		  struct buf *out)
{
	page->view = *view;
	choose_families(page, options);
	encode_begin(&page->encoder, options->format, options->created, view->facts->bounds, out);
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
