/* SPDX-License-Identifier: Apache-2.0 */
/* The arithmetic that kernel and user space share, against exact rationals. */
#include <inttypes.h>
#include <stdint.h>

#include "ior.h"
#include "random.h"
#include "suites.h"

/* The definition: the first k with ns * 10^-9 s <= 2^(k-24) s. */
static unsigned int exact_slot(uint64_t ns)
{
	const unsigned __int128 scaled = (unsigned __int128)ns << 24;
	unsigned int slot = 0;

	while (slot < IOR_SLOTS - 1 && scaled > (unsigned __int128)1000000000 << slot)
		slot++;
	return slot;
}

static void check_slot(uint64_t ns)
{
	if (ior_slot(ns) != exact_slot(ns))
		ck_abort_msg("ior_slot(%" PRIu64 ") is %u, not %u", ns, ior_slot(ns),
			     exact_slot(ns));
}

START_TEST(bucket_bounds_are_inclusive)
{
	for (unsigned int slot = 0; slot < IOR_SLOTS - 1; slot++) {
		const uint64_t bound = (1000000000ull << slot) >> 24;

		ck_assert_uint_eq(ior_slot(bound), slot);
		ck_assert_uint_eq(ior_slot(bound + 1), slot + 1);
		for (uint64_t ns = bound - 2; ns <= bound + 2; ns++)
			check_slot(ns);
	}
}

START_TEST(slots_are_exact_at_all_magnitudes)
{
	uint64_t state = RANDOM_SEED;

	for (int i = 0; i < 1000000; i++)
		check_slot(random_magnitude(&state));
}

static const struct {
	uint64_t ns;
	unsigned int slot;
} edges[] = {
	{ 0, 0 },
	{ 1, 0 },
	{ 59, 0 },
	{ 60, 1 },
	{ 119, 1 },
	{ 120, 2 },
	{ 999999999, 24 },
	{ 1000000000, 24 },
	{ 1000000001, 25 },
	{ 64000000000, 30 },
	{ 64000000001, 31 },
	{ (1ull << 37) - 1, 31 },
	{ 1ull << 37, 31 },
	{ (1ull << 37) + 1, 31 },
	{ 1ull << 43, 31 },
	{ UINT64_MAX, 31 },
};

START_TEST(edge_durations_have_their_slot)
{
	ck_assert_uint_eq(ior_slot(edges[_i].ns), edges[_i].slot);
	ck_assert_uint_eq(exact_slot(edges[_i].ns), edges[_i].slot);
}

START_TEST(slots_never_fall_as_durations_grow)
{
	unsigned int last = 0;

	for (uint64_t ns = 0; ns < UINT64_MAX - UINT64_MAX / 500; ns += ns / 1000 + 1) {
		unsigned int slot = ior_slot(ns);

		if (slot < last || slot > last + 1)
			ck_abort_msg("slot %u follows slot %u at %" PRIu64 " ns", slot, last, ns);
		last = slot;
	}
	ck_assert_uint_eq(last, IOR_SLOTS - 1);
}

/* 1 to 133 are slots of their own, 512 to 543 follow them, all others share slot 0. */
START_TEST(errnos_have_a_slot_of_their_own_or_share_slot_0)
{
	for (unsigned int err = 0; err < 4096; err++) {
		unsigned int expected = 0;

		if (err >= 1 && err <= 133)
			expected = err;
		if (err >= 512 && err <= 543)
			expected = 134 + err - 512;
		ck_assert_uint_eq(ior_errno_slot(err), expected);
	}
}

START_TEST(every_errno_slot_is_used)
{
	unsigned int errnos[IOR_ERRNOS] = { 0 };

	for (unsigned int err = 0; err < 4096; err++)
		errnos[ior_errno_slot(err)]++;
	ck_assert_uint_eq(errnos[0], 4096 - 133 - 32);
	for (unsigned int slot = 1; slot < IOR_ERRNOS; slot++)
		ck_assert_uint_eq(errnos[slot], 1);
}

START_TEST(numbers_beyond_errno_share_slot_0)
{
	static const uint32_t numbers[] = { 4096, 65535, 1u << 31, UINT32_MAX - 511, UINT32_MAX };

	for (size_t i = 0; i < COUNT(numbers); i++)
		ck_assert_uint_eq(ior_errno_slot(numbers[i]), 0);
}

Suite *slot_suite(void)
{
	const struct test tests[] = {
		{ bucket_bounds_are_inclusive, 0 },
		{ slots_are_exact_at_all_magnitudes, 0 },
		{ edge_durations_have_their_slot, COUNT(edges) },
		{ slots_never_fall_as_durations_grow, 0 },
		{ errnos_have_a_slot_of_their_own_or_share_slot_0, 0 },
		{ every_errno_slot_is_used, 0 },
		{ numbers_beyond_errno_share_slot_0, 0 },
	};

	return suite_make("slot", tests, COUNT(tests));
}
