/* SPDX-License-Identifier: Apache-2.0 */
#include "web_authorities.h"

#include <errno.h>

/* Where Go looks as well, in its order (crypto/x509/root_linux.go): a machine has one of them, or
 * links from one to the other. */
static const char *const paths[] = {
	"/etc/ssl/certs/ca-certificates.crt",		     /* Debian */
	"/etc/pki/tls/certs/ca-bundle.crt",		     /* Fedora */
	"/etc/ssl/ca-bundle.pem",			     /* openSUSE */
	"/etc/pki/tls/cacert.pem",			     /* OpenELEC */
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* Red Hat */
	"/etc/ssl/cert.pem",				     /* Alpine */
};

int web_authorities_read(struct web_files *files, char **ret)
{
	size_t n;
	int r = -ENOENT;

	for (size_t i = 0; r == -ENOENT && i < sizeof(paths) / sizeof(paths[0]); i++)
		r = web_files_read(files, paths[i], ret, &n);
	return r;
}
