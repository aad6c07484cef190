/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml_map.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct yaml_map {
	const char *path;
	yaml_document_t document;
	char *err;
	size_t err_size;
};

size_t yaml_line(const yaml_node_t *node)
{
	return node->start_mark.line + 1;
}

int yaml_complain(struct yaml_map *map, size_t line, const char *fmt, ...)
{
	int n = snprintf(map->err, map->err_size, "%s:%zu: ", map->path, line);
	va_list args;

	va_start(args, fmt);
	if (n >= 0 && (size_t)n < map->err_size)
		(void)vsnprintf(map->err + n, map->err_size - (size_t)n, fmt, args);
	va_end(args);
	return -EINVAL;
}

bool yaml_is_null(const yaml_node_t *node)
{
	static const char *const spellings[] = { "", "~", "null", "Null", "NULL" };

	if (node->type != YAML_SCALAR_NODE || node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++)
		if (!strcmp((const char *)node->data.scalar.value, spellings[i]))
			return true;
	return false;
}

const char *yaml_text(const yaml_node_t *node)
{
	if (node->type != YAML_SCALAR_NODE)
		return NULL;
	return yaml_is_null(node) ? "" : (const char *)node->data.scalar.value;
}

size_t yaml_pairs(struct yaml_map *map, const yaml_node_t *node)
{
	(void)map;
	if (node->type != YAML_MAPPING_NODE)
		return 0;
	return (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start);
}

/* A text with a NUL inside would be read as a shorter one. */
static bool has_nul(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE &&
	       strlen((const char *)node->data.scalar.value) != node->data.scalar.length;
}

static bool is_before(const struct yaml_map *map, const yaml_node_t *node,
		      const yaml_node_pair_t *end, const char *name)
{
	yaml_document_t *document = (yaml_document_t *)&map->document;

	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < end; pair++) {
		const char *other = yaml_text(yaml_document_get_node(document, pair->key));

		if (other && !strcmp(other, name))
			return true;
	}
	return false;
}

int yaml_take_keys(struct yaml_map *map, const yaml_node_t *node, const char *what,
		   const struct yaml_key *keys, size_t keys_n, void *into)
{
	int r = 0;

	if (node->type != YAML_MAPPING_NODE)
		return yaml_complain(map, yaml_line(node), "%s is no mapping", what);
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     r == 0 && pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = yaml_document_get_node(&map->document, pair->key);
		const yaml_node_t *value = yaml_document_get_node(&map->document, pair->value);
		const char *name = has_nul(key) ? NULL : yaml_text(key);
		size_t at = 0;

		while (name && at < keys_n && keys[at].name && strcmp(keys[at].name, name) != 0)
			at++;
		if (!name || at == keys_n)
			return yaml_complain(map, yaml_line(key), "%s: unknown key '%s'", what,
					     name ? name : "?");
		if (is_before(map, node, pair, name))
			return yaml_complain(map, yaml_line(key), "%s: '%s' is given twice", what,
					     name);
		if (has_nul(value))
			return yaml_complain(map, yaml_line(value), "%s has a NUL", name);
		r = keys[at].take(map, value, name, into);
	}
	return r;
}

int yaml_take_items(struct yaml_map *map, const yaml_node_t *node, const char *key, yaml_take *take,
		    void *into)
{
	int r = 0;

	if (node->type != YAML_SEQUENCE_NODE)
		return yaml_complain(map, yaml_line(node), "%s is no list", key);
	for (const yaml_node_item_t *item = node->data.sequence.items.start;
	     r == 0 && item < node->data.sequence.items.top; item++) {
		const yaml_node_t *value = yaml_document_get_node(&map->document, *item);

		if (has_nul(value))
			return yaml_complain(map, yaml_line(value), "%s has a NUL", key);
		r = take(map, value, key, into);
	}
	return r;
}

int yaml_take_bool(struct yaml_map *map, const yaml_node_t *node, const char *key, bool *ret)
{
	static const char *const spellings[][2] = {
		{ "n", "y" },	     { "N", "Y" },	  { "no", "yes" },     { "No", "Yes" },
		{ "NO", "YES" },     { "off", "on" },	  { "Off", "On" },     { "OFF", "ON" },
		{ "false", "true" }, { "False", "True" }, { "FALSE", "TRUE" },
	};

	if (node->type == YAML_SCALAR_NODE && node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
		const char *text = (const char *)node->data.scalar.value;

		for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
			*ret = !strcmp(text, spellings[i][1]);
			if (*ret || !strcmp(text, spellings[i][0]))
				return 0;
		}
	}
	return yaml_complain(map, yaml_line(node), "%s is neither true nor false", key);
}

int yaml_take_string(struct yaml_map *map, const yaml_node_t *node, const char *key,
		     struct yaml_string *ret)
{
	const char *text = yaml_text(node);

	if (!text)
		return yaml_complain(map, yaml_line(node), "%s is no text", key);
	ret->line = yaml_line(node);
	if (!*text)
		return 0;
	ret->text = strdup(text);
	return ret->text ? 0 : -ENOMEM;
}

void yaml_string_free(struct yaml_string *string)
{
	if (string->text)
		explicit_bzero(string->text, strlen(string->text));
	free(string->text);
	*string = (struct yaml_string){ 0 };
}

/* libyaml's problems are constant texts: nothing of the file is in them. */
static int complain_parser(const yaml_parser_t *parser, struct yaml_map *map)
{
	if (parser->error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	return yaml_complain(map, parser->problem_mark.line + 1, "%s",
			     parser->problem ? parser->problem : "not YAML");
}

static int expect_end(yaml_parser_t *parser, struct yaml_map *map)
{
	int r = 0;

	if (!yaml_parser_load(parser, &map->document))
		return complain_parser(parser, map);
	if (yaml_document_get_root_node(&map->document))
		r = yaml_complain(map, map->document.start_mark.line + 1, "more than one document");
	yaml_document_delete(&map->document);
	return r;
}

static int read_document(yaml_parser_t *parser, struct yaml_map *map, yaml_take *take, void *into)
{
	const yaml_node_t *root;
	int r = 0;

	if (!yaml_parser_load(parser, &map->document))
		return complain_parser(parser, map);
	root = yaml_document_get_root_node(&map->document);
	if (root)
		r = take(map, root, NULL, into);
	yaml_document_delete(&map->document);
	if (root && r == 0)
		r = expect_end(parser, map);
	return r;
}

int yaml_map_read(const char *text, size_t n, const char *path, yaml_take *take, void *into,
		  char *err, size_t err_size)
{
	struct yaml_map map = { .path = path, .err = err, .err_size = err_size };
	yaml_parser_t parser;
	int r = -ENOMEM;

	if (yaml_parser_initialize(&parser)) {
		yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
		r = read_document(&parser, &map, take, into);
		yaml_parser_delete(&parser);
	}
	if (r == -ENOMEM)
		(void)snprintf(err, err_size, "%s: out of memory", path);
	return r;
}
