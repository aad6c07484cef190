/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of a dump. The file may come from anybody: every field is checked, memory is bounded.
 */
#include "source_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More lines than the kernel has rows, or a line longer than any of ours, is no dump. */
#define ROWS_MAX IOR_ROWS_MAX
#define ERRORS_MAX ((size_t)SYSCALLS * IOR_ERRNOS)
#define IN_FLIGHT_MAX (4u << 20) /* PID_MAX_LIMIT */
/* one more than any line has, so that a longer one shows */
#define FIELDS_MAX 11

/* Makes room for one more element, at most `max` in all. */
static int grow(void **array, size_t n, size_t *cap, size_t max, size_t size)
{
	size_t larger = *cap ? *cap * 2 : 64;
	void *grown;

	if (n >= max)
		return -EINVAL;
	if (n < *cap)
		return 0;
	grown = reallocarray(*array, larger, size);
	if (!grown)
		return -ENOMEM;
	*array = grown;
	*cap = larger;
	return 0;
}

/* A whole decimal number. */
static bool parse_u64(const char *text, uint64_t *ret)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*ret = strtoull(text, &end, 10);
	return !*end && !errno;
}

/* "4:17,5:2", ascending, so that none comes twice. */
static bool parse_slots(char *text, struct ior_row *row)
{
	uint64_t least = 0, calls = 0;

	while (text) {
		char *part = strsep(&text, ","), *colon = strchr(part, ':');
		uint64_t slot, count;

		if (!colon)
			return false;
		*colon = '\0';
		if (!parse_u64(part, &slot) || slot < least || slot >= IOR_SLOTS ||
		    !parse_u64(colon + 1, &count) || __builtin_add_overflow(calls, count, &calls))
			return false;
		row->slot[slot] = count;
		least = slot + 1;
	}
	return true;
}

/* Printable ASCII that fits: the kernel's release and our modes are no more, and need no escape to
 * be labels. (A release may be longer than a comm.) */
static bool take_text(char *dst, size_t size, const char *text)
{
	size_t n = strlen(text);

	if (!n || n >= size)
		return false;
	for (size_t i = 0; i < n; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	memcpy(dst, text, n + 1);
	return true;
}

static int take_row(struct source_file *file, const struct tuple *name, char **field, size_t n,
		    const struct selection *selection)
{
	struct file_row row = { .name = *name };
	uint64_t sum_ns, bytes, errors, gap_ns;
	int r;

	if (n < 5 || n > 6)
		return -EINVAL;
	row.call = syscall_by_name(field[0]);
	if (!row.call || !parse_u64(field[1], &sum_ns) || !parse_u64(field[2], &bytes) ||
	    !parse_u64(field[3], &errors) || !parse_u64(field[4], &gap_ns) ||
	    (n == 6 && !parse_slots(field[5], &row.counts)))
		return -EINVAL;
	if (!selection->on[syscall_index(row.call)])
		return 0;
	r = grow((void **)&file->rows, file->rows_n, &file->rows_cap, ROWS_MAX, sizeof(row));
	if (r < 0)
		return r;
	row.counts.sum_ns = sum_ns;
	row.counts.bytes = bytes;
	row.counts.errors = errors;
	row.counts.gap_ns = gap_ns;
	file->rows[file->rows_n++] = row;
	return 0;
}

/* An error has no name. */
static int take_error(struct source_file *file, const struct tuple *name, char **field, size_t n,
		      const struct selection *selection)
{
	struct file_error error = { 0 };
	int slot, r;

	(void)name;
	if (n != 3)
		return -EINVAL;
	error.call = syscall_by_name(field[0]);
	slot = errno_slot_by_name(field[1]);
	if (!error.call || slot < 0 || !parse_u64(field[2], &error.count) || !error.count)
		return -EINVAL;
	if (!selection->on[syscall_index(error.call)])
		return 0;
	r = grow((void **)&file->errors, file->errors_n, &file->errors_cap, ERRORS_MAX,
		 sizeof(error));
	if (r < 0)
		return r;
	error.slot = (unsigned int)slot;
	file->errors[file->errors_n++] = error;
	return 0;
}

static int take_in_flight(struct source_file *file, const struct tuple *name, char **field,
			  size_t n, const struct selection *selection)
{
	struct file_in_flight entry = { .name = *name };
	int r;

	if (n != 2)
		return -EINVAL;
	entry.call = syscall_by_name(field[0]);
	if (!entry.call || !parse_u64(field[1], &entry.age_ns))
		return -EINVAL;
	if (!selection->on[syscall_index(entry.call)])
		return 0;
	r = grow((void **)&file->in_flight, file->in_flight_n, &file->in_flight_cap, IN_FLIGHT_MAX,
		 sizeof(entry));
	if (r < 0)
		return r;
	file->in_flight[file->in_flight_n++] = entry;
	return 0;
}

/* A family of the selection has a call in it. */
static const char *selected_family(const char *name, const struct selection *selection, bool *known)
{
	*known = false;
	for (size_t i = 0; i < SYSCALLS; i++) {
		if (strcmp(syscalls[i].family, name) != 0)
			continue;
		*known = true;
		if (selection->on[i])
			return syscalls[i].family;
	}
	return NULL;
}

static int take_gap(struct source_file *file, const struct tuple *name, char **field, size_t n,
		    const struct selection *selection)
{
	struct file_gap gap = { .name = *name };
	uint64_t sum_ns;
	bool known;
	int r;

	if (n < 2 || n > 3)
		return -EINVAL;
	gap.family = selected_family(field[0], selection, &known);
	if (!known || !parse_u64(field[1], &sum_ns) ||
	    (n == 3 && !parse_slots(field[2], &gap.counts)))
		return -EINVAL;
	if (!gap.family)
		return 0;
	r = grow((void **)&file->gaps, file->gaps_n, &file->gaps_cap, ROWS_MAX, sizeof(gap));
	if (r < 0)
		return r;
	gap.counts.sum_ns = sum_ns;
	file->gaps[file->gaps_n++] = gap;
	return 0;
}

static int take_lost(struct source_file *file, char **field, size_t n)
{
	if (n != 3)
		return -EINVAL;
	for (size_t i = 0; i < IOR_LOST_REASONS; i++)
		if (!strcmp(source_lost_names[i], field[1]))
			return parse_u64(field[2], &file->status.lost[i]) ? 0 : -EINVAL;
	return -EINVAL;
}

/* What describes the dump as a whole. */
static int take_info(struct source_info *info, char **field, size_t n)
{
	uint64_t copies;

	if (n != 2)
		return -EINVAL;
	if (!strcmp(field[0], "kernel"))
		return take_text(info->kernel, sizeof(info->kernel), field[1]) ? 0 : -EINVAL;
	if (!strcmp(field[0], "mode"))
		return take_text(info->mode, sizeof(info->mode), field[1]) ? 0 : -EINVAL;
	if (!strcmp(field[0], "exact") && (!strcmp(field[1], "true") || !strcmp(field[1], "false")))
		info->exact = !strcmp(field[1], "true");
	else if (!strcmp(field[0], "copies") && parse_u64(field[1], &copies) && copies < 100)
		info->copies = (unsigned int)copies;
	else
		return -EINVAL;
	return 0;
}

static int take_rows(struct source_file *file, char **field, size_t n)
{
	return n == 3 && parse_u64(field[1], &file->status.rows) &&
			       parse_u64(field[2], &file->status.rows_limit) ?
		       0 :
		       -EINVAL;
}

/* What there may be many of: a word, a name, and fields of their own. */
static const struct {
	const char *word;
	bool named;
	int (*take)(struct source_file *file, const struct tuple *name, char **field, size_t n,
		    const struct selection *selection);
} items[] = {
	{ "row", true, take_row },
	{ "errno", false, take_error },
	{ "inflight", true, take_in_flight },
	{ "gap", true, take_gap },
};

static int take_item(struct source_file *file, size_t item, char **field, size_t n,
		     const struct selection *selection)
{
	const size_t names = items[item].named ? source_file_names(file) : 0;
	struct tuple name = { .container = NULL };
	int r = 0;

	if (n < 1 + names)
		return -EINVAL;
	if (items[item].named)
		r = source_file_take_name(file, field + 1, &name);
	return r ?: items[item].take(file, &name, field + 1 + names, n - 1 - names, selection);
}

int source_file_take_line(struct source_file *file, char *line, const struct selection *selection)
{
	char *field[FIELDS_MAX], *text = line;
	size_t n = 0;

	do
		field[n++] = strsep(&text, "\t"); /* line is the first of them now */
	while (text && n < FIELDS_MAX);
	if (file->ended)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++)
		if (!strcmp(line, items[i].word))
			return take_item(file, i, field, n, selection);
	if (!strcmp(line, "lost"))
		return take_lost(file, field, n);
	if (!strcmp(line, "rows"))
		return take_rows(file, field, n);
	if (!strcmp(line, "by"))
		return source_file_take_by(file, field, n);
	if (!strcmp(line, "end") && n == 1) {
		file->ended = true;
		return 0;
	}
	return take_info(&file->source.info, field, n);
}
