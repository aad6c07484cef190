/* SPDX-License-Identifier: Apache-2.0 */
/* What all sources share: names, and the dump of any of them. */
#include "source.h"

#include "buf.h"

const char *const source_lost_names[IOR_LOST_REASONS] = {
	[IOR_LOST_RECURSION] = "recursion", [IOR_LOST_NO_ENTRY] = "no_entry",
	[IOR_LOST_NO_EXIT] = "no_exit",	    [IOR_LOST_NO_MEMORY] = "no_memory",
	[IOR_LOST_DIED] = "died",	    [IOR_LOST_CLOCK] = "clock",
};

struct dump {
	struct buf *dst;
	unsigned int by; /* what rows are named by */
};

/* The counters that are not 0, behind a tab. */
static void dump_slots(struct buf *dst, const struct ior_row *counts)
{
	char before = '\t';

	for (unsigned int slot = 0; slot < IOR_SLOTS; slot++) {
		if (!counts->slot[slot])
			continue;
		buf_add_fmt(dst, "%c%u:%llu", before, slot, counts->slot[slot]);
		before = ',';
	}
	buf_add_str(dst, "\n");
}

/* "KIND", and a field for each label. */
static void dump_names(const struct dump *dump, const char *kind, const char *comm,
		       const struct container *container)
{
	buf_add_str(dump->dst, kind);
	if (dump->by & BY_COMM)
		buf_add_fmt(dump->dst, "\t%s", comm);
	if (dump->by & BY_CONTAINER)
		buf_add_fmt(dump->dst, "\t%s\t%s", container->id, container->pod_uid);
}

static int dump_row(void *arg, const struct source_row *row)
{
	const struct ior_row *counts = row->counts;
	const struct dump *dump = arg;

	dump_names(dump, row->call ? "row" : "gap", row->other ? LABEL_OTHER : row->comm,
		   row->other ? &container_other : row->container);
	if (row->call)
		buf_add_fmt(dump->dst, "\t%s\t%llu\t%llu\t%llu\t%llu", row->call->name,
			    counts->sum_ns, counts->bytes, counts->errors, counts->gap_ns);
	else
		buf_add_fmt(dump->dst, "\t%s\t%llu", row->family, counts->sum_ns);
	dump_slots(dump->dst, counts);
	return dump->dst->err;
}

static int dump_error(void *arg, const struct syscall *call, unsigned int slot, uint64_t count)
{
	const struct dump *dump = arg;

	buf_add_fmt(dump->dst, "errno\t%s\t%s\t%llu\n", call->name, errno_slot_name(slot),
		    (unsigned long long)count);
	return dump->dst->err;
}

static int dump_in_flight(void *arg, const char *comm, const struct container *container,
			  const struct syscall *call, uint64_t age_ns)
{
	const struct dump *dump = arg;

	dump_names(dump, "inflight", comm, container);
	buf_add_fmt(dump->dst, "\t%s\t%llu\n", call->name, (unsigned long long)age_ns);
	return dump->dst->err;
}

int source_dump(struct source *source, struct buf *dst)
{
	struct dump dump = { dst, source->info.by };
	const struct source_visitor visitor = { dump_row, dump_error, &dump, dump_in_flight };
	struct source_status status = { 0 };
	int r;

	buf_add_fmt(dst, "ior_exporter dump 1\nkernel\t%s\nmode\t%s\ncopies\t%u\nexact\t%s\n",
		    source->info.kernel, source->info.mode, source->info.copies,
		    source->info.exact ? "true" : "false");
	if (dump.by != BY_COMM) /* which is what a dump without the line is by */
		buf_add_fmt(dst, "by\t%s\n", by_text(dump.by));
	r = source_read(source, &visitor, &status);
	if (r < 0)
		return r;
	for (size_t i = 0; i < IOR_LOST_REASONS; i++)
		buf_add_fmt(dst, "lost\t%s\t%llu\n", source_lost_names[i],
			    (unsigned long long)status.lost[i]);
	buf_add_fmt(dst, "rows\t%llu\t%llu\nend\n", (unsigned long long)status.rows,
		    (unsigned long long)status.rows_limit);
	return dst->err;
}
