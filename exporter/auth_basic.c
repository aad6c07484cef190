/* SPDX-License-Identifier: Apache-2.0 */
#include "auth_basic.h"

#include <string.h>
#include <strings.h>

/* Value of a digit of base 64, or -1. */
static int digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Strict: whole groups of four, padded, no bits left over. Returns the length, or -1. */
static int decode(const char *text, size_t n, char *ret, size_t size)
{
	size_t padding = 0, out = 0;
	unsigned int bits = 0;

	while (padding < 2 && padding < n && text[n - 1 - padding] == '=')
		padding++;
	if (n % 4 || n / 4 * 3 - padding > size)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const int value = i < n - padding ? digit(text[i]) : 0;

		if (value < 0)
			return -1;
		bits = bits << 6 | (unsigned int)value;
		if (i % 4 != 3)
			continue;
		for (int shift = 16; shift >= 0; shift -= 8)
			if (out < n / 4 * 3 - padding)
				ret[out++] = (char)(bits >> shift & 0xff);
			else if (bits >> shift & 0xff)
				return -1;
		bits = 0;
	}
	return (int)out;
}

bool auth_basic_parse(const char *header, struct auth_basic *ret)
{
	static const char scheme[] = "Basic ";
	char *colon;
	int n;

	if (!header || strncasecmp(header, scheme, sizeof(scheme) - 1) != 0)
		return false;
	header += sizeof(scheme) - 1;
	n = decode(header, strlen(header), ret->text, AUTH_BASIC_MAX);
	if (n < 0)
		return false;
	ret->text[n] = '\0';
	/* bcrypt would see only what is before a NUL, and take a longer password for right */
	if (strlen(ret->text) != (size_t)n)
		return false;
	colon = strchr(ret->text, ':');
	if (!colon)
		return false;
	*colon = '\0';
	ret->user = ret->text;
	ret->password = colon + 1;
	return true;
}
