/* SPDX-License-Identifier: Apache-2.0 */
#include "bounds.h"

#include <errno.h>
#include <stdbool.h>

#include "ior.h"

const char *const bound_le[BOUNDS_MAX] = {
	"5.960464477539063e-08",
	"1.1920928955078125e-07",
	"2.384185791015625e-07",
	"4.76837158203125e-07",
	"9.5367431640625e-07",
	"1.9073486328125e-06",
	"3.814697265625e-06",
	"7.62939453125e-06",
	"1.52587890625e-05",
	"3.0517578125e-05",
	"6.103515625e-05",
	"0.0001220703125",
	"0.000244140625",
	"0.00048828125",
	"0.0009765625",
	"0.001953125",
	"0.00390625",
	"0.0078125",
	"0.015625",
	"0.03125",
	"0.0625",
	"0.125",
	"0.25",
	"0.5",
	"1.0",
	"2.0",
	"4.0",
	"8.0",
	"16.0",
	"32.0",
	"64.0",
};

const double bound_seconds[BOUNDS_MAX] = {
	0x1p-24, 0x1p-23, 0x1p-22, 0x1p-21, 0x1p-20, 0x1p-19, 0x1p-18, 0x1p-17,
	0x1p-16, 0x1p-15, 0x1p-14, 0x1p-13, 0x1p-12, 0x1p-11, 0x1p-10, 0x1p-9,
	0x1p-8,	 0x1p-7,  0x1p-6,  0x1p-5,  0x1p-4,  0x1p-3,  0x1p-2,  0x1p-1,
	0x1p0,	 0x1p1,	  0x1p2,   0x1p3,   0x1p4,   0x1p5,   0x1p6,
};

/* The largest whole nanosecond in the slot. */
static uint64_t floor_ns(unsigned int slot)
{
	return slot >= 24 ? 1000000000ull << (slot - 24) : 1000000000ull >> (24 - slot);
}

int bounds_choose(uint64_t min_ns, uint64_t max_ns, unsigned int step, struct bounds *ret)
{
	unsigned int first = 0, last = 0;

	if (min_ns > max_ns || !step)
		return -EINVAL;
	while (first + 1 < BOUNDS_MAX && floor_ns(first + 1) <= min_ns) {
		/* below one second a bound that is no whole nanosecond is above its floor */
		bool whole = first + 1 >= 15;

		if (!whole && floor_ns(first + 1) == min_ns)
			break;
		first++;
	}
	while (last + 1 < BOUNDS_MAX && floor_ns(last) < max_ns)
		last++;
	ret->n = 0;
	for (unsigned int slot = first; slot <= last; slot += step)
		ret->slot[ret->n++] = (uint8_t)slot;
	return 0;
}
