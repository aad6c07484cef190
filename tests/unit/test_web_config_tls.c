/* SPDX-License-Identifier: Apache-2.0 */
/* The section tls_server_config. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "suites.h"
#include "web_folder.h"

#define CA "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n"
#define NEEDS "tls_server_config needs cert_file and key_file (or cert and key)"

static const struct {
	const char *yaml, *words; /* behind "web.yml:" */
} mistakes[] = {
	{ "tls_server_config:\n  cert_filse: cert.pem\n",
	  "2: tls_server_config: unknown key 'cert_filse'" },
	{ "tls_server_config:\n  cert_file: cert.pem\n  KEY_FILE: key.pem\n",
	  "3: tls_server_config: unknown key 'KEY_FILE'" },
	{ "tls_server_config:\n  ? {a: b}\n  : c\n", "2: tls_server_config: unknown key '?'" },
	{ WEB_TLS "  cert_file: cert.pem\n", "4: tls_server_config: 'cert_file' is given twice" },
	{ "tls_server_config:\n", "1: tls_server_config is no mapping" },
	{ "tls_server_config: yes\n", "1: tls_server_config is no mapping" },
	{ "tls_server_config:\n- cert_file: cert.pem\n", "2: tls_server_config is no mapping" },
	{ "tls_server_config: {}\n", "1: " NEEDS },
	{ "tls_server_config:\n  cert_file: cert.pem\n", "2: " NEEDS },
	{ "tls_server_config:\n  key_file: key.pem\n", "2: " NEEDS },
	{ "tls_server_config:\n  cert_file: ''\n  key_file: key.pem\n", "2: " NEEDS },
	{ "tls_server_config:\n  cert_file: cert.pem\n  key: ''\n", "2: " NEEDS },
	{ "# only\ntls_server_config:\n  min_version: TLS13\n", "3: " NEEDS },
	{ "tls_server_config:\n  cert_file: [cert.pem]\n", "2: cert_file is no text" },
	{ "tls_server_config:\n  key: {a: b}\n", "2: key is no text" },
	{ "tls_server_config:\n  key: \"a\\0b\"\n", "2: key has a NUL" },
	{ WEB_TLS "  cert: x\n", "2: cert_file is given, and cert too" },
	{ WEB_TLS "  key: x\n", "3: key_file is given, and key too" },
	{ WEB_TLS CA "  client_ca: x\n", "5: client_ca_file is given, and client_ca too" },
	{ WEB_TLS "  client_ca_file: ca.pem\n",
	  "4: client_ca has no effect without client_auth_type" },
	{ WEB_TLS "  client_ca: x\n  client_auth_type: NoClientCert\n",
	  "4: client_ca has no effect without client_auth_type" },
	{ WEB_TLS "  client_auth_type: RequireAndVerify\n",
	  "4: client_auth_type: 'RequireAndVerify' is none of NoClientCert, RequestClientCert, "
	  "RequireAnyClientCert, VerifyClientCertIfGiven and RequireAndVerifyClientCert" },
	{ WEB_TLS "  client_auth_type: [NoClientCert]\n",
	  "4: client_auth_type: '?' is none of NoClientCert, RequestClientCert, "
	  "RequireAnyClientCert, VerifyClientCertIfGiven and RequireAndVerifyClientCert" },
	{ WEB_TLS "  client_allowed_sans: [a]\n",
	  "4: client_allowed_sans has no effect unless client_auth_type verifies certificates" },
	{ WEB_TLS "  client_allowed_sans: [a]\n  client_auth_type: RequireAnyClientCert\n",
	  "4: client_allowed_sans has no effect unless client_auth_type verifies certificates" },
	{ WEB_TLS CA "  client_allowed_sans: []\n",
	  "6: client_allowed_sans is empty: nobody could connect" },
	{ WEB_TLS CA "  client_allowed_sans: a\n", "6: client_allowed_sans is no list" },
	{ WEB_TLS CA "  client_allowed_sans:\n  - a\n  - ''\n",
	  "8: client_allowed_sans: an item is no name" },
	{ WEB_TLS CA "  client_allowed_sans:\n  - a: b\n",
	  "7: client_allowed_sans: an item is no name" },
	{ WEB_TLS CA "  client_allowed_sans:\n  - \"a\\0b\"\n",
	  "7: client_allowed_sans has a NUL" },
	{ WEB_TLS "  min_version: TLS111\n",
	  "4: min_version: 'TLS111' is none of TLS10, TLS11, TLS12 and TLS13" },
	{ WEB_TLS "  max_version: 1.2\n",
	  "4: max_version: '1.2' is none of TLS10, TLS11, TLS12 and TLS13" },
	{ WEB_TLS "  max_version: [TLS12]\n",
	  "4: max_version: '?' is none of TLS10, TLS11, TLS12 and TLS13" },
	{ WEB_TLS "  max_version: TLS12\n  min_version: TLS13\n",
	  "4: max_version is below min_version" },
	{ WEB_TLS "\n  max_version: TLS11\n", "5: max_version is below min_version" },
	{ WEB_TLS "  cipher_suites:\n  - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA2048\n",
	  "5: cipher_suites: unknown suite 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA2048'" },
	{ WEB_TLS "  cipher_suites:\n  - [a]\n", "5: cipher_suites: unknown suite '?'" },
	{ WEB_TLS "  cipher_suites: TLS_AES_128_GCM_SHA256\n", "4: cipher_suites is no list" },
	{ WEB_TLS "  cipher_suites:\n  - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\n"
		  "  - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\n",
	  "6: cipher_suites: GnuTLS would offer TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 too: list it, "
	  "or no suite with this cipher" },
	{ WEB_TLS "  curve_preferences:\n    - CurveP257\n",
	  "5: curve_preferences: 'CurveP257' is none of CurveP256, CurveP384, CurveP521 and X25519" },
	{ WEB_TLS "  curve_preferences: X25519\n", "4: curve_preferences is no list" },
	{ WEB_TLS "  prefer_server_cipher_suites: 1\n",
	  "4: prefer_server_cipher_suites is neither true nor false" },
	{ WEB_TLS "  prefer_server_cipher_suites: 'true'\n",
	  "4: prefer_server_cipher_suites is neither true nor false" },
	{ WEB_TLS "  prefer_server_cipher_suites: [true]\n",
	  "4: prefer_server_cipher_suites is neither true nor false" },
};

START_TEST(mistake_is_told_with_its_line)
{
	char words[WEB_ERR_SIZE];

	(void)snprintf(words, sizeof(words), "web.yml:%s", mistakes[_i].words);
	web_folder_check_mistake(mistakes[_i].yaml, words);
}

static const struct {
	const char *name;
	enum client_auth is;
} modes[] = {
	{ "''", CLIENT_NONE },
	{ "NoClientCert", CLIENT_NONE },
	{ "RequestClientCert", CLIENT_REQUEST },
	{ "RequireAnyClientCert", CLIENT_REQUIRE_ANY },
	{ "RequireClientCert", CLIENT_REQUIRE_ANY },
	{ "VerifyClientCertIfGiven", CLIENT_VERIFY_IF_GIVEN },
	{ "RequireAndVerifyClientCert", CLIENT_REQUIRE_AND_VERIFY },
};

START_TEST(ways_to_ask_for_client_certificates_have_gos_names)
{
	char yaml[512], err[WEB_ERR_SIZE];
	struct web_config config;

	(void)snprintf(yaml, sizeof(yaml), WEB_TLS "  client_auth_type: %s\n%s", modes[_i].name,
		       modes[_i].is >= CLIENT_VERIFY_IF_GIVEN ? "  client_ca: CA\n" : "");
	web_folder_open(yaml);
	ck_assert_int_eq(web_folder_load(&config, err), 0);
	web_folder_close();
	ck_assert_uint_eq(config.tls.client_auth, modes[_i].is);
	web_config_free(&config);
}

/* ---- the machine's authorities: only what has this name is in /etc, and is ca.pem */

struct machine {
	const char *name;
	int error; /* of others, and of this one without a name */
};

static int open_of_machine(void *arg, const char *path)
{
	const struct machine *machine = arg;
	const bool is_there = machine->name && !strcmp(path, machine->name);
	char ca[128];
	int fd;

	web_folder_path("ca.pem", ca);
	if (!strncmp(path, "/etc/", strlen("/etc/")) && !is_there)
		return machine->error;
	fd = open(is_there ? ca : path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int load_on(struct machine *machine, const char *yaml, struct web_config *ret,
		   char err[WEB_ERR_SIZE])
{
	struct web_files files = { .open = open_of_machine, .arg = machine };
	char path[128];
	int r;

	web_folder_open(yaml);
	web_folder_path("web.yml", path);
	err[0] = '\0';
	r = web_config_load(path, &files, ret, err, WEB_ERR_SIZE);
	web_files_free(&files);
	web_folder_close();
	return r;
}

#define VERIFY WEB_TLS "  client_auth_type: VerifyClientCertIfGiven\n"

START_TEST(without_authorities_of_its_own_it_reads_the_machines_wherever_they_are)
{
	static const char *const names[] = { "/etc/ssl/certs/ca-certificates.crt",
					     "/etc/pki/tls/certs/ca-bundle.crt",
					     "/etc/ssl/ca-bundle.pem",
					     "/etc/pki/tls/cacert.pem",
					     "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
					     "/etc/ssl/cert.pem" };
	struct web_config config;
	char err[WEB_ERR_SIZE];

	for (size_t i = 0; i < COUNT(names); i++) {
		struct machine machine = { names[i], -ENOENT };

		ck_assert_int_eq(load_on(&machine, VERIFY, &config, err), 0);
		ck_assert_str_eq(config.tls.client_ca.text, WEB_CA);
		web_config_free(&config);
	}
}

START_TEST(machine_without_authorities_is_no_mistake_unless_they_are_asked)
{
	static const struct {
		const char *yaml;
		int error;
		const char *words;
	} cases[] = {
		{ VERIFY "  client_ca: CA\n", -EPERM, NULL },
		{ WEB_TLS "  client_auth_type: RequireAnyClientCert\n", -EPERM, NULL },
		{ VERIFY, -ENOENT, "No such file or directory" },
		{ VERIFY, -EACCES, "Permission denied" },
		{ VERIFY, -EPERM,
		  "Operation not permitted (not known at the start: needs a restart)" },
	};
	char err[WEB_ERR_SIZE], expected[WEB_ERR_SIZE];
	struct web_config config;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct machine machine = { NULL, cases[i].error };
		int r = load_on(&machine, cases[i].yaml, &config, err);

		(void)snprintf(expected, sizeof(expected),
			       "--web.config.file: %s/web.yml:4: without client_ca_file, the "
			       "machine's authorities: %s",
			       web_folder, cases[i].words ?: "");
		ck_assert_int_eq(r, cases[i].words ? -EINVAL : 0);
		if (cases[i].words)
			ck_assert_str_eq(err, expected);
		web_config_free(&config);
	}
}

START_TEST(texts_may_be_in_the_file_itself)
{
	static const char yaml[] = "tls_server_config:\n"
				   "  cert: |\n    CERT\n    TEXT\n"
				   "  key: |\n    KEY\n"
				   "  client_ca: CA\n"
				   "  client_auth_type: VerifyClientCertIfGiven\n"
				   "  client_allowed_sans:\n    - one\n    - 127.0.0.1\n";
	struct web_config config;
	char err[WEB_ERR_SIZE];

	web_folder_open(yaml);
	ck_assert_int_eq(web_folder_load(&config, err), 0);
	web_folder_close();
	ck_assert_str_eq(config.tls.cert.text, "CERT\nTEXT\n");
	ck_assert_str_eq(config.tls.key.text, "KEY\n");
	ck_assert_str_eq(config.tls.client_ca.text, "CA");
	ck_assert_uint_eq(config.tls.allowed_sans.n, 2);
	ck_assert_str_eq(config.tls.allowed_sans.item[0], "one");
	ck_assert_str_eq(config.tls.allowed_sans.item[1], "127.0.0.1");
	web_config_free(&config);
}

START_TEST(versions_suites_and_curves_become_a_priority)
{
	static const char yaml[] = WEB_TLS "  min_version: TLS12\n  max_version: TLS12\n"
					   "  prefer_server_cipher_suites: No\n"
					   "  cipher_suites:\n"
					   "  - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\n"
					   "  - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n"
					   "  curve_preferences: [CurveP521, X25519, CurveP521]\n";
	struct web_config config;
	char err[WEB_ERR_SIZE];

	web_folder_open(yaml);
	ck_assert_int_eq(web_folder_load(&config, err), 0);
	web_folder_close();
	ck_assert_str_eq(config.tls.priority,
			 "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:-CIPHER-ALL"
			 ":+AES-256-GCM:+AES-128-GCM:-MAC-ALL:+AEAD"
			 ":-GROUP-ALL:+GROUP-SECP521R1:+GROUP-X25519");
	web_config_free(&config);
}

Suite *web_config_tls_suite(void)
{
	const struct test tests[] = {
		{ mistake_is_told_with_its_line, COUNT(mistakes) },
		{ ways_to_ask_for_client_certificates_have_gos_names, COUNT(modes) },
		{ without_authorities_of_its_own_it_reads_the_machines_wherever_they_are, 0 },
		{ machine_without_authorities_is_no_mistake_unless_they_are_asked, 0 },
		{ texts_may_be_in_the_file_itself, 0 },
		{ versions_suites_and_curves_become_a_priority, 0 },
	};

	return suite_make("web_config_tls", tests, COUNT(tests));
}
