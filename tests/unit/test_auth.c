/* SPDX-License-Identifier: Apache-2.0 */
/* Who is let in, and what that costs: hashes are counted and injected. Threads: test_auth_thread.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "auth_memory.h"
#include "basic.h"
#include "failing.h"
#include "suites.h"

static const struct siphash_key key = { { 1, 2 } };

/* The hash of a password is itself, behind a "#". */
struct fake {
	unsigned int hashes;
	int failure;
	char last[64]; /* hash that was tried */
};

static int check(void *arg, const char *password, const char *hash)
{
	struct fake *fake = arg;

	fake->hashes++;
	(void)snprintf(fake->last, sizeof(fake->last), "%s", hash);
	return fake->failure ?: hash[0] == '#' && !strcmp(hash + 1, password);
}

struct request {
	struct auth_waiter waiter;
	unsigned int held, woken;
};

static void hold(struct auth_waiter *waiter)
{
	((struct request *)waiter)->held++;
}

static void wake(struct auth_waiter *waiter)
{
	((struct request *)waiter)->woken++;
}

static const struct request fresh = { .waiter = { .hold = hold, .wake = wake } };
static const struct web_user users[] = { { (char *)"me", (char *)"#secret" },
					 { (char *)"you", (char *)"#other" } };

static struct auth *make(struct fake *fake)
{
	struct auth *auth;

	*fake = (struct fake){ .hashes = 0 };
	auth = auth_new(check, fake, &key);
	ck_assert_ptr_nonnull(auth);
	ck_assert_int_eq(auth_set_users(auth, users, COUNT(users)), 0);
	return auth;
}

/* Asks, and does the work if there is any. */
static enum auth_verdict ask(struct auth *auth, const char *claim)
{
	struct request request = fresh;
	char text[BASIC_SIZE];
	enum auth_verdict verdict = auth_ask(auth, basic_header(claim, text), &request.waiter);

	if (verdict != AUTH_WAIT) {
		ck_assert_uint_eq(request.held, 0);
		return verdict;
	}
	ck_assert_uint_eq(request.held, 1);
	ck_assert(auth_work(auth, false));
	ck_assert_uint_eq(request.woken, 1);
	return request.waiter.verdict;
}

static const struct {
	const char *claim;
	enum auth_verdict verdict;
} claims[] = {
	{ "me:secret", AUTH_YES }, { "you:other", AUTH_YES },  { "me:other", AUTH_NO },
	{ "you:secret", AUTH_NO }, { "me:", AUTH_NO },	       { "me:secrets", AUTH_NO },
	{ "ME:secret", AUTH_NO },  { "them:secret", AUTH_NO }, { ":secret", AUTH_NO },
	{ "me:secret:", AUTH_NO }, { "m:secret", AUTH_NO },
};

START_TEST(right_password_of_a_user_is_let_in_and_costs_one_hash)
{
	struct fake fake;
	struct auth *auth = make(&fake);

	for (unsigned int i = 0; i < 3; i++) {
		ck_assert_int_eq(ask(auth, claims[_i].claim), claims[_i].verdict);
		ck_assert_uint_eq(fake.hashes, 1);
	}
	auth_stop(auth);
	auth_free(auth);
}

START_TEST(what_is_no_claim_costs_nothing)
{
	static const char *const headers[] = { NULL,
					       "",
					       "Basic",
					       "Basic ",
					       "Bearer bWU6c2VjcmV0",
					       "Basic bWU6c2VjcmV0=",
					       "Basic bWU6c2VjcmV",
					       "Basic bWU6c2Vjcm-0",
					       "Basic  bWU6c2VjcmV0",
					       "Basic bWU6c2VjcmV0 ",
					       "Basic bWU6c2VjcmV0AA==",
					       "Basic bWVzZWNyZXQ=",
					       "Basic bWU6c2VjcmV1=" };
	struct request request = fresh;
	struct fake fake;
	struct auth *auth = make(&fake);

	for (size_t i = 0; i < COUNT(headers); i++)
		if (auth_ask(auth, headers[i], &request.waiter) != AUTH_NO)
			ck_abort_msg("%s", headers[i]);
	ck_assert_uint_eq(request.held, 0);
	ck_assert(!auth_work(auth, false));
	ck_assert_int_eq(auth_ask(auth, "bAsIc bWU6c2VjcmV0", &request.waiter), AUTH_WAIT);
	auth_stop(auth);
	ck_assert_uint_eq(request.woken, 1);
	auth_free(auth);
}

START_TEST(without_users_all_may_ask)
{
	struct request request = fresh;
	struct fake fake;
	struct auth *auth = make(&fake);

	ck_assert_int_eq(auth_set_users(auth, NULL, 0), 0);
	ck_assert_int_eq(auth_ask(auth, NULL, &request.waiter), AUTH_YES);
	auth_free(auth);
}

START_TEST(requests_with_one_password_share_its_hash_but_not_without_end)
{
	struct request request[AUTH_WAITING_MAX], more = fresh;
	char text[BASIC_SIZE];
	struct fake fake;
	struct auth *auth = make(&fake);

	for (size_t i = 0; i < COUNT(request); i++) {
		request[i] = fresh;
		ck_assert_int_eq(auth_ask(auth, basic_header("me:secret", text),
					  &request[i].waiter),
				 AUTH_WAIT);
	}
	ck_assert_int_eq(auth_ask(auth, basic_header("me:secret", text), &more.waiter), AUTH_BUSY);
	ck_assert_int_eq(auth_ask(auth, basic_header("me:more", text), &more.waiter), AUTH_BUSY);
	ck_assert(auth_work(auth, false));
	ck_assert_int_eq(ask(auth, "me:secret"), AUTH_YES);
	ck_assert(!auth_work(auth, false));
	ck_assert_uint_eq(fake.hashes, 1);
	for (size_t i = 0; i < COUNT(request); i++) {
		ck_assert_uint_eq(request[i].woken, 1);
		ck_assert_int_eq(request[i].waiter.verdict, AUTH_YES);
	}
	ck_assert_int_eq(ask(auth, "me:more"), AUTH_NO); /* there is room again */
	auth_free(auth);
}

START_TEST(queue_is_bounded_by_different_passwords)
{
	struct request request[AUTH_JOBS_MAX], more = fresh, same = fresh;
	char text[BASIC_SIZE], claim[32];
	struct fake fake;
	struct auth *auth = make(&fake);

	for (size_t i = 0; i < COUNT(request); i++) {
		request[i] = fresh;
		(void)snprintf(claim, sizeof(claim), "me:%zu", i);
		ck_assert_int_eq(auth_ask(auth, basic_header(claim, text), &request[i].waiter),
				 AUTH_WAIT);
	}
	ck_assert_int_eq(auth_ask(auth, basic_header("me:more", text), &more.waiter), AUTH_BUSY);
	ck_assert_int_eq(auth_ask(auth, basic_header("me:0", text), &same.waiter), AUTH_WAIT);
	ck_assert(auth_work(auth, false));
	ck_assert_int_eq(auth_ask(auth, basic_header("me:more", text), &more.waiter), AUTH_WAIT);
	while (auth_work(auth, false))
		;
	ck_assert_uint_eq(fake.hashes, AUTH_JOBS_MAX + 1);
	for (size_t i = 0; i < COUNT(request); i++)
		ck_assert_uint_eq(request[i].woken, 1);
	ck_assert_uint_eq(more.woken + same.woken, 2);
	auth_free(auth);
}

START_TEST(wrong_passwords_push_out_only_each_other)
{
	char claim[32];
	struct fake fake;
	struct auth *auth = make(&fake);

	ck_assert_int_eq(ask(auth, "me:secret"), AUTH_YES);
	for (unsigned int i = 0; i < AUTH_WRONG_MAX + 1; i++) {
		(void)snprintf(claim, sizeof(claim), "me:%u", i);
		if (ask(auth, claim) != AUTH_NO)
			ck_abort_msg("%s", claim);
	}
	ck_assert_uint_eq(fake.hashes, AUTH_WRONG_MAX + 2);
	ck_assert_int_eq(ask(auth, "me:secret"), AUTH_YES);
	ck_assert_int_eq(ask(auth, "me:1"), AUTH_NO); /* the oldest that is left */
	ck_assert_uint_eq(fake.hashes, AUTH_WRONG_MAX + 2);
	ck_assert_int_eq(ask(auth, "me:0"), AUTH_NO); /* was pushed out */
	ck_assert_uint_eq(fake.hashes, AUTH_WRONG_MAX + 3);
	auth_free(auth);
}

/* A name that nobody has must not be told from others by what it costs: it is always held against
 * the hash of one and the same user, and both have their share of such names. */
START_TEST(unknown_name_costs_what_a_known_one_costs)
{
	unsigned int of_me = 0;
	char claim[32], before[64];
	struct fake fake;
	struct auth *auth = make(&fake);

	for (unsigned int i = 0; i < 100; i++) {
		(void)snprintf(claim, sizeof(claim), "nobody%u:secret", i);
		ck_assert_int_eq(ask(auth, claim), AUTH_NO);
		memcpy(before, fake.last, sizeof(before));
		(void)snprintf(claim, sizeof(claim), "nobody%u:other", i);
		ck_assert_int_eq(ask(auth, claim), AUTH_NO); /* even if it is that user's */
		ck_assert_str_eq(fake.last, before);
		of_me += !strcmp(before, "#secret");
	}
	ck_assert_uint_eq(fake.hashes, 200);
	ck_assert_uint_ge(of_me, 25);
	ck_assert_uint_le(of_me, 75);
	auth_free(auth);
}

START_TEST(hash_that_could_not_be_made_is_no_verdict)
{
	struct fake fake;
	struct auth *auth = make(&fake);

	fake.failure = -ENOMEM;
	ck_assert_int_eq(ask(auth, "me:secret"), AUTH_BUSY);
	fake.failure = 0;
	ck_assert_int_eq(ask(auth, "me:secret"), AUTH_YES);
	ck_assert_uint_eq(fake.hashes, 2);
	auth_free(auth);
}

START_TEST(what_is_remembered_outlives_other_users_and_not_a_new_hash)
{
	const struct web_user more[] = { { (char *)"new", (char *)"#x" },
					 { (char *)"me", (char *)"#secret" } };
	const struct web_user changed[] = { { (char *)"me", (char *)"#fresh" } };
	struct fake fake;
	struct auth *auth = make(&fake);

	ck_assert_int_eq(ask(auth, "me:secret"), AUTH_YES);
	ck_assert_int_eq(auth_set_users(auth, more, COUNT(more)), 0);
	ck_assert_int_eq(ask(auth, "me:secret"), AUTH_YES);
	ck_assert_uint_eq(fake.hashes, 1);
	ck_assert_int_eq(ask(auth, "you:other"), AUTH_NO);
	ck_assert_int_eq(auth_set_users(auth, changed, COUNT(changed)), 0);
	ck_assert_int_eq(ask(auth, "me:secret"), AUTH_NO);
	ck_assert_int_eq(ask(auth, "me:fresh"), AUTH_YES);
	ck_assert_uint_eq(fake.hashes, 4);
	auth_free(auth);
}

START_TEST(users_that_change_meanwhile_decide)
{
	const struct web_user changed[] = { { (char *)"me", (char *)"#fresh" } };
	const struct web_user renamed[] = { { (char *)"you", (char *)"#fresh" } };
	struct request request = fresh;
	char text[BASIC_SIZE];
	struct fake fake;
	struct auth *auth = make(&fake);

	ck_assert_int_eq(auth_ask(auth, basic_header("me:secret", text), &request.waiter),
			 AUTH_WAIT);
	ck_assert_int_eq(auth_set_users(auth, changed, COUNT(changed)), 0);
	ck_assert(auth_work(auth, false));
	ck_assert_int_eq(request.waiter.verdict, AUTH_NO);
	/* a scraper that hears of its new name first is wrong only until it has it */
	ck_assert_int_eq(ask(auth, "you:fresh"), AUTH_NO);
	ck_assert_int_eq(auth_set_users(auth, renamed, COUNT(renamed)), 0);
	ck_assert_int_eq(ask(auth, "you:fresh"), AUTH_YES);
	auth_free(auth);
}

START_TEST(lack_of_memory_is_no_verdict)
{
	char text[BASIC_SIZE];
	struct request request = fresh;
	struct fake fake;
	struct auth *auth = make(&fake);
	size_t n = 1;

	(void)basic_header("me:secret", text);
	for (;; n++) {
		enum auth_verdict verdict;

		failing_arm(n);
		verdict = auth_ask(auth, text, &request.waiter);
		if (!failing_disarm())
			break;
		ck_assert_int_eq(verdict, AUTH_BUSY);
	}
	ck_assert_uint_eq(n, 5); /* a job and its three texts */
	for (n = 1;; n++) {
		int r;

		failing_arm(n);
		r = auth_set_users(auth, users, COUNT(users));
		if (!failing_disarm())
			break;
		ck_assert_int_eq(r, -ENOMEM);
	}
	ck_assert_uint_eq(n, 6);
	ck_assert(auth_work(auth, false));
	ck_assert_int_eq(request.waiter.verdict, AUTH_YES);
	auth_free(auth);
}

Suite *auth_suite(void)
{
	const struct test tests[] = {
		{ right_password_of_a_user_is_let_in_and_costs_one_hash, COUNT(claims) },
		{ what_is_no_claim_costs_nothing, 0 },
		{ without_users_all_may_ask, 0 },
		{ requests_with_one_password_share_its_hash_but_not_without_end, 0 },
		{ queue_is_bounded_by_different_passwords, 0 },
		{ wrong_passwords_push_out_only_each_other, 0 },
		{ unknown_name_costs_what_a_known_one_costs, 0 },
		{ hash_that_could_not_be_made_is_no_verdict, 0 },
		{ what_is_remembered_outlives_other_users_and_not_a_new_hash, 0 },
		{ users_that_change_meanwhile_decide, 0 },
		{ lack_of_memory_is_no_verdict, 0 },
	};

	return suite_make("auth", tests, COUNT(tests));
}
