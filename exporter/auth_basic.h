/* SPDX-License-Identifier: Apache-2.0 */
/* The Authorization header of HTTP's Basic scheme (RFC 7617). */
#ifndef AUTH_BASIC_H
#define AUTH_BASIC_H

#include <stdbool.h>
#include <stddef.h>

#define AUTH_BASIC_MAX 1024 /* user, colon and password, in bytes */

struct auth_basic {
	char text[AUTH_BASIC_MAX + 1]; /* "user\0password\0"; to be wiped */
	const char *user, *password;   /* in it */
};

/* Takes "Basic BASE64", the scheme in any case. False for anything else, such as a text that is too
 * long, has a NUL inside, or has no colon. */
bool auth_basic_parse(const char *header, struct auth_basic *ret);

#endif
