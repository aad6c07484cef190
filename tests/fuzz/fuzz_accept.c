/* SPDX-License-Identifier: Apache-2.0 */
/* Any Accept has an answer, which is one of those that there are, and the same in any case. */
#include <ctype.h>
#include <string.h>

#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct header_values accept;
	struct accepted first, second;
	const char *type;

	values_of(data, n, &accept);
	first = negotiate_format(&accept);
	if ((unsigned int)first.format >= FORMATS)
		fail("no format");
	type = encode_type(first.format);
	if (strncmp(first.content_type, type, strlen(type)) != 0)
		fail("the Content-Type of another format");
	for (size_t i = 0; i < accept.n; i++)
		for (char *at = (char *)accept.item[i]; *at; at++)
			*at = (char)toupper((unsigned char)*at);
	second = negotiate_format(&accept);
	if (first.content_type != second.content_type)
		fail("case makes a difference");
	values_free(&accept);
	return 0;
}
