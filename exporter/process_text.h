/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of /proc that process.c reads (proc(5)), as pure functions. Each writes *ret and
 * returns true, or returns false if the text is anything else, cut off, or has a number of more
 * than 64 bits. */
#ifndef PROCESS_TEXT_H
#define PROCESS_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* Of /proc/PID/stat, in the kernel's units. */
struct process_stat {
	uint64_t user_ticks, system_ticks;
	uint64_t start_ticks; /* since the machine's start */
	uint64_t virtual_bytes;
	uint64_t resident_pages;
};

/* Takes the text apart. */
bool process_parse_stat(char *text, struct process_stat *ret);

/* The soft limit of this name of /proc/PID/limits; UINT64_MAX: unlimited. */
bool process_parse_limit(const char *text, const char *name, uint64_t *ret);

/* A line of /proc/stat, if it is the one of the machine's start, which is above 0. */
bool process_parse_boot(const char *line, uint64_t *ret_wall_ns);

#endif
