/* SPDX-License-Identifier: Apache-2.0 */
#include "http_values.h"

#include <string.h>
#include <strings.h>

static void add_value(struct header_values *to, const char *value)
{
	if (to->n < HEADER_VALUES_MAX)
		to->item[to->n++] = value;
}

static enum MHD_Result add_header(void *cls, enum MHD_ValueKind kind, const char *name,
				  const char *value)
{
	struct request *request = cls;

	(void)kind;
	if (!value)
		return MHD_YES;
	if (!strcasecmp(name, MHD_HTTP_HEADER_ACCEPT))
		add_value(&request->accept, value);
	else if (!strcasecmp(name, MHD_HTTP_HEADER_ACCEPT_ENCODING))
		add_value(&request->accept_encoding, value);
	return MHD_YES;
}

/* Names and values are decoded; one with a zero byte in it is longer than it looks, and such a name
 * means nothing. */
static enum MHD_Result add_parameter(void *cls, enum MHD_ValueKind kind, const char *name,
				     size_t name_len, const char *value, size_t value_len)
{
	struct query *query = &((struct request *)cls)->query;

	(void)kind;
	if (strlen(name) != name_len)
		name = "";
	if (query->n < QUERY_PARAMETERS_MAX)
		query->item[query->n] = (struct query_parameter){ name, value, value_len };
	query->n++;
	return MHD_YES;
}

void http_values(struct MHD_Connection *connection, struct request *ret)
{
	(void)MHD_get_connection_values(connection, MHD_HEADER_KIND, add_header, ret);
	(void)MHD_get_connection_values_n(connection, MHD_GET_ARGUMENT_KIND, add_parameter, ret);
}
