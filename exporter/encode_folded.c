/* SPDX-License-Identifier: Apache-2.0 */
/* Folded stacks, the input of flamegraph.pl, inferno and speedscope. */
#include <string.h>

#include "encode.h"
#include "snapshot.h"

/* A frame and its end; none if the name is "". */
static void add_frame(struct buf *out, const char *name)
{
	if (!*name)
		return;
	for (; *name; name++) {
		if (*name == ';')
			buf_add_str(out, "\\x3b");
		else
			buf_add(out, name, 1);
	}
	buf_add_str(out, ";");
}

void encode_folded(const struct snapshot *snapshot, struct buf *out)
{
	for (size_t i = 0; i < snapshot->series_n; i++) {
		const struct series *series = &snapshot->series[i];
		const struct container *container = series->tuple->container;

		if (!series->counts.sum_ns)
			continue;
		add_frame(out, container ? container->id : "");
		add_frame(out, series->tuple->comm);
		buf_add_fmt(out, "%s;%s %llu\n", series->call->family, series->call->name,
			    series->counts.sum_ns);
	}
}
