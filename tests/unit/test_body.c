/* SPDX-License-Identifier: Apache-2.0 */
/* How often pages are made, and how much memory they hold. */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "body.h"
#include "failing.h"
#include "log.h"
#include "running.h"
#include "suites.h"

static const struct page_options text = { .format = FORMAT_TEXT };

/* What a scrape of now gets. */
static struct made make(struct running *f, const struct page_options *options, enum coding coding)
{
	struct made ret;
	struct view view;

	ck_assert_int_eq(app_view(&f->app, &view), 0);
	ck_assert_int_eq(bodies_make(&f->app.bodies, &view, options, coding, &ret), 0);
	ck_assert((ret.body == NULL) != (ret.stream == NULL));
	return ret;
}

static void release(struct made *made)
{
	body_unref(made->body);
	stream_close(made->stream);
	*made = (struct made){ NULL, NULL };
}

static void make_older(struct running *f)
{
	f->clock.now_ns += 1000000000;
}

static void check_made(struct running *f, unsigned int pages, unsigned int compressed)
{
	ck_assert_uint_eq(atomic_load(&f->app.bodies.pages_n), pages);
	ck_assert_uint_eq(atomic_load(&f->app.bodies.compressed_n), compressed);
}

/* ---- single flight ---- */

#define SCRAPERS 100

struct scraper {
	pthread_t thread;
	struct running *f;
	pthread_barrier_t *start;
	struct made made;
};

static void *scrape(void *arg)
{
	struct scraper *scraper = arg;

	(void)pthread_barrier_wait(scraper->start);
	scraper->made = make(scraper->f, &text, CODING_GZIP);
	return NULL;
}

START_TEST(hundred_scrapes_at_once_make_one_page)
{
	static struct scraper all[SCRAPERS];
	pthread_barrier_t start;
	struct running f;

	running_start(&f, "--no-dump", true);
	running_grow(&f.fake, 1000);
	ck_assert_int_eq(pthread_barrier_init(&start, NULL, SCRAPERS), 0);
	for (size_t i = 0; i < SCRAPERS; i++) {
		all[i].f = &f;
		all[i].start = &start;
		ck_assert_int_eq(pthread_create(&all[i].thread, NULL, scrape, &all[i]), 0);
	}
	for (size_t i = 0; i < SCRAPERS; i++)
		ck_assert_int_eq(pthread_join(all[i].thread, NULL), 0);
	check_made(&f, 1, 1);
	ck_assert_uint_eq(atomic_load(&f.fake.reads_n), 1);
	for (size_t i = 0; i < SCRAPERS; i++) {
		ck_assert_ptr_nonnull(all[i].made.body);
		ck_assert_ptr_eq(all[i].made.body, all[0].made.body);
	}
	ck_assert_uint_eq(atomic_load(&f.app.bodies.bytes), all[0].made.body->len);
	ck_assert_uint_eq(atomic_load(&all[0].made.body->refs), SCRAPERS + 1);
	for (size_t i = 0; i < SCRAPERS; i++)
		release(&all[i].made);
	(void)pthread_barrier_destroy(&start);
	running_stop(&f);
}

START_TEST(each_format_and_coding_is_made_once)
{
	struct made first[FORMATS][CODINGS], again;
	unsigned int pages = 0, compressed = 0;
	struct running f;

	running_start(&f, "--no-dump", true);
	running_grow(&f.fake, 20);
	for (unsigned int format = 0; format < FORMATS; format++)
		for (unsigned int coding = 0; coding < CODINGS && compress_has(coding); coding++) {
			const struct page_options options = { .format = format };

			first[format][coding] = make(&f, &options, coding);
			again = make(&f, &options, coding);
			ck_assert_ptr_eq(again.body, first[format][coding].body);
			ck_assert_int_eq(again.body->coding, coding);
			release(&again);
			compressed += coding != CODING_IDENTITY;
			check_made(&f, ++pages, compressed);
		}
	ck_assert_uint_eq(atomic_load(&f.fake.reads_n), 1);
	for (unsigned int format = 0; format < FORMATS; format++)
		for (unsigned int coding = 0; coding < CODINGS && compress_has(coding); coding++)
			release(&first[format][coding]);
	running_stop(&f);
}

/* ---- which page ---- */

START_TEST(next_read_makes_the_next_page)
{
	struct made first, second;
	struct running f;

	running_start(&f, "--no-dump", true);
	first = make(&f, &text, CODING_IDENTITY);
	make_older(&f);
	second = make(&f, &text, CODING_IDENTITY);
	check_made(&f, 2, 0);
	ck_assert_ptr_ne(first.body, second.body);
	ck_assert_uint_eq(atomic_load(&first.body->refs), 1); /* ours: it is shared no more */
	ck_assert_uint_eq(atomic_load(&f.app.bodies.bytes), first.body->len + second.body->len);
	release(&first);
	ck_assert_uint_eq(atomic_load(&f.app.bodies.bytes), second.body->len);
	release(&second);
	running_stop(&f);
}

/* A body is all that a slow client holds. */
START_TEST(body_does_not_hold_its_snapshot)
{
	struct made made[SNAPSHOTS_MAX + 1];
	struct running f;

	running_start(&f, "--no-dump", true);
	for (size_t i = 0; i <= SNAPSHOTS_MAX; i++) {
		made[i] = make(&f, &text, CODING_IDENTITY);
		ck_assert_ptr_nonnull(made[i].body);
		ck_assert_uint_eq(atomic_load(&f.app.alive), 1);
		make_older(&f);
	}
	for (size_t i = 0; i <= SNAPSHOTS_MAX; i++)
		release(&made[i]);
	running_stop(&f);
}

/* Nothing was read anew, but the page has changed. */
START_TEST(failed_reload_makes_the_next_page)
{
	struct made first, second;
	struct running f;

	running_start(&f, "--no-dump", true);
	first = make(&f, &text, CODING_IDENTITY);
	app_reload_failed(&f.app);
	second = make(&f, &text, CODING_IDENTITY);
	ck_assert_uint_eq(atomic_load(&f.fake.reads_n), 1);
	check_made(&f, 2, 0);
	ck_assert_uint_eq(first.body->len, second.body->len);
	ck_assert(memcmp(first.body->data, second.body->data, first.body->len) != 0);
	release(&first);
	release(&second);
	running_stop(&f);
}

START_TEST(page_of_an_older_view_is_not_shared)
{
	struct view old, new;
	struct made made;
	struct running f;

	running_start(&f, "--no-dump", true);
	ck_assert_int_eq(app_view(&f.app, &old), 0);
	make_older(&f);
	ck_assert_int_eq(app_view(&f.app, &new), 0);
	ck_assert_int_eq(bodies_make(&f.app.bodies, &new, &text, CODING_IDENTITY, &made), 0);
	release(&made);
	ck_assert_int_eq(bodies_make(&f.app.bodies, &old, &text, CODING_IDENTITY, &made), 0);
	ck_assert_uint_eq(atomic_load(&made.body->refs), 1);
	release(&made);
	check_made(&f, 2, 0);
	made = make(&f, &text, CODING_IDENTITY); /* the new one's is still there */
	check_made(&f, 2, 0);
	release(&made);
	running_stop(&f);
}

START_TEST(page_of_some_families_is_not_shared)
{
	const bool none[FAMILIES_MAX] = { false };
	const struct page_options some = { .format = FORMAT_TEXT, .families = none };
	struct made made;
	struct running f;

	running_start(&f, "--no-dump", true);
	for (unsigned int i = 1; i <= 2; i++) {
		made = make(&f, &some, CODING_GZIP);
		check_made(&f, i, 0);
		ck_assert_uint_eq(made.body->len, 0);
		ck_assert_uint_eq(atomic_load(&made.body->refs), 1);
		release(&made);
	}
	made = make(&f, &text, CODING_GZIP);
	ck_assert_uint_gt(made.body->len, 0);
	release(&made);
	running_stop(&f);
}

/* ---- how much ---- */

static size_t page_length(struct running *f)
{
	struct buf page = { 0 };
	size_t ret;

	running_page(f, &page);
	ret = page.len;
	buf_free(&page);
	return ret;
}

START_TEST(page_that_is_too_large_is_a_stream_and_not_tried_again)
{
	struct made made;
	struct running f;

	running_start(&f, "--no-dump", true);
	running_grow(&f.fake, 100);
	f.app.bodies.body_bytes_max = page_length(&f) - 1;
	for (int i = 0; i < 3; i++) {
		made = make(&f, &text, CODING_IDENTITY);
		ck_assert_ptr_nonnull(made.stream);
		release(&made);
		check_made(&f, 1, 0);
		make_older(&f);
	}
	made = make(&f, &text, CODING_GZIP); /* small enough */
	ck_assert_ptr_nonnull(made.body);
	release(&made);
	f.app.bodies.body_bytes_max++; /* nobody knows that it would fit now */
	made = make(&f, &text, CODING_IDENTITY);
	ck_assert_ptr_nonnull(made.stream);
	release(&made);
	f.app.bodies.too_large[FORMAT_TEXT][CODING_IDENTITY]++; /* that was one of more series */
	made = make(&f, &text, CODING_IDENTITY);
	ck_assert_ptr_nonnull(made.body);
	ck_assert_uint_eq(f.app.bodies.too_large[FORMAT_TEXT][CODING_IDENTITY], 0);
	release(&made);
	running_stop(&f);
}

START_TEST(page_of_the_limit_is_whole)
{
	struct made made;
	struct running f;

	running_start(&f, "--no-dump", true);
	f.app.bodies.body_bytes_max = f.app.bodies.bytes_max = page_length(&f);
	made = make(&f, &text, CODING_IDENTITY);
	ck_assert_uint_eq(made.body->len, f.app.bodies.body_bytes_max);
	release(&made);
	running_stop(&f);
}

START_TEST(pages_that_slow_clients_hold_count)
{
	struct made held, made;
	struct running f;

	running_start(&f, "--no-dump", true);
	running_grow(&f.fake, 100);
	f.app.bodies.bytes_max = 2 * page_length(&f) - 1;
	held = make(&f, &text, CODING_IDENTITY);
	for (int i = 0; i < 2; i++) {
		make_older(&f);
		made = make(&f, &text, CODING_IDENTITY);
		ck_assert_ptr_nonnull(made.stream);
		release(&made);
	}
	release(&held);
	make_older(&f);
	made = make(&f, &text, CODING_IDENTITY);
	ck_assert_ptr_nonnull(made.body);
	release(&made);
	running_stop(&f);
}

/* Less memory than a whole page takes is enough for a stream; less than that is told. */
START_TEST(lack_of_memory_leaves_nothing_behind)
{
	bool failed = true, streamed = false, refused = false;
	struct running f;
	struct view view;
	struct made made;
	int r;

	running_start(&f, "--no-dump", true);
	for (size_t n = 1; failed; n++) {
		ck_assert_int_eq(app_view(&f.app, &view), 0);
		failing_arm(n);
		r = bodies_make(&f.app.bodies, &view, &text, CODING_GZIP, &made);
		failed = failing_disarm();
		ck_assert(failed || made.body);
		ck_assert(r == 0 ? !made.body != !made.stream : !made.body && !made.stream);
		streamed = streamed || made.stream;
		refused = refused || r == -ENOMEM;
		release(&made);
		ck_assert_uint_eq(atomic_load(&f.app.latest->refs), 1);
		f.app.bodies.number = 0; /* what was made is forgotten */
	}
	ck_assert(streamed && !refused);
	running_stop(&f);
}

Suite *body_suite(void)
{
	const struct test tests[] = {
		{ hundred_scrapes_at_once_make_one_page, 0 },
		{ each_format_and_coding_is_made_once, 0 },
		{ next_read_makes_the_next_page, 0 },
		{ body_does_not_hold_its_snapshot, 0 },
		{ failed_reload_makes_the_next_page, 0 },
		{ page_of_an_older_view_is_not_shared, 0 },
		{ page_of_some_families_is_not_shared, 0 },
		{ page_that_is_too_large_is_a_stream_and_not_tried_again, 0 },
		{ page_of_the_limit_is_whole, 0 },
		{ pages_that_slow_clients_hold_count, 0 },
		{ lack_of_memory_leaves_nothing_behind, 0 },
	};

	return suite_make("body", tests, COUNT(tests));
}
