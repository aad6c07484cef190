/* SPDX-License-Identifier: Apache-2.0 */
#include "auth_bcrypt.h"

#include <crypt.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_LENGTH 60

bool auth_bcrypt_is_hash(const char *text)
{
	static const char digits[] =
		"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	int cost;

	if (strlen(text) != HASH_LENGTH || strncmp(text, "$2", 2) != 0 || !strchr("aby", text[2]) ||
	    text[3] != '$' || text[6] != '$')
		return false;
	if (text[4] < '0' || text[4] > '3' || text[5] < '0' || text[5] > '9')
		return false;
	cost = (text[4] - '0') * 10 + (text[5] - '0');
	return cost >= 4 && cost <= 31 && strspn(text + 7, digits) == HASH_LENGTH - 7;
}

/* In a time that does not tell where they differ. */
static bool same(const char *a, const char *b)
{
	unsigned char difference = 0;

	for (size_t i = 0; i < HASH_LENGTH; i++)
		difference |= (unsigned char)a[i] ^ (unsigned char)b[i];
	return !difference;
}

int auth_bcrypt_check(void *arg, const char *password, const char *hash)
{
	struct crypt_data *data = calloc(1, sizeof(*data)); /* 32 KiB */
	const char *made;
	bool right;

	(void)arg;
	if (!data)
		return -ENOMEM;
	made = crypt_r(password, hash, data);
	right = made && strlen(made) == HASH_LENGTH && same(made, hash);
	explicit_bzero(data, sizeof(*data));
	free(data);
	return right;
}
