/* SPDX-License-Identifier: Apache-2.0 */
#include "running.h"

#include <assert.h>
#include <check.h>
#include <stdio.h>

#include "page.h"
#include "suites.h"

static const struct fake_row rows[] = { { "sh", "read", { .slot = { 1 } } } };

void running_start(struct running *ret, const char *flag, bool attached)
{
	parse_one(&ret->parse, flag);
	fake_source_init(&ret->fake, rows, COUNT(rows));
	fake_clock_init(&ret->clock);
	ret->clock.tick_ns = 0;
	ret->parse.config.fold.top = 0; /* a page of many comms */
	app_init(&ret->app, &ret->parse.config, &ret->clock.clock);
	if (attached)
		app_set_source(&ret->app, &ret->fake.source);
}

void running_stop(struct running *running)
{
	app_free(&running->app);
	parse_free(&running->parse);
}

void running_grow(struct fake_source *fake, size_t n)
{
	static struct fake_row many[RUNNING_ROWS_MAX];
	static char comms[RUNNING_ROWS_MAX][8];

	assert(n <= RUNNING_ROWS_MAX);
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(comms[i], sizeof(comms[i]), "c%04zu", i);
		many[i] = (struct fake_row){ comms[i], "read", fake_call(i * i * i) };
	}
	fake->rows = many;
	fake->rows_n = n;
}

struct snapshot *running_view(struct running *running)
{
	struct view ret;

	ck_assert_int_eq(app_view(&running->app, &ret), 0);
	return ret.snapshot;
}

void running_page(struct running *running, struct buf *out)
{
	struct view view;

	ck_assert_int_eq(app_view(&running->app, &view), 0);
	page_render(&view, &(struct page_options){ .format = FORMAT_TEXT }, out);
	snapshot_unref(view.snapshot);
}
