/* SPDX-License-Identifier: Apache-2.0 */
#include "row.h"

#include <stdarg.h>
#include <stdio.h>

void row_print(const char *requirement, const char *measured, const char *limit,
	       enum verdict verdict)
{
	static const char *const names[] = { "PASS", "FAIL", "SKIP", "INFO" };

	printf("%s\t%s\t%s\t%s\n", requirement, measured, limit, names[verdict]);
	fflush(stdout);
}

const char *text(const char *format, ...)
{
	static char buffers[8][160];
	static unsigned int next;
	char *buffer = buffers[next++ % 8];
	va_list args;

	va_start(args, format);
	vsnprintf(buffer, sizeof(buffers[0]), format, args);
	va_end(args);
	return buffer;
}
