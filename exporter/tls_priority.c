/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_priority.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum exchange { ECDHE_ECDSA, ECDHE_RSA, EXCHANGES, OF_TLS13 = EXCHANGES };
enum cipher { AES_128_GCM, AES_256_GCM, CHACHA20, AES_128_CBC, AES_256_CBC, CIPHERS };

static const char *const version_names[] = { "TLS10", "TLS11", "TLS12", "TLS13" };

static const struct {
	const char *name;
	enum exchange exchange;
	enum cipher cipher;
} suites[] = {
	{ "TLS_AES_128_GCM_SHA256", OF_TLS13, AES_128_GCM },
	{ "TLS_AES_256_GCM_SHA384", OF_TLS13, AES_256_GCM },
	{ "TLS_CHACHA20_POLY1305_SHA256", OF_TLS13, CHACHA20 },
	{ "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", ECDHE_ECDSA, AES_128_CBC },
	{ "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", ECDHE_ECDSA, AES_256_CBC },
	{ "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", ECDHE_RSA, AES_128_CBC },
	{ "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", ECDHE_RSA, AES_256_CBC },
	{ "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", ECDHE_ECDSA, AES_128_GCM },
	{ "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", ECDHE_ECDSA, AES_256_GCM },
	{ "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", ECDHE_RSA, AES_128_GCM },
	{ "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", ECDHE_RSA, AES_256_GCM },
	{ "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", ECDHE_ECDSA, CHACHA20 },
	{ "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", ECDHE_RSA, CHACHA20 },
};
_Static_assert(COUNT(suites) == TLS_SUITES, "room for each once");

static const struct {
	const char *name, *group;
} curves[] = {
	{ "X25519", "X25519" },
	{ "CurveP256", "SECP256R1" },
	{ "CurveP384", "SECP384R1" },
	{ "CurveP521", "SECP521R1" },
};
_Static_assert(COUNT(curves) == TLS_CURVES, "room for each once");

static const char *const exchange_words[] = { "ECDHE-ECDSA", "ECDHE-RSA" };
static const char *const cipher_words[] = {
	[AES_128_GCM] = "AES-128-GCM",	  [AES_256_GCM] = "AES-256-GCM",
	[CHACHA20] = "CHACHA20-POLY1305", [AES_128_CBC] = "AES-128-CBC",
	[AES_256_CBC] = "AES-256-CBC",
};

/* What a list of suites turns on. */
struct set {
	bool has[EXCHANGES][CIPHERS], exchange[EXCHANGES];
	size_t ciphers_n;
	enum cipher cipher[CIPHERS]; /* in order of first mention */
	size_t line[CIPHERS];	     /* of that */
	bool of_tls13, cbc;
};

int tls_version_find(const char *name)
{
	for (size_t i = 0; i < COUNT(version_names); i++)
		if (!strcmp(name, version_names[i]))
			return (int)i;
	return -1;
}

int tls_suite_find(const char *name)
{
	for (size_t i = 0; i < COUNT(suites); i++)
		if (!strcmp(name, suites[i].name))
			return (int)i;
	return -1;
}

int tls_curve_find(const char *name)
{
	for (size_t i = 0; i < COUNT(curves); i++)
		if (!strcmp(name, curves[i].name))
			return (int)i;
	return -1;
}

static size_t rank(const struct set *set, enum cipher cipher)
{
	size_t i = 0;

	while (i < set->ciphers_n && set->cipher[i] != cipher)
		i++;
	return i;
}

static void add(struct set *set, enum exchange exchange, enum cipher cipher, size_t line)
{
	size_t at = rank(set, cipher);

	if (at == set->ciphers_n) {
		set->cipher[at] = cipher;
		set->line[at] = line;
		set->ciphers_n++;
	}
	if (exchange != OF_TLS13) {
		set->has[exchange][cipher] = true;
		set->exchange[exchange] = true;
	}
	if (cipher == AES_128_CBC || cipher == AES_256_CBC)
		set->cbc = true;
	else
		set->of_tls13 = true;
}

/* Ours: forward secrecy and authenticated encryption; what came before TLS 1.2 has only CBC. */
static void add_own(struct set *set, bool old)
{
	for (enum exchange exchange = 0; exchange < EXCHANGES; exchange++)
		for (enum cipher cipher = 0; cipher < (old ? CIPHERS : AES_128_CBC); cipher++)
			add(set, exchange, cipher, 0);
}

/* GnuTLS takes every key exchange with every cipher. */
static int check_pairs(const struct set *set, size_t *line, char *err, size_t err_size)
{
	for (size_t i = 0; i < COUNT(suites); i++) {
		const enum exchange exchange = suites[i].exchange;
		const size_t at = rank(set, suites[i].cipher);

		if (exchange == OF_TLS13 || !set->exchange[exchange] || at == set->ciphers_n ||
		    set->has[exchange][suites[i].cipher])
			continue;
		(void)snprintf(err, err_size,
			       "cipher_suites: GnuTLS would offer %s too: list it, or no suite "
			       "with this cipher",
			       suites[i].name);
		*line = set->line[at];
		return -EINVAL;
	}
	return 0;
}

/* It has one order of ciphers for all. */
static int check_order(const struct tls_choice *choice, const struct set *set, size_t *line,
		       char *err, size_t err_size)
{
	size_t least[EXCHANGES + 1] = { 0 };

	for (size_t i = 0; i < choice->suites_n; i++) {
		const enum exchange exchange = suites[choice->suite[i]].exchange;
		const size_t at = rank(set, suites[choice->suite[i]].cipher);

		if (at < least[exchange]) {
			(void)snprintf(err, err_size,
				       "cipher_suites: GnuTLS has one order of ciphers for all key "
				       "exchanges, %s is out of it",
				       suites[choice->suite[i]].name);
			*line = choice->suite_line[i];
			return -EINVAL;
		}
		least[exchange] = at;
	}
	return 0;
}

static int check(const struct tls_choice *choice, const struct set *set, size_t *line, char *err,
		 size_t err_size)
{
	const bool before_13 = choice->min < TLS_13, with_13 = choice->max == TLS_13;
	int r = 0;

	*line = choice->suite_line[0];
	if (with_13 && !set->of_tls13) {
		(void)snprintf(err, err_size,
			       "cipher_suites: none for TLS 1.3, and GnuTLS has one list for all "
			       "versions: add one, or max_version: TLS12");
		return -EINVAL;
	}
	if (!with_13 && !set->exchange[ECDHE_ECDSA] && !set->exchange[ECDHE_RSA]) {
		(void)snprintf(err, err_size, "cipher_suites: none for TLS 1.2 and before");
		return -EINVAL;
	}
	if (before_13)
		r = check_pairs(set, line, err, err_size);
	if (r == 0 && !choice->client_chooses)
		r = check_order(choice, set, line, err, err_size);
	return r;
}

static void append(char *to, const char *before, const char *word)
{
	size_t n = strlen(to);

	(void)snprintf(to + n, TLS_PRIORITY_SIZE - n, "%s%s", before, word);
}

static void spell(const struct tls_choice *choice, const struct set *set, char *ret)
{
	static const char *const versions[] = { "1.0", "1.1", "1.2", "1.3" };
	const bool exchanges = set->exchange[ECDHE_ECDSA] || set->exchange[ECDHE_RSA];

	append(ret, "NORMAL:-VERS-ALL", "");
	for (unsigned int i = choice->max + 1; i-- > choice->min;)
		if (i == TLS_13 || exchanges)
			append(ret, ":+VERS-TLS", versions[i]);
	append(ret, ":-KX-ALL", "");
	for (enum exchange i = 0; i < EXCHANGES; i++)
		if (set->exchange[i] || !exchanges)
			append(ret, ":+", exchange_words[i]);
	append(ret, ":-CIPHER-ALL", "");
	for (size_t i = 0; i < set->ciphers_n; i++)
		append(ret, ":+", cipher_words[set->cipher[i]]);
	append(ret, ":-MAC-ALL:+AEAD", set->cbc ? ":+SHA1" : "");
	append(ret, ":-GROUP-ALL", "");
	for (size_t i = 0; i < (choice->curves_n ? choice->curves_n : COUNT(curves)); i++)
		append(ret, ":+GROUP-", curves[choice->curves_n ? choice->curve[i] : i].group);
	append(ret, choice->client_chooses ? "" : ":%SERVER_PRECEDENCE", "");
}

int tls_priority(const struct tls_choice *choice, char ret[TLS_PRIORITY_SIZE], size_t *line,
		 char *err, size_t err_size)
{
	struct set set = { .ciphers_n = 0 };
	int r = 0;

	for (size_t i = 0; i < choice->suites_n; i++)
		add(&set, suites[choice->suite[i]].exchange, suites[choice->suite[i]].cipher,
		    choice->suite_line[i]);
	if (choice->suites_n)
		r = check(choice, &set, line, err, err_size);
	else
		add_own(&set, choice->min < TLS_12);
	ret[0] = '\0';
	if (r == 0)
		spell(choice, &set, ret);
	return r;
}
