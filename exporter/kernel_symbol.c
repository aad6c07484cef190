/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel_symbol.h"

#include <stdio.h>
#include <string.h>

/* Searched as bytes: parsing all of BTF a second time would double the time to start. Names end by
 * a NUL in BTF and by a newline or a tab (of a module) in kallsyms. */
static bool search(FILE *file, const char *name)
{
	char block[64 << 10];
	const size_t n = strlen(name);
	size_t kept = 0, got;

	while ((got = fread(block + kept, 1, sizeof(block) - kept, file)) > 0) {
		const size_t size = kept + got;
		const char *at = block;

		while ((at = memmem(at, size - (size_t)(at - block), name, n))) {
			const char *end = at + n;

			if (end < block + size && strchr("\n\t", *end))
				return true; /* NUL is the end of the list above, and found too */
			at = end;
		}
		kept = size < n ? size : n;
		memmove(block, block + size - kept, kept);
	}
	return ferror(file);
}

bool symbol_in_first_of(const char *const *paths, const char *name)
{
	for (; *paths; paths++) {
		FILE *file = fopen(*paths, "re");
		bool found;

		if (!file)
			continue;
		found = search(file, name);
		(void)fclose(file);
		return found;
	}
	return true;
}

bool kernel_has_symbol(const char *name)
{
	static const char *const paths[] = { "/sys/kernel/btf/vmlinux", "/proc/kallsyms", NULL };

	return symbol_in_first_of(paths, name);
}
