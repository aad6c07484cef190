/* SPDX-License-Identifier: Apache-2.0 */
/* Go's names as GnuTLS's words; what GnuTLS makes of them: tests/e2e/test_client_certs.py. */
#include "tls_priority.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "suites.h"

#define EC128 "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
#define EC256 "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
#define RSA128 "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
#define RSA256 "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
#define CBC128 "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"
#define ALL_GROUPS ":-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:+GROUP-SECP521R1"
#define BOTH ":-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA"
#define GCMS ":-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305"
#define OURS ":%SERVER_PRECEDENCE"

struct choice {
	enum tls_version min, max;
	bool client_chooses;
	const char *suite[8], *curve[4];
};

/* Each suite is at line 10 and its place in the list. */
static int spell(const struct choice *from, char ret[TLS_PRIORITY_SIZE], size_t *line, char *err,
		 size_t err_size)
{
	struct tls_choice choice = { .min = from->min,
				     .max = from->max,
				     .client_chooses = from->client_chooses };

	for (size_t i = 0; i < 8 && from->suite[i]; i++) {
		choice.suite[i] = (unsigned char)tls_suite_find(from->suite[i]);
		choice.suite_line[i] = 10 + i;
		choice.suites_n++;
	}
	for (size_t i = 0; i < 4 && from->curve[i]; i++) {
		choice.curve[i] = (unsigned char)tls_curve_find(from->curve[i]);
		choice.curves_n++;
	}
	return tls_priority(&choice, ret, line, err, err_size);
}

static const struct {
	struct choice choice;
	const char *expected;
} good[] = {
	{ { TLS_12, TLS_13, .client_chooses = false },
	  "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" BOTH GCMS
	  ":-MAC-ALL:+AEAD" ALL_GROUPS OURS },
	{ { TLS_13, TLS_13, .client_chooses = true },
	  "NORMAL:-VERS-ALL:+VERS-TLS1.3" BOTH GCMS ":-MAC-ALL:+AEAD" ALL_GROUPS },
	{ { TLS_10, TLS_12, .client_chooses = false },
	  "NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.1:+VERS-TLS1.0" BOTH GCMS
	  ":+AES-128-CBC:+AES-256-CBC:-MAC-ALL:+AEAD:+SHA1" ALL_GROUPS OURS },
	{ { TLS_12, TLS_13, .suite = { RSA256 }, .curve = { "CurveP384", "X25519" } },
	  "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:-CIPHER-ALL:+AES-256-GCM"
	  ":-MAC-ALL:+AEAD:-GROUP-ALL:+GROUP-SECP384R1:+GROUP-X25519" OURS },
	/* the pairs of two and two, in an order that both have */
	{ { TLS_12, TLS_12, .suite = { RSA256, EC256, EC128, RSA128 } },
	  "NORMAL:-VERS-ALL:+VERS-TLS1.2" BOTH ":-CIPHER-ALL:+AES-256-GCM:+AES-128-GCM"
	  ":-MAC-ALL:+AEAD" ALL_GROUPS OURS },
	/* orders that differ matter only where ours counts */
	{ { TLS_12, TLS_12, .client_chooses = true, .suite = { EC256, EC128, RSA128, RSA256 } },
	  "NORMAL:-VERS-ALL:+VERS-TLS1.2" BOTH ":-CIPHER-ALL:+AES-256-GCM:+AES-128-GCM"
	  ":-MAC-ALL:+AEAD" ALL_GROUPS },
	{ { TLS_12, TLS_12, .suite = { CBC128 } },
	  "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:-CIPHER-ALL:+AES-128-CBC"
	  ":-MAC-ALL:+AEAD:+SHA1" ALL_GROUPS OURS },
	/* nothing of TLS 1.2 is listed, so it is off */
	{ { TLS_12, TLS_13, .suite = { "TLS_CHACHA20_POLY1305_SHA256" } },
	  "NORMAL:-VERS-ALL:+VERS-TLS1.3" BOTH ":-CIPHER-ALL:+CHACHA20-POLY1305"
	  ":-MAC-ALL:+AEAD" ALL_GROUPS OURS },
	/* TLS 1.3 alone has no pairs */
	{ { TLS_13, TLS_13, .suite = { EC128, RSA256 } },
	  "NORMAL:-VERS-ALL:+VERS-TLS1.3" BOTH ":-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM"
	  ":-MAC-ALL:+AEAD" ALL_GROUPS OURS },
};

START_TEST(choice_is_spelt_in_gnutls_words)
{
	char got[TLS_PRIORITY_SIZE], err[256] = "";
	size_t line;

	ck_assert_int_eq(spell(&good[_i].choice, got, &line, err, sizeof(err)), 0);
	ck_assert_str_eq(got, good[_i].expected);
}

static const struct {
	struct choice choice;
	size_t line;
	const char *err;
} bad[] = {
	{ { TLS_12, TLS_13, .suite = { EC128, RSA256 } },
	  11,
	  "cipher_suites: GnuTLS would offer " EC256
	  " too: list it, or no suite with this cipher" },
	{ { TLS_12, TLS_12, .suite = { EC128, EC256, RSA128 } },
	  11,
	  "cipher_suites: GnuTLS would offer " RSA256
	  " too: list it, or no suite with this cipher" },
	/* in TLS 1.2 the cipher of the other one */
	{ { TLS_12, TLS_13, .suite = { RSA128, "TLS_AES_256_GCM_SHA384" } },
	  11,
	  "cipher_suites: GnuTLS would offer " RSA256
	  " too: list it, or no suite with this cipher" },
	{ { TLS_12, TLS_12, .suite = { EC256, EC128, RSA128, RSA256 } },
	  13,
	  "cipher_suites: GnuTLS has one order of ciphers for all key exchanges, " RSA256
	  " is out of it" },
	{ { TLS_12, TLS_13, .suite = { CBC128 } },
	  10,
	  "cipher_suites: none for TLS 1.3, and GnuTLS has one list for all versions: add one, or "
	  "max_version: TLS12" },
	{ { TLS_12, TLS_12, .suite = { "TLS_AES_128_GCM_SHA256" } },
	  10,
	  "cipher_suites: none for TLS 1.2 and before" },
};

START_TEST(what_gnutls_cannot_do_is_told)
{
	char got[TLS_PRIORITY_SIZE], err[256] = "";
	size_t line = 0;

	ck_assert_int_eq(spell(&bad[_i].choice, got, &line, err, sizeof(err)), -EINVAL);
	ck_assert_str_eq(err, bad[_i].err);
	ck_assert_uint_eq(line, bad[_i].line);
}

START_TEST(all_suites_of_go_fit)
{
	static const char *const exchanges[] = { "ECDHE_ECDSA_WITH", "ECDHE_RSA_WITH" };
	static const char *const ciphers[] = { "AES_128_GCM_SHA256", "AES_256_GCM_SHA384",
					       "CHACHA20_POLY1305_SHA256", "AES_128_CBC_SHA",
					       "AES_256_CBC_SHA" };
	struct tls_choice choice = { .min = TLS_10, .max = TLS_13 };
	char got[TLS_PRIORITY_SIZE], err[256] = "", name[64];
	size_t line;

	for (size_t i = 0; i < COUNT(ciphers); i++) {
		for (size_t j = 0; j < COUNT(exchanges); j++) {
			(void)snprintf(name, sizeof(name), "TLS_%s_%s", exchanges[j], ciphers[i]);
			ck_assert_int_ge(tls_suite_find(name), 0);
			choice.suite[choice.suites_n++] = (unsigned char)tls_suite_find(name);
		}
		(void)snprintf(name, sizeof(name), "TLS_%s", ciphers[i]);
		ck_assert_int_eq(tls_suite_find(name) >= 0, i < 3);
		if (i < 3)
			choice.suite[choice.suites_n++] = (unsigned char)tls_suite_find(name);
	}
	ck_assert_uint_eq(choice.suites_n, TLS_SUITES);
	ck_assert_int_eq(tls_priority(&choice, got, &line, err, sizeof(err)), 0);
	ck_assert_str_eq(
		got,
		"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:+VERS-TLS1.1:+VERS-TLS1.0" BOTH GCMS
		":+AES-128-CBC:+AES-256-CBC:-MAC-ALL:+AEAD:+SHA1" ALL_GROUPS OURS);
	ck_assert_uint_lt(strlen(got), TLS_PRIORITY_SIZE - 100);
}

Suite *tls_priority_suite(void)
{
	const struct test tests[] = {
		{ choice_is_spelt_in_gnutls_words, COUNT(good) },
		{ what_gnutls_cannot_do_is_told, COUNT(bad) },
		{ all_suites_of_go_fit, 0 },
	};

	return suite_make("tls_priority", tests, COUNT(tests));
}
