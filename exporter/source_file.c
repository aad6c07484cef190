/* SPDX-License-Identifier: Apache-2.0 */
/* A dump as a source. */
#include "source_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A row, or a gap of this family. */
static int visit_row(const struct source_visitor *visitor, uint64_t id, const struct tuple *name,
		     const struct syscall *call, const char *family, const struct ior_row *counts)
{
	const struct source_row row = {
		.id = id,
		.other = tuple_is_other(name),
		.comm = name->comm,
		.container = name->container,
		.call = call,
		.family = family,
		.counts = counts,
	};

	return visitor->row(visitor->arg, &row);
}

static int file_read(struct source *source, const struct source_visitor *visitor,
		     struct source_status *ret)
{
	const struct source_file *file = (const struct source_file *)source;
	int r;

	for (size_t i = 0; i < file->rows_n; i++) {
		const struct file_row *from = &file->rows[i];

		r = visit_row(visitor, i, &from->name, from->call, NULL, &from->counts);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < file->gaps_n; i++) {
		const struct file_gap *from = &file->gaps[i];

		r = visit_row(visitor, file->rows_n + i, &from->name, NULL, from->family,
			      &from->counts);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < file->errors_n; i++) {
		const struct file_error *from = &file->errors[i];

		r = visitor->error(visitor->arg, from->call, from->slot, from->count);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < file->in_flight_n && visitor->in_flight; i++) {
		const struct file_in_flight *from = &file->in_flight[i];

		r = visitor->in_flight(visitor->arg, from->name.comm, from->name.container,
				       from->call, from->age_ns);
		if (r < 0)
			return r;
	}
	*ret = file->status;
	return 0;
}

static void file_free(struct source_file *file)
{
	if (!file)
		return;
	free(file->rows);
	free(file->errors);
	free(file->in_flight);
	free(file->gaps);
	source_file_free_names(file);
	free(file);
}

static void file_close(struct source *source)
{
	file_free((struct source_file *)source);
}

static const struct source_ops file_ops = { .read = file_read, .close = file_close };

/* The longest that --dump writes is a row with all slots, at 24 bytes a slot. */
#define LINE_MAX_BYTES 2048

/* Reads one line without its end. Returns 1, 0 at the end of the file, or -EINVAL: it is too long,
 * or has a NUL. */
static int read_line(FILE *in, char line[LINE_MAX_BYTES])
{
	size_t n = 0;
	int c;

	while ((c = getc(in)) != EOF && c != '\n') {
		if (!c || n == LINE_MAX_BYTES - 1)
			return -EINVAL;
		line[n++] = (char)c;
	}
	line[n] = '\0';
	return c == '\n' || n;
}

static int read_lines(struct source_file *file, FILE *in, const struct selection *selection,
		      size_t *line_n)
{
	char line[LINE_MAX_BYTES];
	int r;

	errno = 0;
	for (*line_n = 1; (r = read_line(in, line)) > 0; ++*line_n) {
		if (*line_n == 1)
			r = strcmp(line, "ior_exporter dump 1") ? -EINVAL : 0;
		else
			r = source_file_take_line(file, line, selection);
		if (r < 0)
			break;
	}
	if (r < 0)
		return r;
	if (ferror(in))
		return errno ? -errno : -EIO;
	return file->ended ? 0 : -EINVAL;
}

/* Reads the whole of a dump; *line_n is where it stopped. */
static int read_path(struct source_file *file, const char *path, const struct selection *selection,
		     size_t *line_n)
{
	FILE *in;
	int r;

	if (!strcmp(path, "-"))
		return read_lines(file, stdin, selection, line_n);
	in = fopen(path, "re");
	if (!in)
		return -errno;
	r = read_lines(file, in, selection, line_n);
	(void)fclose(in);
	return r;
}

int source_file_open(const char *path, const struct selection *selection, struct source **ret,
		     struct source_error *err)
{
	struct source_file *file = calloc(1, sizeof(*file));
	size_t line_n = 0;
	int r;

	err->remedy[0] = '\0';
	(void)snprintf(err->operation, sizeof(err->operation), "read the dump '%s'", path);
	if (file)
		file->source.info.by = BY_COMM;
	r = file ? read_path(file, path, selection, &line_n) : -ENOMEM;
	if (r == -EINVAL)
		(void)snprintf(err->remedy, sizeof(err->remedy),
			       "line %zu is not what --dump writes, or the file is cut short",
			       line_n);
	if (r < 0) {
		file_free(file);
		return r;
	}
	file->source.ops = &file_ops;
	*ret = (struct source *)
		file; /* its first member; gcc 12's analyzer loses sight of &file->source */
	return 0;
}
