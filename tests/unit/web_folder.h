/* SPDX-License-Identifier: Apache-2.0 */
/* A folder with a web configuration beside files that look like a certificate, its key and an
 * authority. Runs are in processes of their own, so there is one. */
#ifndef WEB_FOLDER_H
#define WEB_FOLDER_H

#include <stddef.h>

#include "web_config.h"

#define WEB_ERR_SIZE 1024
#define WEB_CERT "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
#define WEB_KEY "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"
#define WEB_CA "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n"
#define WEB_TLS "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n"

extern char web_folder[64];

/* With web.yml, cert.pem, key.pem and ca.pem. */
void web_folder_open(const char *yaml);
void web_folder_close(void);
void web_folder_path(const char *name, char ret[128]);
void web_folder_write(const char *name, const char *text, size_t n);

/* web_config_load() of web.yml. */
int web_folder_load(struct web_config *ret, char err[WEB_ERR_SIZE]);

/* Asserts that web.yml with this text is refused: "--web.config.file: FOLDER/" and the words. */
void web_folder_check_mistake(const char *yaml, const char *words);

#endif
