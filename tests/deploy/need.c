/* SPDX-License-Identifier: Apache-2.0 */
/* Prints how many bytes of memory the exporter asks its limit for, with these flags on the machine
 * that the tree at ROOT looks like: need ROOT [FLAG]... */
#include <stdio.h>

#include "config.h"
#include "memory_need.h"

int main(int argc, char *argv[])
{
	char *none[] = { NULL };
	char err[256] = "";
	struct memory_need need;
	struct config config;
	int r;

	if (argc < 2)
		return 2;
	r = config_parse(argc - 1, argv + 1, none, &config, err, sizeof(err));
	if (r < 0) {
		(void)fprintf(stderr, "need: %s\n", err);
	} else {
		const struct memory_sizes sizes = { (uint32_t)config.series_max,
						    config.series_memory, config.fold.top,
						    config.by };

		memory_need_estimate(argv[1], &sizes, &need);
		(void)printf("%llu\n", (unsigned long long)need.total);
	}
	config_free(&config);
	return r < 0 || fflush(stdout) == EOF;
}
