/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SipHash-2-4 with 128 bits (Aumasson and Bernstein, 2012): a keyed hash. Who does not know the key
 * can neither foresee a value nor find two texts that share one.
 */
#ifndef SIPHASH_H
#define SIPHASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct siphash_key {
	uint64_t word[2]; /* random */
};

struct siphash {
	uint64_t word[2];
};

struct siphash siphash(const struct siphash_key *key, const void *bytes, size_t n);

/* In a time that does not tell where they differ. */
bool siphash_equal(const struct siphash *a, const struct siphash *b);

#endif
