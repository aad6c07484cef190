/* SPDX-License-Identifier: Apache-2.0 */
/* A dump in memory: source_file.c is the source, source_file_line.c takes the file's lines in, and
 * source_file_names.c the names in them. */
#ifndef SOURCE_FILE_H
#define SOURCE_FILE_H

#include "source.h"
#include "tuple.h"

struct file_row {
	struct tuple name;
	const struct syscall *call;
	struct ior_row counts;
};

struct file_error {
	const struct syscall *call;
	unsigned int slot;
	uint64_t count;
};

struct file_in_flight {
	struct tuple name;
	const struct syscall *call;
	uint64_t age_ns;
};

struct file_gap {
	struct tuple name;
	const char *family;
	struct ior_row counts;
};

struct source_file {
	struct source source;
	struct source_status status;
	struct file_row *rows;
	size_t rows_n, rows_cap;
	struct file_error *errors;
	size_t errors_n, errors_cap;
	struct file_in_flight *in_flight;
	size_t in_flight_n, in_flight_cap;
	struct file_gap *gaps;
	size_t gaps_n, gaps_cap;
	void *containers; /* those of names, each once: tree, see tsearch(3) */
	size_t containers_n;
	bool named; /* it is settled what rows are named by */
	bool ended;
};

/* Takes in one line behind the first, without its newline; the line is cut up. Calls that are not
 * selected are passed over. Returns 0, -EINVAL (no line of a dump) or -ENOMEM. */
int source_file_take_line(struct source_file *file, char *line, const struct selection *selection);

/* Takes the line that says what rows are named by, of n fields; not twice, and not behind a row.
 * Returns 0 or -EINVAL. */
int source_file_take_by(struct source_file *file, char **field, size_t n);

/* How many fields the names of a row are. */
size_t source_file_names(const struct source_file *file);

/* Makes the name of these fields. Returns 0, -EINVAL (they are no labels, or more than a dump has)
 * or -ENOMEM. */
int source_file_take_name(struct source_file *file, char **field, struct tuple *ret);

/* Frees the containers of names. */
void source_file_free_names(struct source_file *file);

#endif
