/* SPDX-License-Identifier: Apache-2.0 */
#include "siphash.h"

#include <string.h>

struct state {
	uint64_t v[4];
};

static uint64_t rotate(uint64_t x, unsigned int by)
{
	return x << by | x >> (64 - by);
}

static void run(struct state *state, unsigned int rounds)
{
	uint64_t *v = state->v;

	while (rounds--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

static void absorb(struct state *state, uint64_t word)
{
	state->v[3] ^= word;
	run(state, 2);
	state->v[0] ^= word;
}

/* Little-endian, whatever the machine is. */
static uint64_t load(const unsigned char *bytes, size_t n)
{
	uint64_t word = 0;

	for (size_t i = 0; i < n; i++)
		word |= (uint64_t)bytes[i] << (8 * i);
	return word;
}

static uint64_t squeeze(struct state *state)
{
	run(state, 4);
	return state->v[0] ^ state->v[1] ^ state->v[2] ^ state->v[3];
}

struct siphash siphash(const struct siphash_key *key, const void *bytes, size_t n)
{
	const unsigned char *at = bytes;
	struct state state = { {
		key->word[0] ^ 0x736f6d6570736575, /* "somepseudorandomlygeneratedbytes" */
		key->word[1] ^ 0x646f72616e646f6d ^ 0xee,
		key->word[0] ^ 0x6c7967656e657261,
		key->word[1] ^ 0x7465646279746573,
	} };
	struct siphash ret;

	for (size_t left = n; left >= 8; left -= 8, at += 8)
		absorb(&state, load(at, 8));
	absorb(&state, load(at, n % 8) | (uint64_t)(n & 0xff) << 56);
	state.v[2] ^= 0xee;
	ret.word[0] = squeeze(&state);
	state.v[1] ^= 0xdd;
	ret.word[1] = squeeze(&state);
	return ret;
}

bool siphash_equal(const struct siphash *a, const struct siphash *b)
{
	return !((a->word[0] ^ b->word[0]) | (a->word[1] ^ b->word[1]));
}
