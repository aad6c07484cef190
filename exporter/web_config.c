/* SPDX-License-Identifier: Apache-2.0 */
#include "web_config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct yaml_key root_keys[] = {
	{ "tls_server_config", web_config_take_tls },
	{ "http_server_config", web_config_take_http },
	{ "basic_auth_users", web_config_take_users },
	{ "rate_limit", web_config_take_rate },
};

static int take_root(struct yaml_map *map, const struct yaml_node_s *root, const char *key,
		     void *into)
{
	(void)key;
	if (yaml_is_null(root))
		return 0;
	return yaml_take_keys(map, root, "the file", root_keys,
			      sizeof(root_keys) / sizeof(root_keys[0]), into);
}

int web_config_parse(const char *text, size_t n, const char *path, struct web_files *files,
		     struct web_config *ret, char *err, size_t err_size)
{
	int r;

	*ret = (struct web_config){ .tls.choice = { .min = TLS_12, .max = TLS_13 } };
	r = yaml_map_read(text, n, path, take_root, ret, err, err_size);
	if (r == 0 && ret->tls.on)
		r = web_config_finish_tls(&ret->tls, path, files, err, err_size);
	if (r < 0)
		web_config_free(ret);
	return r;
}

int web_config_load(const char *path, struct web_files *files, struct web_config *ret, char *err,
		    size_t err_size)
{
	static const char flag[] = "--web.config.file: ";
	char *text = NULL;
	size_t n;
	int r;

	(void)snprintf(err, err_size, "%s", flag);
	*ret = (struct web_config){ 0 };
	web_files_begin(files);
	r = web_files_read(files, path, &text, &n);
	if (r < 0) {
		(void)snprintf(err, err_size, "%sread %s: %s", flag, path, strerror(-r));
		return r;
	}
	r = web_config_parse(text, n, path, files, ret, err + sizeof(flag) - 1,
			     err_size - (sizeof(flag) - 1));
	web_text_free(text);
	return r;
}

static void free_pem(struct web_pem *pem)
{
	yaml_string_free(&pem->inline_text);
	yaml_string_free(&pem->file);
	web_text_free(pem->text);
}

void web_config_free(struct web_config *config)
{
	free_pem(&config->tls.cert);
	free_pem(&config->tls.key);
	free_pem(&config->tls.client_ca);
	strings_free(&config->tls.allowed_sans);
	for (size_t i = 0; i < config->headers_n; i++)
		free(config->header[i].value);
	for (size_t i = 0; i < config->users_n; i++) {
		free(config->user[i].name);
		web_text_free(config->user[i].hash);
	}
	free(config->user);
	*config = (struct web_config){ 0 };
}
