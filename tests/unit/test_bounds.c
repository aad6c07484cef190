/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bounds.h"
#include "ior.h"
#include "suites.h"

#define US 1000ull
#define MS 1000000ull
#define S 1000000000ull

/* The fewest digits that read back as the same double. printf rounds a tie to the even digit, which
 * may read back as another one where the odd one does not: a little more breaks the tie upwards. */
static int shortest(double value, char digits[64])
{
	for (int precision = 0;; precision++) {
		(void)snprintf(digits, 64, "%.*e", precision, value);
		if (strtod(digits, NULL) == value)
			return precision;
		(void)snprintf(digits, 64, "%.*Le", precision, value * (1 + 0x1p-63L));
		if (strtod(digits, NULL) == value)
			return precision;
	}
}

/* As Prometheus' Go library: exponents below -4 are written, an integer has ".0". */
static void go_text(double value, char ret[64])
{
	char digits[64];
	int precision = shortest(value, digits);
	int exponent = atoi(strchr(digits, 'e') + 1);

	if (exponent < -4)
		memcpy(ret, digits, strlen(digits) + 1);
	else if (value >= 1)
		(void)snprintf(ret, 64, "%.1f", value);
	else
		(void)snprintf(ret, 64, "%.*f", precision - exponent, value);
}

START_TEST(bounds_are_spelled_as_go_spells_them)
{
	for (int slot = 0; slot < BOUNDS_MAX; slot++) {
		const double bound = slot < 24 ? 1.0 / (1 << (24 - slot)) : 1 << (slot - 24);
		char text[64];

		go_text(bound, text);
		ck_assert_str_eq(bound_le[slot], text);
		ck_assert(strtod(bound_le[slot], NULL) == bound);
	}
}

static const struct {
	uint64_t min_ns, max_ns;
	unsigned int step;
	size_t n;
	unsigned int first, last;
} choices[] = {
	{ 1 * US, 16 * S, 1, 25, 4, 28 }, /* the default */
	{ 1 * US, 16 * S, 2, 13, 4, 28 }, /* every other one */
	{ 1 * US, 16 * S, 5, 5, 4, 24 },  /* the last one need not be hit */
	{ 1 * US, 16 * S, 31, 1, 4, 4 },  /* one alone */
	{ 0, UINT64_MAX, 1, 31, 0, 30 },  /* all */
	{ 0, 0, 1, 1, 0, 0 },		  /* the smallest */
	{ 0, 59, 1, 1, 0, 0 },		  /* 2^-24 s is 59.6 ns */
	{ 0, 60, 1, 2, 0, 1 },		  /* and so below 60 ns */
	{ 59, 59, 1, 1, 0, 0 },		  /* nothing is below it */
	{ 119, 119, 1, 2, 0, 1 },	  /* 2^-23 s is 119.2 ns */
	{ 120, 120, 1, 2, 1, 2 },
	{ 1 * S, 1 * S, 1, 1, 24, 24 }, /* exact powers are bounds of both kinds */
	{ 1 * S - 1, 1 * S + 1, 1, 3, 23, 25 },
	{ 1953125, 1953125, 1, 1, 15, 15 }, /* 2^-9 s, the smallest whole one */
	{ 1953124, 1953126, 1, 3, 14, 16 },
	{ 976562, 976562, 1, 2, 13, 14 }, /* 2^-10 s is 976562.5 ns */
	{ 976563, 976563, 1, 2, 14, 15 },
	{ 64 * S, 64 * S, 1, 1, 30, 30 }, /* the largest */
	{ 64 * S - 1, 64 * S, 1, 2, 29, 30 },
	{ 65 * S, UINT64_MAX, 1, 1, 30, 30 }, /* nothing is above it */
};

START_TEST(bounds_enclose_what_is_asked_for)
{
	struct bounds bounds;
	int r = bounds_choose(choices[_i].min_ns, choices[_i].max_ns, choices[_i].step, &bounds);

	ck_assert_int_eq(r, 0);
	ck_assert_uint_eq(bounds.n, choices[_i].n);
	for (size_t i = 0; i < bounds.n; i++)
		ck_assert_uint_eq(bounds.slot[i], choices[_i].first + i * choices[_i].step);
	ck_assert_uint_eq(bounds.slot[bounds.n - 1], choices[_i].last);
}

/* Is 2^(slot-24) s at most / at least ns? */
static bool at_most(unsigned int slot, uint64_t ns)
{
	return (unsigned __int128)S << slot <= (unsigned __int128)ns << 24;
}

static bool at_least(unsigned int slot, uint64_t ns)
{
	return (unsigned __int128)S << slot >= (unsigned __int128)ns << 24;
}

/* The definition, at every bound and its neighbours. */
START_TEST(first_is_the_largest_below_and_last_the_smallest_above)
{
	for (unsigned int slot = 0; slot < BOUNDS_MAX; slot++) {
		for (uint64_t ns = (S << slot >> 24) - 2; ns <= (S << slot >> 24) + 2; ns++) {
			struct bounds bounds;
			unsigned int first, last;

			ck_assert_int_eq(bounds_choose(ns, ns, 1, &bounds), 0);
			first = bounds.slot[0];
			last = bounds.slot[bounds.n - 1];
			ck_assert(first == 0 || at_most(first, ns));
			ck_assert(first == BOUNDS_MAX - 1 || !at_most(first + 1, ns));
			ck_assert(last == BOUNDS_MAX - 1 || at_least(last, ns));
			ck_assert(last == 0 || !at_least(last - 1, ns));
		}
	}
}

START_TEST(what_makes_no_sense_is_refused)
{
	struct bounds bounds = { .n = 7 };

	ck_assert_int_eq(bounds_choose(2, 1, 1, &bounds), -EINVAL);
	ck_assert_int_eq(bounds_choose(1, 2, 0, &bounds), -EINVAL);
	ck_assert_uint_eq(bounds.n, 7);
}

Suite *bounds_suite(void)
{
	const struct test tests[] = {
		{ bounds_are_spelled_as_go_spells_them, 0 },
		{ bounds_enclose_what_is_asked_for, COUNT(choices) },
		{ first_is_the_largest_below_and_last_the_smallest_above, 0 },
		{ what_makes_no_sense_is_refused, 0 },
	};

	return suite_make("bounds", tests, COUNT(tests));
}
