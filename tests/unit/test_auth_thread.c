/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords hashed by the thread of their own, while many ask; and bcrypt itself. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "auth_bcrypt.h"
#include "suites.h"

static const struct siphash_key key = { { 3, 4 } };
static const struct web_user users[] = { { (char *)"me", (char *)"#secret" } };
#define RIGHT "Basic bWU6c2VjcmV0" /* me:secret */
#define WRONG "Basic bWU6b3RoZXI=" /* me:other */

static atomic_uint hashes;
static sem_t begun, may_end;

static int check(void *arg, const char *password, const char *hash)
{
	(void)arg;
	(void)atomic_fetch_add(&hashes, 1);
	return !strcmp(hash + 1, password);
}

static int check_slowly(void *arg, const char *password, const char *hash)
{
	(void)sem_post(&begun);
	(void)sem_wait(&may_end);
	return check(arg, password, hash);
}

struct request {
	struct auth_waiter waiter;
	sem_t woken;
};

static void hold(struct auth_waiter *waiter)
{
	(void)waiter;
}

static void wake(struct auth_waiter *waiter)
{
	(void)sem_post(&((struct request *)waiter)->woken);
}

static enum auth_verdict ask(struct auth *auth, const char *header)
{
	struct request request = { .waiter = { .hold = hold, .wake = wake } };
	enum auth_verdict verdict;

	(void)sem_init(&request.woken, 0, 0);
	verdict = auth_ask(auth, header, &request.waiter);
	if (verdict == AUTH_WAIT) {
		(void)sem_wait(&request.woken);
		verdict = request.waiter.verdict;
	}
	(void)sem_destroy(&request.woken);
	return verdict;
}

#define ASKERS 8

static void *ask_often(void *auth)
{
	for (unsigned int i = 0; i < 200; i++) {
		if (ask(auth, RIGHT) != AUTH_YES || ask(auth, WRONG) != AUTH_NO)
			return auth;
		if (i % 50 == 0 && auth_set_users(auth, users, COUNT(users)) < 0)
			return auth;
	}
	return NULL;
}

START_TEST(many_ask_at_once_and_two_hashes_are_made)
{
	struct auth *auth = auth_new(check, NULL, &key);
	pthread_t thread[ASKERS];
	void *failed;

	ck_assert_int_eq(auth_set_users(auth, users, COUNT(users)), 0);
	ck_assert_int_eq(auth_start(auth), 0);
	for (size_t i = 0; i < ASKERS; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, ask_often, auth), 0);
	for (size_t i = 0; i < ASKERS; i++) {
		ck_assert_int_eq(pthread_join(thread[i], &failed), 0);
		ck_assert_ptr_null(failed);
	}
	ck_assert_uint_eq(atomic_load(&hashes), 2);
	auth_stop(auth);
	auth_free(auth);
}

static void *ask_right(void *auth)
{
	static enum auth_verdict verdict;

	verdict = ask(auth, RIGHT);
	return &verdict;
}

/* It cannot be interrupted, and may take minutes. */
START_TEST(stopping_does_not_wait_for_a_hash)
{
	struct auth *auth = auth_new(check_slowly, NULL, &key);
	struct request late = { .waiter = { .hold = hold, .wake = wake } };
	pthread_t asker;
	void *verdict;

	(void)sem_init(&begun, 0, 0);
	(void)sem_init(&may_end, 0, 0);
	ck_assert_int_eq(auth_set_users(auth, users, COUNT(users)), 0);
	ck_assert_int_eq(auth_start(auth), 0);
	ck_assert_int_eq(pthread_create(&asker, NULL, ask_right, auth), 0);
	ck_assert_int_eq(sem_wait(&begun), 0);
	auth_stop(auth);
	ck_assert_int_eq(pthread_join(asker, &verdict), 0);
	ck_assert_int_eq(*(enum auth_verdict *)verdict, AUTH_BUSY);
	ck_assert_int_eq(auth_ask(auth, WRONG, &late.waiter), AUTH_BUSY);
	auth_free(auth);
	(void)sem_post(&may_end); /* the thread frees the rest */
}

START_TEST(hash_of_another_implementation_is_understood)
{
	/* "U*U" under a salt of its own, from the test vectors of bcrypt's authors */
	static const char hash[] = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
	char as_y[sizeof(hash)];

	memcpy(as_y, hash, sizeof(hash));
	as_y[2] = 'y';
	ck_assert(auth_bcrypt_is_hash(hash));
	ck_assert_int_eq(auth_bcrypt_check(NULL, "U*U", hash), 1);
	ck_assert_int_eq(auth_bcrypt_check(NULL, "U*U", as_y), 1);
	ck_assert_int_eq(auth_bcrypt_check(NULL, "U*V", hash), 0);
	ck_assert_int_eq(auth_bcrypt_check(NULL, "", hash), 0);
}

Suite *auth_thread_suite(void)
{
	const struct test tests[] = {
		{ many_ask_at_once_and_two_hashes_are_made, 0 },
		{ stopping_does_not_wait_for_a_hash, 0 },
		{ hash_of_another_implementation_is_understood, 0 },
	};

	return suite_make("auth_thread", tests, COUNT(tests));
}
