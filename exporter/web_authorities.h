/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authorities that the machine trusts, as one PEM text. GnuTLS would find them itself, but not
 * any more when the exporter has given up all files, and would then silently trust nobody; so they
 * are read like every other file of the web configuration.
 */
#ifndef WEB_AUTHORITIES_H
#define WEB_AUTHORITIES_H

#include "web_files.h"

/* The text is the caller's. Returns 0 or -errno: what is wrong with the first file that there is;
 * -ENOENT: there is none. */
int web_authorities_read(struct web_files *files, char **ret);

#endif
