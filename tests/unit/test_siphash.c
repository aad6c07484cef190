/* SPDX-License-Identifier: Apache-2.0 */
#include "siphash.h"
#include "suites.h"

/* Key 00 01 .. 0f, texts 00 01 02 .., from the table that the authors publish (`openssl mac` has
 * the same): the first 8 bytes and the last 8 of the 16, little-endian. */
static const struct {
	size_t n;
	struct siphash expected;
} vectors[] = {
	{ 0, { { 0xe6a825ba047f81a3, 0x930255c71472f66d } } },
	{ 1, { { 0x44af996bd8c187da, 0x45fc229b11597634 } } },
	{ 2, { { 0xc75da4a48d227781, 0xe4ff0af6de8ba3fc } } },
	{ 15, { { 0x11a8b03399e99354, 0xd9c3cf970fec087e } } },
	{ 16, { { 0xbb54b067caa4e26e, 0x77052385bf1533fd } } },
	{ 63, { { 0x4a83502f77d15051, 0x7cbd3f979a063e50 } } },
};

START_TEST(published_values_are_found)
{
	const struct siphash_key key = { { 0x0706050403020100, 0x0f0e0d0c0b0a0908 } };
	unsigned char text[64];
	struct siphash got;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (unsigned char)i;
	got = siphash(&key, text, vectors[_i].n);
	ck_assert_uint_eq(got.word[0], vectors[_i].expected.word[0]);
	ck_assert_uint_eq(got.word[1], vectors[_i].expected.word[1]);
}

START_TEST(each_bit_of_text_and_key_counts)
{
	struct siphash_key key = { { 5, 6 } };
	unsigned char text[24] = { 0 };
	const struct siphash was = siphash(&key, text, sizeof(text));
	struct siphash got;

	for (size_t bit = 0; bit < sizeof(text) * 8; bit++) {
		text[bit / 8] ^= (unsigned char)(1u << bit % 8);
		got = siphash(&key, text, sizeof(text));
		if (siphash_equal(&got, &was))
			ck_abort_msg("bit %zu of the text", bit);
		text[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
	for (size_t bit = 0; bit < 128; bit++) {
		key.word[bit / 64] ^= 1ull << bit % 64;
		got = siphash(&key, text, sizeof(text));
		if (siphash_equal(&got, &was))
			ck_abort_msg("bit %zu of the key", bit);
		key.word[bit / 64] ^= 1ull << bit % 64;
	}
	for (size_t n = 0; n < sizeof(text); n++) {
		got = siphash(&key, text, n);
		if (siphash_equal(&got, &was))
			ck_abort_msg("%zu zeros are as 24", n);
	}
	got = siphash(&key, text, sizeof(text));
	ck_assert(siphash_equal(&got, &was));
}

Suite *siphash_suite(void)
{
	const struct test tests[] = {
		{ published_values_are_found, COUNT(vectors) },
		{ each_bit_of_text_and_key_counts, 0 },
	};

	return suite_make("siphash", tests, COUNT(tests));
}
