/* SPDX-License-Identifier: Apache-2.0 */
/* Folded stacks, the input of flamegraph.pl, inferno and speedscope. */
#include <string.h>

#include "encode.h"
#include "snapshot.h"

static void add_frame(struct buf *out, const char *comm)
{
	for (; *comm; comm++) {
		if (*comm == ';')
			buf_add_str(out, "\\x3b");
		else
			buf_add(out, comm, 1);
	}
}

void encode_folded(const struct snapshot *snapshot, struct buf *out)
{
	for (size_t i = 0; i < snapshot->series_n; i++) {
		const struct series *series = &snapshot->series[i];

		if (!series->counts.sum_ns)
			continue;
		add_frame(out, series->comm);
		buf_add_fmt(out, ";%s;%s %llu\n", series->call->family, series->call->name,
			    series->counts.sum_ns);
	}
}
