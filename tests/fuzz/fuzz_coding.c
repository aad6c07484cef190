/* SPDX-License-Identifier: Apache-2.0 */
/* Any Accept-Encoding has an answer, which was asked for: nobody who does not say so by name or by
 * wildcard gets a compressed page. */
#include <string.h>
#include <strings.h>

#include "text.h"

static bool says(const struct header_values *values, const char *word)
{
	for (size_t i = 0; i < values->n; i++)
		if (strcasestr(values->item[i], word))
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct header_values values;
	enum coding coding;

	values_of(data, n, &values);
	coding = negotiate_coding(&values);
	if (!compress_has(coding))
		fail("a coding that there is not");
	if (coding == CODING_ZSTD && !says(&values, "zstd"))
		fail("zstd was not asked for");
	if (coding == CODING_GZIP && !says(&values, "gzip") && !says(&values, "*"))
		fail("gzip was not asked for");
	values_free(&values);
	return 0;
}
