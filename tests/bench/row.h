/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every benchmark program prints: lines of four fields, separated by tabs, for table.sh:
 * requirement, measured, limit, verdict. A line that starts with "# " is a remark.
 */
#ifndef BENCH_ROW_H
#define BENCH_ROW_H

enum verdict { PASS, FAIL, SKIP, INFO };

void row_print(const char *requirement, const char *measured, const char *limit,
	       enum verdict verdict);

/* Formats into one of a few static buffers, for use within one row_print(). */
const char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
