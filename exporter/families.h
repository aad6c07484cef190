/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The metrics: one constant table, a row a family, in the order of the page. Knows the snapshot
 * and calls the encoder; knows no format.
 */
#ifndef FAMILIES_H
#define FAMILIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "bounds.h"
#include "select.h"
#include "snapshot.h"
#include "source.h"

enum family_type {
	TYPE_COUNTER,
	TYPE_GAUGE,
	TYPE_HISTOGRAM,
	TYPE_INFO, /* a gauge that is 1; its facts are its labels */
};
extern const char *const family_type_names[]; /* as most formats have them */

/* What a page shows besides the snapshot; constant while a page is made. */
struct facts {
	const struct source_info *source; /* NULL until attached */
	const struct selection *selection;
	const struct bounds *bounds;
	bool collect_errno;
	bool collect_process;
	uint64_t started_wall_ns; /* of the exporter, since the epoch; no counter is older */
};

/* How the last reload of --config.file went; the start is the first one. */
struct reload_result {
	bool successful;
	uint64_t success_wall_ns; /* of the last one that was; since the epoch */
};

struct view {
	struct snapshot *snapshot;
	const struct facts *facts;
	struct reload_result reload;
};

struct encoder;

struct family {
	const char *name;
	enum family_type type;
	const char *collector; /* of the --collector.NAME that it needs; NULL: always there */
	const char *labels;    /* for documents */
	const char *help;
	/* How many items there are, and the samples of one: none or one label set each, in the
	 * order of the page. A page is made item by item, so that it never exists as a whole. */
	size_t (*items)(const struct view *view);
	void (*emit)(struct encoder *encoder, const struct view *view, size_t item);
};

extern const struct family families[];
extern const size_t families_n;
#define FAMILIES_MAX 64 /* there are fewer */

/* How much of the name is left without the suffix of its type: "_total", "_info". */
size_t family_base(const struct family *family);

/* "seconds", "bytes", or "": what that ends in. */
const char *family_unit(const struct family *family);

/* The table of metrics as Markdown. */
void families_markdown(FILE *out);

#endif
