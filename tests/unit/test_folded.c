/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "encode.h"
#include "failing.h"
#include "golden.h"
#include "scene.h"
#include "suites.h"

START_TEST(folded_stacks_of_a_dump_are_the_golden_ones)
{
	struct scene scene = { NULL, 1000, 1000, 1, true, .source = NULL };
	struct buf out = { 0 };

	scene_open(&scene, "folded");
	encode_folded(scene.view.snapshot, &out);
	golden_check("folded.folded", &out);
	buf_free(&out);
	scene_close(&scene);
}

START_TEST(nothing_is_folded_of_an_empty_snapshot)
{
	struct scene scene = { NULL, 1000, 1000, 1, true, .source = NULL };
	struct buf out = { 0 };

	scene_open(&scene, "empty");
	encode_folded(scene.view.snapshot, &out);
	ck_assert_int_eq(out.err, 0);
	ck_assert_uint_eq(out.len, 0);
	buf_free(&out);
	scene_close(&scene);
}

START_TEST(lack_of_memory_for_folded_stacks_is_the_buffers_error)
{
	struct scene scene = { NULL, 1000, 1000, 1, true, .source = NULL };
	struct buf out = { 0 };

	scene_open(&scene, "folded");
	failing_arm(1);
	encode_folded(scene.view.snapshot, &out);
	ck_assert(failing_disarm());
	ck_assert_int_eq(out.err, -ENOMEM);
	buf_free(&out);
	scene_close(&scene);
}

Suite *folded_suite(void)
{
	const struct test tests[] = {
		{ folded_stacks_of_a_dump_are_the_golden_ones, 0 },
		{ nothing_is_folded_of_an_empty_snapshot, 0 },
		{ lack_of_memory_for_folded_stacks_is_the_buffers_error, 0 },
	};

	return suite_make("folded", tests, COUNT(tests));
}
