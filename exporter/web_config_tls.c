/* SPDX-License-Identifier: Apache-2.0 */
/* The section tls_server_config. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web_authorities.h"
#include "web_config.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Strings, by where they go. */
#define STRING(name, field)                                                                \
	static int take_##name(struct yaml_map *map, const struct yaml_node_s *node,       \
			       const char *key, void *into)                                \
	{                                                                                  \
		return yaml_take_string(map, node, key, &((struct web_tls *)into)->field); \
	}
STRING(cert, cert.inline_text)
STRING(cert_file, cert.file)
STRING(key, key.inline_text)
STRING(key_file, key.file)
STRING(client_ca, client_ca.inline_text)
STRING(client_ca_file, client_ca.file)

static int take_client_auth(struct yaml_map *map, const struct yaml_node_s *node, const char *key,
			    void *into)
{
	static const struct {
		const char *name;
		enum client_auth is;
	} names[] = {
		{ "", CLIENT_NONE },
		{ "NoClientCert", CLIENT_NONE },
		{ "RequestClientCert", CLIENT_REQUEST },
		{ "RequireAnyClientCert", CLIENT_REQUIRE_ANY },
		{ "RequireClientCert", CLIENT_REQUIRE_ANY }, /* exporter-toolkit's older name */
		{ "VerifyClientCertIfGiven", CLIENT_VERIFY_IF_GIVEN },
		{ "RequireAndVerifyClientCert", CLIENT_REQUIRE_AND_VERIFY },
	};
	const char *text = yaml_text(node);
	struct web_tls *tls = into;

	tls->client_auth_line = yaml_line(node);
	for (size_t i = 0; text && i < COUNT(names); i++) {
		if (!strcmp(text, names[i].name)) {
			tls->client_auth = names[i].is;
			return 0;
		}
	}
	return yaml_complain(map, yaml_line(node),
			     "%s: '%s' is none of NoClientCert, RequestClientCert, "
			     "RequireAnyClientCert, VerifyClientCertIfGiven and "
			     "RequireAndVerifyClientCert",
			     key, text ?: "?");
}

static int take_san(struct yaml_map *map, const struct yaml_node_s *node, const char *key,
		    void *into)
{
	const char *text = yaml_text(node);

	if (!text || !*text)
		return yaml_complain(map, yaml_line(node), "%s: an item is no name", key);
	return strings_add(into, text, strlen(text));
}

static int take_sans(struct yaml_map *map, const struct yaml_node_s *node, const char *key,
		     void *into)
{
	struct web_tls *tls = into;
	int r = yaml_take_items(map, node, key, take_san, &tls->allowed_sans);

	tls->allowed_sans_line = yaml_line(node);
	if (r == 0 && !tls->allowed_sans.n)
		return yaml_complain(map, yaml_line(node), "%s is empty: nobody could connect",
				     key);
	return r;
}

static int take_version(struct yaml_map *map, const struct yaml_node_s *node, const char *key,
			unsigned int *ret)
{
	const char *text = yaml_text(node);
	const int version = text ? tls_version_find(text) : -1;

	if (version < 0)
		return yaml_complain(map, yaml_line(node),
				     "%s: '%s' is none of TLS10, TLS11, TLS12 and TLS13", key,
				     text ?: "?");
	*ret = (unsigned int)version;
	return 0;
}

static int take_min(struct yaml_map *map, const struct yaml_node_s *node, const char *key,
		    void *into)
{
	struct web_tls *tls = into;

	if (!tls->max_line)
		tls->max_line = yaml_line(node);
	return take_version(map, node, key, &tls->choice.min);
}

static int take_max(struct yaml_map *map, const struct yaml_node_s *node, const char *key,
		    void *into)
{
	struct web_tls *tls = into;

	tls->max_line = yaml_line(node);
	return take_version(map, node, key, &tls->choice.max);
}

static bool is_in(const unsigned char *list, size_t n, int item)
{
	return memchr(list, item, n) != NULL;
}

static int take_suite(struct yaml_map *map, const struct yaml_node_s *node, const char *key,
		      void *into)
{
	struct tls_choice *choice = into;
	const char *text = yaml_text(node);
	const int suite = text ? tls_suite_find(text) : -1;

	if (suite < 0)
		return yaml_complain(map, yaml_line(node), "%s: unknown suite '%s'", key,
				     text ?: "?");
	if (is_in(choice->suite, choice->suites_n, suite))
		return 0;
	choice->suite_line[choice->suites_n] = yaml_line(node);
	choice->suite[choice->suites_n++] = (unsigned char)suite;
	return 0;
}

static int take_suites(struct yaml_map *map, const struct yaml_node_s *node, const char *key,
		       void *into)
{
	return yaml_is_null(node) ? 0 :
				    yaml_take_items(map, node, key, take_suite,
						    &((struct web_tls *)into)->choice);
}

static int take_curve(struct yaml_map *map, const struct yaml_node_s *node, const char *key,
		      void *into)
{
	struct tls_choice *choice = into;
	const char *text = yaml_text(node);
	const int curve = text ? tls_curve_find(text) : -1;

	if (curve < 0)
		return yaml_complain(
			map, yaml_line(node),
			"%s: '%s' is none of CurveP256, CurveP384, CurveP521 and X25519", key,
			text ?: "?");
	if (!is_in(choice->curve, choice->curves_n, curve))
		choice->curve[choice->curves_n++] = (unsigned char)curve;
	return 0;
}

static int take_curves(struct yaml_map *map, const struct yaml_node_s *node, const char *key,
		       void *into)
{
	return yaml_is_null(node) ? 0 :
				    yaml_take_items(map, node, key, take_curve,
						    &((struct web_tls *)into)->choice);
}

static int take_prefer(struct yaml_map *map, const struct yaml_node_s *node, const char *key,
		       void *into)
{
	bool ours = true;
	int r = yaml_take_bool(map, node, key, &ours);

	((struct web_tls *)into)->choice.client_chooses = !ours;
	return r;
}

static const struct yaml_key tls_keys[] = {
	{ "cert", take_cert },
	{ "cert_file", take_cert_file },
	{ "key", take_key },
	{ "key_file", take_key_file },
	{ "client_auth_type", take_client_auth },
	{ "client_ca", take_client_ca },
	{ "client_ca_file", take_client_ca_file },
	{ "client_allowed_sans", take_sans },
	{ "min_version", take_min },
	{ "max_version", take_max },
	{ "cipher_suites", take_suites },
	{ "curve_preferences", take_curves },
	{ "prefer_server_cipher_suites", take_prefer },
};

int web_config_take_tls(struct yaml_map *map, const struct yaml_node_s *node, const char *key,
			void *into)
{
	struct web_tls *tls = &((struct web_config *)into)->tls;

	tls->on = true;
	tls->line = yaml_line(node);
	return yaml_take_keys(map, node, key, tls_keys, COUNT(tls_keys), tls);
}

/* ---- what the keys mean together */

struct place {
	const char *path;
	struct web_files *files;
	char *err;
	size_t err_size;
};

__attribute__((format(printf, 3, 4))) static int complain(const struct place *place, size_t line,
							  const char *fmt, ...)
{
	int n = snprintf(place->err, place->err_size, "%s:%zu: ", place->path, line);
	va_list args;

	va_start(args, fmt);
	if (n >= 0 && (size_t)n < place->err_size)
		(void)vsnprintf(place->err + n, place->err_size - (size_t)n, fmt, args);
	va_end(args);
	return -EINVAL;
}

static int check(const struct web_tls *tls, const struct place *place)
{
	const size_t ca_line = tls->client_ca.file.line ?: tls->client_ca.inline_text.line;
	const bool ca = tls->client_ca.file.text || tls->client_ca.inline_text.text;

	if ((!tls->cert.file.text && !tls->cert.inline_text.text) ||
	    (!tls->key.file.text && !tls->key.inline_text.text))
		return complain(place, tls->line,
				"tls_server_config needs cert_file and key_file (or cert and key)");
	if (ca && tls->client_auth == CLIENT_NONE)
		return complain(place, ca_line, "client_ca has no effect without client_auth_type");
	if (tls->allowed_sans_line && tls->client_auth < CLIENT_VERIFY_IF_GIVEN)
		return complain(
			place, tls->allowed_sans_line,
			"client_allowed_sans has no effect unless client_auth_type verifies "
			"certificates");
	if (tls->choice.min > tls->choice.max)
		return complain(place, tls->max_line, "max_version is below min_version");
	return 0;
}

static const char *restart(int r)
{
	return r == -EPERM ? " (not known at the start: needs a restart)" : "";
}

/* One of the two sources of a PEM text. A path is relative to the folder of the configuration. */
static int read_pem(struct web_pem *pem, const char *key, const struct place *place)
{
	const char *name = pem->file.text, *slash = strrchr(place->path, '/');
	char *path = NULL;
	size_t n;
	int r;

	if (name && pem->inline_text.text)
		return complain(place, pem->file.line, "%s_file is given, and %s too", key, key);
	if (!name) {
		pem->text = pem->inline_text.text; /* or nothing */
		pem->inline_text.text = NULL;
		return 0;
	}
	if (name[0] == '/' || !slash)
		path = strdup(name);
	else if (asprintf(&path, "%.*s%s", (int)(slash - place->path + 1), place->path, name) < 0)
		path = NULL;
	r = path ? web_files_read(place->files, path, &pem->text, &n) : -ENOMEM;
	if (r < 0 && r != -ENOMEM)
		(void)complain(place, pem->file.line, "read %s: %s%s", path, strerror(-r),
			       restart(r));
	free(path);
	return r;
}

/* As Go does it: who verifies without authorities of its own asks the machine's. */
static int read_authorities(struct web_tls *tls, const struct place *place)
{
	int r = read_pem(&tls->client_ca, "client_ca", place);

	if (r < 0 || tls->client_ca.text || tls->client_auth < CLIENT_VERIFY_IF_GIVEN)
		return r;
	r = web_authorities_read(place->files, &tls->client_ca.text);
	if (r < 0 && r != -ENOMEM)
		return complain(place, tls->client_auth_line,
				"without client_ca_file, the machine's authorities: %s%s",
				strerror(-r), restart(r));
	return r;
}

int web_config_finish_tls(struct web_tls *tls, const char *path, struct web_files *files, char *err,
			  size_t err_size)
{
	const struct place place = { path, files, err, err_size };
	size_t line = tls->line;
	char why[256];
	int r = check(tls, &place);

	if (r == 0 && tls_priority(&tls->choice, tls->priority, &line, why, sizeof(why)) < 0)
		r = complain(&place, line, "%s", why);
	r = r ?: read_pem(&tls->cert, "cert", &place);
	r = r ?: read_pem(&tls->key, "key", &place);
	r = r ?: read_authorities(tls, &place);
	if (r == -ENOMEM)
		(void)snprintf(err, err_size, "%s: out of memory", path);
	return r;
}
