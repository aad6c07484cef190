/* SPDX-License-Identifier: Apache-2.0 */
/* Input of a fuzzer as the parsers get it: texts that end with a zero byte, in memory of exactly
 * their size, so that the sanitizer sees each byte read past the end. */
#ifndef FUZZ_TEXT_H
#define FUZZ_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "negotiate.h"

/* libFuzzer calls it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* A copy; to be freed. */
char *text_of(const uint8_t *data, size_t n);

/* One value a line, the last as it is; to be freed by values_free(). */
void values_of(const uint8_t *data, size_t n, struct header_values *ret);
void values_free(struct header_values *values);

/* Ends the process with the message. */
void fail(const char *message) __attribute__((noreturn));

#endif
