/* SPDX-License-Identifier: Apache-2.0 */
#include "auth_memory.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void free_users(struct auth_user *user, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(user[i].name);
		web_text_free(user[i].hash);
	}
	free(user);
}

/* Number of the user, or n. All are looked at, so that the time tells nothing. */
static size_t find(const struct auth_user *user, size_t n, const char *name)
{
	size_t found = n;

	for (size_t i = 0; i < n; i++)
		if (!strcmp(user[i].name, name))
			found = i;
	return found;
}

int auth_memory_set_users(struct auth_memory *memory, const struct web_user *user, size_t n)
{
	struct auth_user *fresh = calloc(n ? n : 1, sizeof(*fresh));

	if (!fresh)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const size_t was = find(memory->user, memory->users_n, user[i].name);

		if (was < memory->users_n && !strcmp(memory->user[was].hash, user[i].hash)) {
			fresh[i].right = memory->user[was].right;
			fresh[i].remembered = memory->user[was].remembered;
		}
		fresh[i].name = strdup(user[i].name);
		fresh[i].hash = strdup(user[i].hash);
		if (!fresh[i].name || !fresh[i].hash) {
			free_users(fresh, n);
			return -ENOMEM;
		}
	}
	free_users(memory->user, memory->users_n);
	memory->user = fresh;
	memory->users_n = n;
	return 0;
}

/* The parts end with NULs, so no two make the same text. A name that is not known yet may come to
 * be the one of the hash that it was held against. */
static struct siphash key_of(const struct siphash_key *key, const struct auth_basic *basic,
			     const char *hash, bool known)
{
	char text[AUTH_BASIC_MAX + 256];
	const size_t user_n = strlen(basic->user) + 1, password_n = strlen(basic->password) + 1;
	const size_t hash_n = strlen(hash) + 1, n = user_n + password_n + hash_n;
	struct siphash ret;

	assert(n < sizeof(text));
	memcpy(text, basic->user, user_n);
	memcpy(text + user_n, basic->password, password_n);
	memcpy(text + user_n + password_n, hash, hash_n);
	text[n] = (char)known;
	ret = siphash(key, text, n + 1);
	explicit_bzero(text, sizeof(text));
	return ret;
}

static bool is_wrong(const struct auth_memory *memory, const struct siphash *key)
{
	bool found = false;

	for (size_t i = 0; i < memory->wrong_n; i++)
		found |= siphash_equal(&memory->wrong[i], key);
	return found;
}

enum auth_answer auth_memory_ask(const struct auth_memory *memory, const struct auth_basic *basic,
				 struct auth_claim *ret)
{
	size_t at = find(memory->user, memory->users_n, basic->user);

	ret->known = at < memory->users_n;
	if (!ret->known)
		at = siphash(&memory->key, basic->user, strlen(basic->user)).word[0] %
		     memory->users_n;
	ret->user = &memory->user[at];
	ret->key = key_of(&memory->key, basic, ret->user->hash, ret->known);
	if (ret->known && ret->user->remembered && siphash_equal(&ret->user->right, &ret->key))
		return AUTH_IS_RIGHT;
	return is_wrong(memory, &ret->key) ? AUTH_IS_WRONG : AUTH_IS_NEW;
}

bool auth_memory_right(struct auth_memory *memory, const char *name, const char *hash,
		       const struct siphash *key)
{
	const size_t at = find(memory->user, memory->users_n, name);

	if (at == memory->users_n || strcmp(memory->user[at].hash, hash) != 0)
		return false;
	memory->user[at].right = *key;
	memory->user[at].remembered = true;
	return true;
}

void auth_memory_wrong(struct auth_memory *memory, const struct siphash *key)
{
	memory->wrong[memory->wrong_at] = *key;
	memory->wrong_at = (memory->wrong_at + 1) % AUTH_WRONG_MAX;
	if (memory->wrong_n < AUTH_WRONG_MAX)
		memory->wrong_n++;
}

void auth_memory_free(struct auth_memory *memory)
{
	free_users(memory->user, memory->users_n);
	explicit_bzero(memory, sizeof(*memory));
}
