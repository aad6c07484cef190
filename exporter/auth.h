/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may ask: users and the hashes of their passwords. A hash takes as long as bcrypt takes, so
 * it is made by a thread of its own, once for all requests that bring the same, and what came of it
 * is remembered:
 *
 *	request ──▶ auth_ask() ──▶ YES or NO, remembered
 *	                │ WAIT: the request is held
 *	                ▼
 *	            queue of jobs, bounded ──▶ auth_work(): the hash ──▶ wakes those that wait
 *
 * - A right password is remembered by its user's own place, so nothing that others send can push it
 *   out. Wrong ones share a ring. What is remembered is a keyed hash, never a password.
 * - An unknown name costs what a known one costs: its password is held against the hash of one of
 *   the users, always the same for the same name, and is wrong whatever comes of it.
 *
 * Thread-safe. Knows neither HTTP's server nor bcrypt.
 */
#ifndef AUTH_H
#define AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "siphash.h"
#include "web_config.h"

struct auth;

/* Does the password have this hash? Returns 1, 0, or -errno if it could not be found out. */
typedef int auth_check_fn(void *arg, const char *password, const char *hash);

/* BUSY: too many wait, the hash could not be made, or all is being stopped. */
enum auth_verdict { AUTH_YES, AUTH_NO, AUTH_WAIT, AUTH_BUSY };

#define AUTH_JOBS_MAX 16 /* different passwords that wait to be hashed */
/* Requests that wait for them. Nobody can end the connection of one that is held: with one password
 * strangers could hold them all. */
#define AUTH_WAITING_MAX 128

/* A request that may have to wait; owned by the caller until it was woken. */
struct auth_waiter {
	/* Both are called under the lock: hold before auth_ask() returns WAIT, wake by the thread
	 * that works, when verdict is set. */
	void (*hold)(struct auth_waiter *waiter);
	void (*wake)(struct auth_waiter *waiter);
	enum auth_verdict verdict;
	struct auth_waiter *next; /* auth's */
};

/* `check` and its arg are borrowed; key is random. Without users all may ask. NULL without memory.
 */
struct auth *auth_new(auth_check_fn *check, void *arg, const struct siphash_key *key);

/* Copies the users; what is remembered of those that stay as they were is kept. Returns 0, or
 * -ENOMEM and all is as before. */
int auth_set_users(struct auth *auth, const struct web_user *user, size_t n);

/* The verdict on a request with this Authorization header (NULL: none). */
enum auth_verdict auth_ask(struct auth *auth, const char *header, struct auth_waiter *waiter);

/* Does the oldest job; if there is none, waits for one (`wait`). False if there is none, or when
 * stopped. */
bool auth_work(struct auth *auth, bool wait);

/* auth_work() in a thread of its own, until auth_stop(). Returns 0 or -errno. */
int auth_start(struct auth *auth);

/* From now on nobody waits: those that do are woken with BUSY. Does not wait for a hash that is
 * being made. */
void auth_stop(struct auth *auth);

/* After auth_stop(). NULL is fine. */
void auth_free(struct auth *auth);

#endif
