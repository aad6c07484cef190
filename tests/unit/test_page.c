/* SPDX-License-Identifier: Apache-2.0 */
/* A page as a stream is the same page. */
#include <errno.h>
#include <string.h>

#include "buf.h"
#include "failing.h"
#include "page.h"
#include "running.h"
#include "scene.h"
#include "suites.h"

static const struct page_options in_text = { .format = FORMAT_TEXT };

/* Several blocks of the stream. */
static void open_large_scene(struct scene *scene, struct fake_source *fake)
{
	*scene = (struct scene){ NULL, 1000, 16000000000, 1, true, .source = NULL };
	fake_source_init(fake, NULL, 0);
	running_grow(fake, 120);
	scene_open_source(scene, &fake->source);
}

/* The stream's own reference to the snapshot, which page_open() takes over. */
static struct page *open_page(const struct scene *scene)
{
	(void)snapshot_ref(scene->view.snapshot);
	return page_open(&scene->view, &in_text);
}

#define STEP_MAX (256 << 10)

/* Reads to the end or to an error, at most `step` bytes at once. */
static ssize_t read_all(struct page *page, size_t step, struct buf *out)
{
	static char bytes[STEP_MAX];
	ssize_t n;

	while ((n = page_read(page, bytes, step)) > 0) {
		ck_assert_uint_le((size_t)n, step);
		buf_add(out, bytes, (size_t)n);
	}
	return n;
}

static const size_t steps[] = { 1, 7, 4096, 65536, STEP_MAX };

START_TEST(stream_is_the_page_whatever_the_size_of_a_read)
{
	struct buf whole = { 0 }, streamed = { 0 };
	struct fake_source fake;
	struct scene scene;
	struct page *page;

	open_large_scene(&scene, &fake);
	page_render(&scene.view, &in_text, &whole);
	page = open_page(&scene);
	ck_assert_int_eq(read_all(page, steps[_i], &streamed), 0);
	ck_assert_uint_gt(whole.len, 4 * (64 << 10));
	ck_assert_uint_eq(streamed.len, whole.len);
	ck_assert(!memcmp(streamed.data, whole.data, whole.len));
	page_close(page);
	buf_free(&whole);
	buf_free(&streamed);
	scene_close(&scene);
}

START_TEST(stream_that_has_ended_stays_ended)
{
	struct scene scene = { "read", 1, 1, 1, true, .source = NULL };
	struct buf out = { 0 };
	struct page *page;
	char byte;

	scene_open(&scene, "empty");
	page = open_page(&scene);
	ck_assert_int_eq(read_all(page, 4096, &out), 0);
	ck_assert_int_eq(page_read(page, &byte, 1), 0);
	ck_assert_int_eq(page_read(page, &byte, 1), 0);
	page_close(page);
	buf_free(&out);
	scene_close(&scene);
}

START_TEST(page_holds_its_snapshot_until_it_is_closed)
{
	struct scene scene = { "read", 1, 1, 1, true, .source = NULL };
	struct page *page;

	scene_open(&scene, "empty");
	ck_assert_uint_eq(atomic_load(&scene.view.snapshot->refs), 1);
	page = open_page(&scene);
	ck_assert_uint_eq(atomic_load(&scene.view.snapshot->refs), 2);
	page_close(page);
	ck_assert_uint_eq(atomic_load(&scene.view.snapshot->refs), 1);
	page_close(NULL);
	scene_close(&scene);
}

START_TEST(page_that_cannot_be_opened_gives_up_its_snapshot)
{
	struct scene scene = { "read", 1, 1, 1, true, .source = NULL };
	struct page *page;

	scene_open(&scene, "empty");
	failing_arm(1);
	page = open_page(&scene);
	ck_assert(failing_disarm());
	ck_assert_ptr_null(page);
	ck_assert_uint_eq(atomic_load(&scene.view.snapshot->refs), 1);
	scene_close(&scene);
}

/* Reads with the n-th allocation failing. Returns whether it came. */
static bool fail_at(const struct scene *scene, size_t n, const struct buf *whole)
{
	struct page *page = open_page(scene);
	bool failed, same = true;
	char bytes[1000];
	size_t len = 0;
	ssize_t got;

	failing_arm(n);
	while ((got = page_read(page, bytes, sizeof(bytes))) > 0) {
		same = same && len + (size_t)got <= whole->len &&
		       !memcmp(bytes, whole->data + len, (size_t)got);
		len += (size_t)got;
	}
	failed = failing_disarm();
	ck_assert(same);
	ck_assert_int_eq(got, failed ? -ENOMEM : 0);
	ck_assert_int_eq(page_read(page, bytes, 1), got);
	page_close(page);
	return failed;
}

START_TEST(lack_of_memory_within_a_page_never_sends_a_wrong_byte)
{
	struct buf whole = { 0 };
	struct fake_source fake;
	struct scene scene;
	size_t n = 1;

	open_large_scene(&scene, &fake);
	page_render(&scene.view, &in_text, &whole);
	while (fail_at(&scene, n, &whole))
		n++;
	ck_assert_uint_ne(n, 1);
	buf_free(&whole);
	scene_close(&scene);
}

START_TEST(lack_of_memory_for_a_whole_page_is_its_buffers_error)
{
	struct scene scene = { "read", 1, 1, 1, true, .source = NULL };
	struct buf out = { 0 };

	scene_open(&scene, "one_series");
	failing_arm(1);
	page_render(&scene.view, &in_text, &out);
	ck_assert(failing_disarm());
	ck_assert_int_eq(out.err, -ENOMEM);
	buf_free(&out);
	scene_close(&scene);
}

Suite *page_suite(void)
{
	const struct test tests[] = {
		{ stream_is_the_page_whatever_the_size_of_a_read, COUNT(steps) },
		{ stream_that_has_ended_stays_ended, 0 },
		{ page_holds_its_snapshot_until_it_is_closed, 0 },
		{ page_that_cannot_be_opened_gives_up_its_snapshot, 0 },
		{ lack_of_memory_within_a_page_never_sends_a_wrong_byte, 0 },
		{ lack_of_memory_for_a_whole_page_is_its_buffers_error, 0 },
	};

	return suite_make("page", tests, COUNT(tests));
}
