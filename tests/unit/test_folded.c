/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "encode.h"
#include "failing.h"
#include "golden.h"
#include "scene.h"
#include "suites.h"

static const char *const dumps[] = { "folded", "by_both", "by_container", "by_none" };

START_TEST(folded_stacks_of_a_dump_are_the_golden_ones)
{
	struct scene scene = { NULL, 1000, 1000, 1, true, .source = NULL };
	struct buf out = { 0 };
	char file[64];

	scene_open(&scene, dumps[_i]);
	encode_folded(scene.view.snapshot, &out);
	(void)snprintf(file, sizeof(file), "%s.folded", dumps[_i]);
	golden_check(file, &out);
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
		{ folded_stacks_of_a_dump_are_the_golden_ones, COUNT(dumps) },
		{ nothing_is_folded_of_an_empty_snapshot, 0 },
		{ lack_of_memory_for_folded_stacks_is_the_buffers_error, 0 },
	};

	return suite_make("folded", tests, COUNT(tests));
}
