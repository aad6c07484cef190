/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A YAML text as tables of keys. Every complaint names the file and the line; unknown keys and keys
 * given twice are complaints. The only module that knows libyaml.
 */
#ifndef YAML_MAP_H
#define YAML_MAP_H

#include <stdbool.h>
#include <stddef.h>

struct yaml_node_s; /* libyaml's yaml_node_t */
struct yaml_map;    /* the document that is being read */

/* Takes a value, that of `key`, into what is being filled in. Returns 0, -EINVAL after
 * yaml_complain(), or -ENOMEM. */
typedef int yaml_take(struct yaml_map *map, const struct yaml_node_s *value, const char *key,
		      void *into);

struct yaml_key {
	const char *name; /* NULL: any scalar */
	yaml_take *take;
};

/* Parses text and gives the root of its only document to `take`; no document is fine, more than one
 * is not, for the rest would be passed over in silence. On failure err has one line that begins
 * with path and line. */
int yaml_map_read(const char *text, size_t n, const char *path, yaml_take *take, void *into,
		  char *err, size_t err_size);

/* Takes a mapping by its table. A complaint calls it `what`. */
int yaml_take_keys(struct yaml_map *map, const struct yaml_node_s *node, const char *what,
		   const struct yaml_key *keys, size_t keys_n, void *into);

/* Takes each item of a list. */
int yaml_take_items(struct yaml_map *map, const struct yaml_node_s *node, const char *key,
		    yaml_take *take, void *into);

/* Text of a scalar, "" for null; NULL for anything else. As long as the document. */
const char *yaml_text(const struct yaml_node_s *node);
bool yaml_is_null(const struct yaml_node_s *node);

/* Number of its pairs; 0 for anything but a mapping. */
size_t yaml_pairs(struct yaml_map *map, const struct yaml_node_s *node);

/* Write *ret, or complain. A boolean is spelt as YAML 1.1 does: yes, True, off. */
int yaml_take_bool(struct yaml_map *map, const struct yaml_node_s *node, const char *key,
		   bool *ret);

/* A text and where it stands. */
struct yaml_string {
	char *text; /* owned; NULL: not given, or empty */
	size_t line;
};

int yaml_take_string(struct yaml_map *map, const struct yaml_node_s *node, const char *key,
		     struct yaml_string *ret);
void yaml_string_free(struct yaml_string *string); /* and wipes it */

size_t yaml_line(const struct yaml_node_s *node);

/* Makes the error "PATH:LINE: ..." and returns -EINVAL. */
int yaml_complain(struct yaml_map *map, size_t line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
