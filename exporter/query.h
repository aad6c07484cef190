/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which families a scrape asks for by its query: name[], as client_golang has it, and collect[] or
 * exclude[], as node_exporter has them; each may be repeated. Other parameters mean nothing. Pure
 * functions over decoded texts. Knows the table of families.
 */
#ifndef QUERY_H
#define QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "families.h"

struct query_parameter {
	const char *name, *value; /* value may be NULL: there is no `=` */
	size_t value_len;	  /* a decoded value may hold a zero byte */
};

#define QUERY_PARAMETERS_MAX 64
struct query {
	struct query_parameter item[QUERY_PARAMETERS_MAX];
	size_t n; /* more than there is room for: the rest is not here */
};

struct filter {
	bool filters; /* else every family is asked for */
	bool families[FAMILIES_MAX];
};

/* Fills *ret. A name[] that no family has asks for nothing, which is no error. Returns 0, or
 * -EINVAL with a line for the client in err. */
int query_filter(const struct query *query, struct filter *ret, char *err, size_t err_size);

/* The collector that a family belongs to, as --collector.NAME has them; and for what is always
 * there `syscall`, or `exporter`. */
const char *query_collector(const struct family *family);

#endif
