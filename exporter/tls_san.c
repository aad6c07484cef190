/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_san.h"

#ifndef NO_TLS

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509-ext.h>
#include <gnutls/x509.h>
#include <string.h>

static bool is_in(const struct strings *allowed, const void *name, size_t n)
{
	for (size_t i = 0; i < allowed->n; i++)
		if (strlen(allowed->item[i]) == n && !memcmp(allowed->item[i], name, n))
			return true;
	return false;
}

/* As Go writes it: an IPv4 address in IPv6 as the IPv4 address. */
static bool is_address_in(const struct strings *allowed, const unsigned char *bytes, size_t n)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	char text[INET6_ADDRSTRLEN];

	if (n == 16 && !memcmp(bytes, mapped, sizeof(mapped))) {
		bytes += sizeof(mapped);
		n = 4;
	}
	if ((n != 4 && n != 16) ||
	    !inet_ntop(n == 4 ? AF_INET : AF_INET6, bytes, text, sizeof(text)))
		return false;
	return is_in(allowed, text, strlen(text));
}

static bool is_one_in(const struct strings *allowed, unsigned int type, const void *name, size_t n)
{
	switch (type) {
	case GNUTLS_SAN_DNSNAME:
	case GNUTLS_SAN_RFC822NAME:
	case GNUTLS_SAN_URI:
		return is_in(allowed, name, n);
	case GNUTLS_SAN_IPADDRESS:
		return is_address_in(allowed, name, n);
	default:
		return false;
	}
}

bool tls_san_is_in(const void *certificate, const struct strings *allowed)
{
	gnutls_subject_alt_names_t names = NULL;
	gnutls_x509_crt_t crt = NULL;
	gnutls_datum_t der = { NULL, 0 }, name;
	unsigned int critical, type;
	bool found = false;

	if (gnutls_x509_crt_init(&crt) < 0)
		return false;
	if (gnutls_x509_crt_import(crt, certificate, GNUTLS_X509_FMT_DER) == 0 &&
	    gnutls_x509_crt_get_extension_by_oid2(crt, GNUTLS_X509EXT_OID_SAN, 0, &der,
						  &critical) == 0 &&
	    gnutls_subject_alt_names_init(&names) == 0 &&
	    gnutls_x509_ext_import_subject_alt_names(&der, names, 0) == 0)
		for (unsigned int i = 0;
		     !found && gnutls_subject_alt_names_get(names, i, &type, &name, NULL) == 0; i++)
			found = is_one_in(allowed, type, name.data, name.size);
	if (names)
		gnutls_subject_alt_names_deinit(names);
	gnutls_free(der.data);
	gnutls_x509_crt_deinit(crt);
	return found;
}

#else

bool tls_san_is_in(const void *certificate, const struct strings *allowed)
{
	(void)certificate;
	(void)allowed;
	return false;
}

#endif
