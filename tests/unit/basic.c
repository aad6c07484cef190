/* SPDX-License-Identifier: Apache-2.0 */
#include "basic.h"

#include <stdio.h>
#include <string.h>

const char *basic_header(const char *claim, char ret[BASIC_SIZE])
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const size_t n = strlen(claim);
	char *at = ret + sprintf(ret, "Basic ");

	for (size_t i = 0; i < n; i += 3) {
		unsigned int bits = 0;

		for (size_t j = 0; j < 3; j++)
			bits = bits << 8 | (i + j < n ? (unsigned char)claim[i + j] : 0);
		for (size_t j = 0; j < 4; j++)
			*at++ = i + j > n ? '=' : digits[bits >> (18 - 6 * j) & 63];
	}
	*at = '\0';
	return ret;
}
