/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --web.config.file: a file in the format of Prometheus' exporter-toolkit. Understood is
 * tls_server_config with cert_file and key_file; anything else is an error that names its line, for
 * a protection that is configured and silently absent is worse than none.
 */
#ifndef WEB_CONFIG_H
#define WEB_CONFIG_H

#include <stddef.h>

struct web_config {
	char *cert, *key; /* PEM texts, owned; both NULL: no TLS */
};

/* Reads the file and the files it names, relative to its folder. Returns 0, or -errno (-EINVAL:
 * not understood) with one line in err and nothing to free. */
int web_config_load(const char *path, struct web_config *ret, char *err, size_t err_size);
void web_config_free(struct web_config *config);

#endif
