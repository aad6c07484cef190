/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --web.config.file: a file in the format of Prometheus' exporter-toolkit, as plain values. What it
 * asks for and cannot be done is an error that names its line, for a protection that is configured
 * and silently absent is worse than none. No error has a secret in it. Knows yaml_map, web_files
 * and tls_priority; opens nothing but the files, applies nothing.
 */
#ifndef WEB_CONFIG_H
#define WEB_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tls_priority.h"
#include "values.h"
#include "web_files.h"
#include "yaml_map.h"

/* Go's crypto/tls.ClientAuthType. */
enum client_auth {
	CLIENT_NONE,
	CLIENT_REQUEST,	    /* asked for; none, or any, will do */
	CLIENT_REQUIRE_ANY, /* not verified */
	CLIENT_VERIFY_IF_GIVEN,
	CLIENT_REQUIRE_AND_VERIFY,
};

/* A PEM text, out of the file itself or of another. */
struct web_pem {
	struct yaml_string inline_text, file;
	char *text; /* owned: what is to be used; NULL: not configured */
};

struct web_tls {
	bool on;
	size_t line;
	struct web_pem cert, key, client_ca;
	unsigned int client_auth; /* enum client_auth */
	size_t client_auth_line;
	struct strings allowed_sans;
	size_t allowed_sans_line; /* 0: not given */
	struct tls_choice choice;
	size_t max_line;		  /* of max_version, else of min_version */
	char priority[TLS_PRIORITY_SIZE]; /* GnuTLS's words for it */
};

#define WEB_HEADERS_MAX 5

struct web_header {
	const char *name; /* constant */
	char *value;	  /* owned; NULL: not to be sent */
};

#define WEB_USERS_MAX 1000

struct web_user {
	char *name, *hash; /* owned; bcrypt */
};

struct web_config {
	struct web_tls tls;
	struct web_header header[WEB_HEADERS_MAX];
	size_t headers_n;
	size_t http2_line;     /* of "http2: true"; 0: not asked for */
	struct web_user *user; /* owned */
	size_t users_n;
	uint64_t rate_interval_ns; /* 0: no limit */
	uint64_t rate_burst;
};

/* Reads the file at path and the files it names, relative to its folder. Returns 0, or -errno
 * (-EINVAL: not understood) with one line in err and nothing to free. */
int web_config_load(const char *path, struct web_files *files, struct web_config *ret, char *err,
		    size_t err_size);

/* The same for a text, as if it were at path. */
int web_config_parse(const char *text, size_t n, const char *path, struct web_files *files,
		     struct web_config *ret, char *err, size_t err_size);
void web_config_free(struct web_config *config);

/* Its parts, for web_config.c. The second step of TLS holds the keys against each other and reads
 * the files; its complaints are made by *_error(). */
yaml_take web_config_take_tls, web_config_take_http, web_config_take_users, web_config_take_rate;
int web_config_finish_tls(struct web_tls *tls, const char *path, struct web_files *files, char *err,
			  size_t err_size);

#endif
