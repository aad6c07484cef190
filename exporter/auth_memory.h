/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of passwords without hashing them again: the users, the right password of each once
 * it was seen, and wrong ones. Never a password itself, only a keyed hash of name, password and
 * bcrypt hash. Below auth, which has the lock.
 */
#ifndef AUTH_MEMORY_H
#define AUTH_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "auth_basic.h"
#include "siphash.h"
#include "web_config.h"

#define AUTH_WRONG_MAX 1024 /* wrong ones that are remembered: the last */

struct auth_user {
	char *name, *hash;
	struct siphash right; /* if remembered */
	bool remembered;
};

struct auth_memory {
	struct siphash_key key;
	struct auth_user *user;
	size_t users_n;
	struct siphash wrong[AUTH_WRONG_MAX]; /* a ring */
	size_t wrong_n, wrong_at;
};

/* One name and password. */
struct auth_claim {
	struct siphash key;
	const struct auth_user
		*user; /* whose hash to try: its own, or for an unknown name another's */
	bool known;
};

enum auth_answer { AUTH_IS_RIGHT, AUTH_IS_WRONG, AUTH_IS_NEW };

/* Copies the users; what is remembered of those that stay as they were is kept. Returns 0, or
 * -ENOMEM and all is as before. */
int auth_memory_set_users(struct auth_memory *memory, const struct web_user *user, size_t n);

/* There is a user. The claim is as long as the users are. */
enum auth_answer auth_memory_ask(const struct auth_memory *memory, const struct auth_basic *basic,
				 struct auth_claim *ret);

/* The password with this key is right for the user. False if there is no such user with this hash
 * any more. */
bool auth_memory_right(struct auth_memory *memory, const char *name, const char *hash,
		       const struct siphash *key);
void auth_memory_wrong(struct auth_memory *memory, const struct siphash *key);

void auth_memory_free(struct auth_memory *memory);

#endif
