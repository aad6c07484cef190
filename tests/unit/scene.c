/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <check.h>
#include <stdio.h>

#include "golden.h"

static void choose(struct scene *scene)
{
	const struct selection_lists lists = { .syscalls = scene->syscalls };
	char err[512] = "";

	(void)selection_parse(&lists, &scene->selection, err, sizeof(err));
	ck_assert_str_eq(err, "");
	ck_assert_int_eq(bounds_choose(scene->buckets_min_ns, scene->buckets_max_ns,
				       scene->buckets_step, &scene->bounds),
			 0);
}

static void show(struct scene *scene, struct source *source)
{
	struct fake_clock clock;

	fake_clock_init(&clock);
	scene->source = source;
	scene->facts = (struct facts){
		.source = source ? &source->info : NULL,
		.selection = &scene->selection,
		.bounds = &scene->bounds,
		.collect_errno = scene->collect_errno,
	};
	scene->view.facts = &scene->facts;
	scene->view.reload = (struct reload_result){ true, clock.wall_ns };
	(void)fake_take(source, &clock.clock, &scene->view.snapshot);
	ck_assert_ptr_nonnull(scene->view.snapshot);
}

void scene_open(struct scene *scene, const char *name)
{
	struct source *source = NULL;
	struct source_error err;
	char path[128];

	choose(scene);
	(void)snprintf(path, sizeof(path), GOLDEN_DIR "%s.dump", name ? name : "");
	if (name)
		ck_assert_msg(!source_file_open(path, &scene->selection, &source, &err), "%s: %s",
			      err.operation, err.remedy);
	show(scene, source);
}

void scene_open_source(struct scene *scene, struct source *source)
{
	choose(scene);
	show(scene, source);
}

void scene_close(struct scene *scene)
{
	snapshot_unref(scene->view.snapshot);
	source_close(scene->source);
}
