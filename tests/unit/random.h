/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers for tests over many values, the same in every run. */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdint.h>

#define RANDOM_SEED 0x9e3779b97f4a7c15ull

/* xorshift64; *state begins as RANDOM_SEED. */
static inline uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* As likely of each number of bits. */
static inline uint64_t random_magnitude(uint64_t *state)
{
	uint64_t bits = random_next(state) >> 58;

	return random_next(state) >> bits;
}

#endif
