/* SPDX-License-Identifier: Apache-2.0 */
/* bcrypt by libcrypt: slow by design, so never in the server's own thread. */
#ifndef AUTH_BCRYPT_H
#define AUTH_BCRYPT_H

#include <stdbool.h>

/* "$2y$10$" and 53 digits of its base 64, the cost 04 to 31; $2a$ and $2b$ too. Not $2x$, which is
 * made by a faulty implementation, nor $2$. */
bool auth_bcrypt_is_hash(const char *text);

#define AUTH_BCRYPT_PASSWORD_MAX 511 /* bytes; bcrypt itself uses the first 72 */

/* Does the password have this hash? Takes as long for a wrong one. Returns 1 or 0, or -ENOMEM if it
 * could not be found out. arg is not used. */
int auth_bcrypt_check(void *arg, const char *password, const char *hash);

#endif
