/* SPDX-License-Identifier: Apache-2.0 */
#include "families_series.h"

#include <stdio.h>

#include "encode.h"
#include "families_labels.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- how many items ---- */

size_t items_each_series(const struct view *view)
{
	return view->snapshot->series_n;
}

size_t items_each_error(const struct view *view)
{
	return view->facts->collect_errno ? view->snapshot->errors_n : 0;
}

size_t items_each_in_flight(const struct view *view)
{
	return view->snapshot->in_flight_n;
}

size_t items_each_gap(const struct view *view)
{
	return view->snapshot->gaps_n;
}

size_t items_each_syscall(const struct view *view)
{
	(void)view;
	return SYSCALLS;
}

/* ---- samples of a series ---- */

static size_t label_series(struct label ret[LABELS_MAX], const struct series *series)
{
	return labels_of(ret, series->tuple, series->call->family, series->call);
}

static void emit_series(struct encoder *encoder, const struct series *series, uint64_t value)
{
	struct label labels[LABELS_MAX];

	encode_created(encoder, series->created_wall_ns);
	encode_u64(encoder, labels, label_series(labels, series), value);
}

void emit_duration(struct encoder *encoder, const struct view *view, size_t item)
{
	const struct series *series = &view->snapshot->series[item];
	struct label labels[LABELS_MAX];

	if (series->call->noreturn)
		return;
	encode_created(encoder, series->created_wall_ns);
	encode_histogram(encoder, labels, label_series(labels, series), &series->counts);
}

void emit_errors(struct encoder *encoder, const struct view *view, size_t item)
{
	const struct series *series = &view->snapshot->series[item];

	if (!series->call->noreturn)
		emit_series(encoder, series, series->counts.errors);
}

void emit_gap(struct encoder *encoder, const struct view *view, size_t item)
{
	const struct series *series = &view->snapshot->series[item];
	struct label labels[LABELS_MAX];

	if (series->call->noreturn)
		return;
	encode_created(encoder, series->created_wall_ns);
	encode_seconds(encoder, labels, label_series(labels, series), series->counts.gap_ns);
}

void emit_gap_histogram(struct encoder *encoder, const struct view *view, size_t item)
{
	const struct gap *gap = &view->snapshot->gaps[item];
	struct label labels[LABELS_MAX];

	encode_created(encoder, gap->created_wall_ns);
	encode_histogram(encoder, labels, labels_of(labels, gap->tuple, gap->family, NULL),
			 &gap->counts);
}

void emit_noreturn(struct encoder *encoder, const struct view *view, size_t item)
{
	const struct series *series = &view->snapshot->series[item];

	if (series->call->noreturn)
		emit_series(encoder, series, series->calls);
}

static void emit_bytes(struct encoder *encoder, const struct view *view, size_t item,
		       enum bytes_class class)
{
	const struct series *series = &view->snapshot->series[item];

	if (series->call->bytes == class)
		emit_series(encoder, series, series->counts.bytes);
}

void emit_read_bytes(struct encoder *encoder, const struct view *view, size_t item)
{
	emit_bytes(encoder, view, item, BYTES_READ);
}

void emit_written_bytes(struct encoder *encoder, const struct view *view, size_t item)
{
	emit_bytes(encoder, view, item, BYTES_WRITTEN);
}

void emit_transferred_bytes(struct encoder *encoder, const struct view *view, size_t item)
{
	emit_bytes(encoder, view, item, BYTES_TRANSFERRED);
}

void emit_errno(struct encoder *encoder, const struct view *view, size_t item)
{
	const struct error_count *error = &view->snapshot->errors[item];
	const struct label labels[] = {
		{ "errno", errno_slot_name(error->slot) },
		{ "family", error->call->family },
		{ "syscall", error->call->name },
	};

	encode_u64(encoder, labels, COUNT(labels), error->count);
}

void emit_in_flight(struct encoder *encoder, const struct view *view, size_t item)
{
	const struct in_flight *entry = &view->snapshot->in_flight[item];
	struct label labels[LABELS_MAX];

	encode_u64(encoder, labels,
		   labels_of(labels, entry->tuple, entry->call->family, entry->call), entry->count);
}

/* One sample a call: at its first entry, the oldest of all its entries. */
void emit_oldest(struct encoder *encoder, const struct view *view, size_t item)
{
	const struct in_flight *all = view->snapshot->in_flight;
	const struct syscall *call = all[item].call;
	const struct label labels[] = { { "family", call->family }, { "syscall", call->name } };
	uint64_t oldest_ns = 0;

	if (item && all[item - 1].call == call)
		return;
	for (; item < view->snapshot->in_flight_n && all[item].call == call; item++)
		if (all[item].oldest_ns > oldest_ns)
			oldest_ns = all[item].oldest_ns;
	encode_seconds(encoder, labels, COUNT(labels), oldest_ns);
}

void emit_syscall_info(struct encoder *encoder, const struct view *view, size_t item)
{
	static const char *const classes[] = {
		[BYTES_NONE] = "none",
		[BYTES_READ] = "read",
		[BYTES_WRITTEN] = "write",
		[BYTES_TRANSFERRED] = "transfer",
	};
	const struct syscall *call = &syscalls[item];
	const bool pseudo = call->nr >= IOR_NR_MAX;
	char nr[16];
	const struct label labels[] = {
		{ "bytes", classes[call->bytes] },
		{ "family", call->family },
		{ "kind", call->kind },
		{ "nr", nr },
		{ "syscall", call->name },
		{ "wait", call->wait ? "true" : "false" },
	};

	(void)snprintf(nr, sizeof(nr), "%d", call->nr);
	if (call->nr >= 0 && !pseudo && view->facts->selection->on[item])
		encode_u64(encoder, labels, COUNT(labels), 1);
}
