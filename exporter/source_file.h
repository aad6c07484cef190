/* SPDX-License-Identifier: Apache-2.0 */
/* A dump in memory: source_file.c is the source, source_file_line.c takes the file's lines in. */
#ifndef SOURCE_FILE_H
#define SOURCE_FILE_H

#include "source.h"

struct file_row {
	char comm[LABEL_SIZE];
	const struct syscall *call;
	struct ior_row counts;
};

struct file_error {
	const struct syscall *call;
	unsigned int slot;
	uint64_t count;
};

struct file_in_flight {
	char comm[LABEL_SIZE];
	const struct syscall *call;
	uint64_t age_ns;
};

struct file_gap {
	char comm[LABEL_SIZE];
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
	bool ended;
};

/* Takes in one line behind the first, without its newline; the line is cut up. Calls that are not
 * selected are passed over. Returns 0, -EINVAL (no line of a dump) or -ENOMEM. */
int source_file_take_line(struct source_file *file, char *line, const struct selection *selection);

#endif
