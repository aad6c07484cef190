/* SPDX-License-Identifier: Apache-2.0 */
/* All that a page shows, from a dump or a fake source, on a fake clock. */
#ifndef SCENE_H
#define SCENE_H

#include <stdbool.h>

#include "fake.h"
#include "families.h"

struct scene {
	/* what to show; set before scene_open() */
	const char *syscalls; /* comma list of those selected */
	uint64_t buckets_min_ns, buckets_max_ns;
	unsigned int buckets_step;
	bool collect_errno;

	/* the rest is scene_open()'s */
	struct source *source;
	struct selection selection;
	struct bounds bounds;
	struct facts facts;
	struct view view; /* scene_close() ends its snapshot */
};

/* Of tests/golden/NAME.dump; NULL: nothing is attached. */
void scene_open(struct scene *scene, const char *name);

/* Of a source, which scene_close() closes. */
void scene_open_source(struct scene *scene, struct source *source);

void scene_close(struct scene *scene);

#endif
