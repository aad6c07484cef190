/* SPDX-License-Identifier: Apache-2.0 */
#include "web_config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "opener.h"

/* More than any certificate chain. */
#define PEM_MAX (1 << 20)

struct context {
	const char *path;
	yaml_document_t document;
	char *err;
	size_t err_size;
};

static int complain(const struct context *context, const yaml_node_t *at, const char *what,
		    const char *name)
{
	(void)snprintf(context->err, context->err_size, "--web.config.file: %s:%zu: %s%s%s%s",
		       context->path, at->start_mark.line + 1, what, name ? " '" : "",
		       name ? name : "", name ? "'" : "");
	return -EINVAL;
}

/* The file at `name`, relative to the folder of the configuration, as a string. */
static int read_pem(const struct context *context, const char *name, char **ret)
{
	const char *slash = name[0] == '/' ? NULL : strrchr(context->path, '/');
	char *path = NULL, *text = calloc(1, PEM_MAX + 1);
	FILE *file = NULL;
	size_t n;
	int r = 0;

	if (!text || asprintf(&path, "%.*s%s", slash ? (int)(slash - context->path + 1) : 0,
			      context->path, name) < 0) {
		free(text);
		return -ENOMEM;
	}
	file = opener_fopen(path);
	if (file) {
		n = fread(text, 1, PEM_MAX + 1, file);
		if (ferror(file))
			r = -EIO;
		else if (n > PEM_MAX)
			r = -EFBIG;
		else
			text[n] = '\0';
		(void)fclose(file);
	} else {
		r = -errno;
	}
	if (r < 0) {
		(void)snprintf(context->err, context->err_size, "--web.config.file: read %s: %s",
			       path, strerror(-r));
		free(text);
	} else {
		*ret = text;
	}
	free(path);
	return r;
}

static const char *scalar(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

static int take_tls(struct context *context, const yaml_node_t *tls, struct web_config *ret)
{
	int r = 0;

	if (tls->type != YAML_MAPPING_NODE)
		return complain(context, tls, "tls_server_config is no mapping", NULL);
	for (const yaml_node_pair_t *pair = tls->data.mapping.pairs.start;
	     r == 0 && pair < tls->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = yaml_document_get_node(&context->document, pair->key);
		const yaml_node_t *value = yaml_document_get_node(&context->document, pair->value);
		const char *name = scalar(key);
		char **target = NULL;

		if (name && !strcmp(name, "cert_file"))
			target = &ret->cert;
		else if (name && !strcmp(name, "key_file"))
			target = &ret->key;
		if (!target)
			return complain(context, key, "not supported", name ? name : "?");
		if (*target)
			return complain(context, key, "given twice:", name);
		if (!scalar(value))
			return complain(context, value, "no file name for", name);
		r = read_pem(context, scalar(value), target);
	}
	if (r == 0 && (!ret->cert || !ret->key))
		return complain(context, tls, "tls_server_config needs cert_file and key_file",
				NULL);
	return r;
}

static int take_root(struct context *context, const yaml_node_t *root, struct web_config *ret)
{
	if (root->type != YAML_MAPPING_NODE)
		return complain(context, root, "not a mapping", NULL);
	for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
	     pair < root->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = yaml_document_get_node(&context->document, pair->key);
		const yaml_node_t *value = yaml_document_get_node(&context->document, pair->value);
		const char *name = scalar(key);
		int r;

		if (!name || strcmp(name, "tls_server_config"))
			return complain(context, key, "not supported", name ? name : "?");
		if (ret->cert)
			return complain(context, key, "given twice:", name);
		r = take_tls(context, value, ret);
		if (r < 0)
			return r;
	}
	return 0;
}

static int complain_parser(const yaml_parser_t *parser, const struct context *context)
{
	(void)snprintf(context->err, context->err_size, "--web.config.file: %s:%zu: %s",
		       context->path, parser->problem_mark.line + 1,
		       parser->problem ? parser->problem : "not YAML");
	return -EINVAL;
}

/* A second document would be passed over in silence. */
static int expect_end(yaml_parser_t *parser, struct context *context)
{
	int r = 0;

	if (!yaml_parser_load(parser, &context->document))
		return complain_parser(parser, context);
	if (yaml_document_get_root_node(&context->document)) {
		(void)snprintf(context->err, context->err_size,
			       "--web.config.file: %s:%zu: more than one document", context->path,
			       context->document.start_mark.line + 1);
		r = -EINVAL;
	}
	yaml_document_delete(&context->document);
	return r;
}

static int parse(FILE *file, struct context *context, struct web_config *ret)
{
	yaml_parser_t parser;
	yaml_node_t *root;
	int r = 0;

	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_input_file(&parser, file);
	if (!yaml_parser_load(&parser, &context->document)) {
		r = complain_parser(&parser, context);
		yaml_parser_delete(&parser);
		return r;
	}
	root = yaml_document_get_root_node(&context->document);
	if (root)
		r = take_root(context, root, ret);
	yaml_document_delete(&context->document);
	if (r == 0)
		r = expect_end(&parser, context);
	yaml_parser_delete(&parser);
	return r;
}

int web_config_load(const char *path, struct web_config *ret, char *err, size_t err_size)
{
	struct context context = { .path = path, .err = err, .err_size = err_size };
	FILE *file = opener_fopen(path);
	int r;

	*ret = (struct web_config){ 0 };
	if (!file) {
		r = -errno;
		(void)snprintf(err, err_size, "--web.config.file: read %s: %s", path, strerror(-r));
		return r;
	}
	(void)snprintf(err, err_size, "--web.config.file: %s: out of memory", path);
	r = parse(file, &context, ret);
	(void)fclose(file);
	if (r < 0)
		web_config_free(ret);
	return r;
}

void web_config_free(struct web_config *config)
{
	free(config->cert);
	if (config->key)
		explicit_bzero(config->key, strlen(config->key));
	free(config->key);
	*config = (struct web_config){ 0 };
}
