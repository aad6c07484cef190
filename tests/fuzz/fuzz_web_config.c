/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as --web.config.file: parsed or refused with one line, nothing leaked, and no file but
 * those of the opener here is opened. For libFuzzer.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "web_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* Whatever the configuration names. */
static int open_nothing(void *arg, const char *path)
{
	(void)arg;
	return strlen(path) % 4 == 3 ? -ENOENT : open("/dev/null", O_RDONLY | O_CLOEXEC);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct web_files files = { .open = open_nothing };
	struct web_config config;
	char err[256] = "";
	int r = web_config_parse((const char *)bytes, n, "web.yml", &files, &config, err,
				 sizeof(err));

	if (r == 0) {
		if (*err || (config.tls.on && (!config.tls.cert.text || !config.tls.key.text)))
			abort();
		web_config_free(&config);
	} else if (strncmp(err, "web.yml:", strlen("web.yml:")) != 0) {
		abort();
	}
	web_files_free(&files);
	return 0;
}
