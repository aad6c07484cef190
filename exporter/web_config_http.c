/* SPDX-License-Identifier: Apache-2.0 */
/* The sections http_server_config, basic_auth_users and rate_limit. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "auth_bcrypt.h"
#include "web_config.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Those that exporter-toolkit allows, and their values where only some are. */
static const struct {
	const char *name, *values[2];
} headers[] = {
	{ "Content-Security-Policy", { NULL } },
	{ "Strict-Transport-Security", { NULL } },
	{ "X-Content-Type-Options", { "nosniff" } },
	{ "X-Frame-Options", { "deny", "sameorigin" } },
	{ "X-XSS-Protection", { NULL } },
};
_Static_assert(COUNT(headers) == WEB_HEADERS_MAX, "room for each once");

static bool is_one_line(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

static int take_header(struct yaml_map *map, const struct yaml_node_s *node, const char *key,
		       void *into)
{
	const char *text = yaml_text(node), *const * values;
	struct web_config *config = into;
	size_t at = 0;

	while (at < COUNT(headers) && strcmp(headers[at].name, key) != 0)
		at++;
	if (at == COUNT(headers))
		return yaml_complain(map, yaml_line(node), "headers: '%s' cannot be set", key);
	if (!text || !is_one_line(text))
		return yaml_complain(map, yaml_line(node), "%s is no text of one line", key);
	values = headers[at].values;
	if (values[0] && strcmp(text, values[0]) != 0 &&
	    (!values[1] || strcmp(text, values[1]) != 0))
		return yaml_complain(map, yaml_line(node), "%s: '%s' is not %s%s%s", key, text,
				     values[0], values[1] ? " or " : "", values[1] ?: "");
	config->header[config->headers_n].name = headers[at].name;
	config->header[config->headers_n].value = *text ? strdup(text) : NULL;
	if (*text && !config->header[config->headers_n].value)
		return -ENOMEM;
	config->headers_n++;
	return 0;
}

static int take_headers(struct yaml_map *map, const struct yaml_node_s *node, const char *key,
			void *into)
{
	static const struct yaml_key any[] = { { NULL, take_header } };

	return yaml_is_null(node) ? 0 : yaml_take_keys(map, node, key, any, COUNT(any), into);
}

static int take_http2(struct yaml_map *map, const struct yaml_node_s *node, const char *key,
		      void *into)
{
	bool asked = false;
	int r = yaml_take_bool(map, node, key, &asked);

	((struct web_config *)into)->http2_line = asked ? yaml_line(node) : 0;
	return r;
}

int web_config_take_http(struct yaml_map *map, const struct yaml_node_s *node, const char *key,
			 void *into)
{
	static const struct yaml_key keys[] = { { "http2", take_http2 },
						{ "headers", take_headers } };

	return yaml_is_null(node) ? 0 : yaml_take_keys(map, node, key, keys, COUNT(keys), into);
}

static int take_user(struct yaml_map *map, const struct yaml_node_s *node, const char *key,
		     void *into)
{
	struct web_config *config = into;
	const char *text = yaml_text(node);
	struct web_user *user = &config->user[config->users_n];

	if (strchr(key, ':'))
		return yaml_complain(map, yaml_line(node),
				     "basic_auth_users: a user's name with a colon cannot be sent");
	/* not the value: it may be a password */
	if (!text || !auth_bcrypt_is_hash(text))
		return yaml_complain(
			map, yaml_line(node),
			"basic_auth_users: that of '%s' is no bcrypt hash ($2a$, $2b$ or "
			"$2y$, as htpasswd -nB makes)",
			key);
	user->name = strdup(key);
	user->hash = strdup(text);
	config->users_n++;
	return user->name && user->hash ? 0 : -ENOMEM;
}

int web_config_take_users(struct yaml_map *map, const struct yaml_node_s *node, const char *key,
			  void *into)
{
	static const struct yaml_key any[] = { { NULL, take_user } };
	struct web_config *config = into;
	const size_t n = yaml_pairs(map, node);

	if (yaml_is_null(node))
		return 0;
	if (n > WEB_USERS_MAX)
		return yaml_complain(map, yaml_line(node), "%s: more than %d users", key,
				     WEB_USERS_MAX);
	if (n) {
		config->user = calloc(n, sizeof(config->user[0]));
		if (!config->user)
			return -ENOMEM;
	}
	return yaml_take_keys(map, node, key, any, COUNT(any), config);
}

static int take_interval(struct yaml_map *map, const struct yaml_node_s *node, const char *key,
			 void *into)
{
	const char *text = yaml_text(node);
	uint64_t *ret = &((struct web_config *)into)->rate_interval_ns;

	/* a day: the arithmetic of the bucket stays in 64 bits */
	if (!text || !value_parse_duration(text, ret) || *ret > 86400000000000)
		return yaml_complain(map, yaml_line(node),
				     "%s is no duration (write 100ms, 10s or 1h30m; 24h at most)",
				     key);
	return 0;
}

static int take_burst(struct yaml_map *map, const struct yaml_node_s *node, const char *key,
		      void *into)
{
	const char *text = yaml_text(node);
	uint64_t *ret = &((struct web_config *)into)->rate_burst;

	if (!text || !value_parse_number(text, ret) || *ret > 100000)
		return yaml_complain(map, yaml_line(node), "%s is no number up to 100000", key);
	return 0;
}

int web_config_take_rate(struct yaml_map *map, const struct yaml_node_s *node, const char *key,
			 void *into)
{
	static const struct yaml_key keys[] = { { "interval", take_interval },
						{ "burst", take_burst } };
	const struct web_config *config = into;
	int r;

	if (yaml_is_null(node))
		return 0;
	r = yaml_take_keys(map, node, key, keys, COUNT(keys), into);
	if (r == 0 && config->rate_interval_ns && !config->rate_burst)
		return yaml_complain(
			map, yaml_line(node),
			"rate_limit: with a burst of 0 every request would be refused");
	return r;
}
