/* SPDX-License-Identifier: Apache-2.0 */
#include "auth.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "auth_basic.h"
#include "auth_memory.h"

struct job {
	struct siphash key;
	char *name, *password, *hash; /* copies; hash: that of the user, or of another */
	bool known;
	struct auth_waiter *waiters;
};

struct auth {
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t queued;
	unsigned int holders; /* who frees it: the owner, and the thread if there is one */
	bool stopped;
	auth_check_fn *check;
	void *arg;
	struct auth_memory memory;
	struct job *job[AUTH_JOBS_MAX]; /* oldest first; the first may be in work */
	size_t jobs_n;
	size_t waiting_n; /* requests, for all of them */
};

struct auth *auth_new(auth_check_fn *check, void *arg, const struct siphash_key *key)
{
	struct auth *auth = calloc(1, sizeof(*auth));

	if (!auth)
		return NULL;
	(void)pthread_mutex_init(&auth->lock, NULL);
	(void)pthread_cond_init(&auth->queued, NULL);
	auth->holders = 1;
	auth->check = check;
	auth->arg = arg;
	auth->memory.key = *key;
	return auth;
}

static void free_job(struct job *job)
{
	if (!job)
		return;
	free(job->name);
	web_text_free(job->hash);
	web_text_free(job->password);
	free(job);
}

int auth_set_users(struct auth *auth, const struct web_user *user, size_t n)
{
	int r;

	(void)pthread_mutex_lock(&auth->lock);
	r = auth_memory_set_users(&auth->memory, user, n);
	(void)pthread_mutex_unlock(&auth->lock);
	return r;
}

/* The job of this claim: one that waits or is in work, or a new one. NULL: no place or memory. */
static struct job *find_job(struct auth *auth, const struct auth_claim *claim,
			    const struct auth_basic *basic)
{
	struct job *job;

	for (size_t i = 0; i < auth->jobs_n; i++)
		if (siphash_equal(&auth->job[i]->key, &claim->key))
			return auth->job[i];
	if (auth->jobs_n == AUTH_JOBS_MAX)
		return NULL;
	job = calloc(1, sizeof(*job));
	if (!job)
		return NULL;
	*job = (struct job){ .key = claim->key,
			     .known = claim->known,
			     .name = strdup(basic->user),
			     .password = strdup(basic->password),
			     .hash = strdup(claim->user->hash) };
	if (!job->name || !job->password || !job->hash) {
		free_job(job);
		return NULL;
	}
	auth->job[auth->jobs_n++] = job;
	(void)pthread_cond_signal(&auth->queued);
	return job;
}

/* Under the lock. */
static enum auth_verdict ask(struct auth *auth, const struct auth_basic *basic,
			     struct auth_waiter *waiter)
{
	struct auth_claim claim;
	struct job *job;

	switch (auth_memory_ask(&auth->memory, basic, &claim)) {
	case AUTH_IS_RIGHT:
		return AUTH_YES;
	case AUTH_IS_WRONG:
		return AUTH_NO;
	case AUTH_IS_NEW:
		break;
	}
	if (auth->stopped || auth->waiting_n == AUTH_WAITING_MAX)
		return AUTH_BUSY;
	job = find_job(auth, &claim, basic);
	if (!job)
		return AUTH_BUSY;
	auth->waiting_n++;
	waiter->hold(waiter);
	waiter->next = job->waiters;
	job->waiters = waiter;
	return AUTH_WAIT;
}

enum auth_verdict auth_ask(struct auth *auth, const char *header, struct auth_waiter *waiter)
{
	enum auth_verdict verdict = AUTH_NO;
	struct auth_basic basic;
	const bool given = auth_basic_parse(header, &basic);

	(void)pthread_mutex_lock(&auth->lock);
	if (!auth->memory.users_n)
		verdict = AUTH_YES;
	else if (given)
		verdict = ask(auth, &basic, waiter);
	(void)pthread_mutex_unlock(&auth->lock);
	explicit_bzero(&basic, sizeof(basic));
	return verdict;
}

static void wake_all(struct auth *auth, struct job *job, enum auth_verdict verdict)
{
	struct auth_waiter *waiter = job->waiters, *next;

	job->waiters = NULL;
	for (; waiter; waiter = next) {
		next = waiter->next; /* it may be gone as soon as it is woken */
		waiter->verdict = verdict;
		auth->waiting_n--;
		waiter->wake(waiter);
	}
}

/* Under the lock. The users may have changed meanwhile: only who still has this hash is in. */
static void settle(struct auth *auth, struct job *job, int checked)
{
	enum auth_verdict verdict = AUTH_NO;

	if (checked < 0)
		verdict = AUTH_BUSY;
	else if (!checked || !job->known)
		auth_memory_wrong(&auth->memory, &job->key);
	else if (auth_memory_right(&auth->memory, job->name, job->hash, &job->key))
		verdict = AUTH_YES;
	wake_all(auth, job, verdict);
	auth->jobs_n--;
	for (size_t i = 0; i < auth->jobs_n; i++)
		auth->job[i] = auth->job[i + 1];
	free_job(job);
}

bool auth_work(struct auth *auth, bool wait)
{
	struct job *job;
	int checked;

	(void)pthread_mutex_lock(&auth->lock);
	while (wait && !auth->jobs_n && !auth->stopped)
		(void)pthread_cond_wait(&auth->queued, &auth->lock);
	if (auth->stopped || !auth->jobs_n) {
		(void)pthread_mutex_unlock(&auth->lock);
		return false;
	}
	job = auth->job[0];
	(void)pthread_mutex_unlock(&auth->lock);
	checked = auth->check(auth->arg, job->password, job->hash);
	(void)pthread_mutex_lock(&auth->lock);
	settle(auth, job, checked);
	(void)pthread_mutex_unlock(&auth->lock);
	return true;
}

/* The last holder frees. */
static void release(struct auth *auth)
{
	bool last;

	(void)pthread_mutex_lock(&auth->lock);
	last = --auth->holders == 0;
	(void)pthread_mutex_unlock(&auth->lock);
	if (!last)
		return;
	auth_memory_free(&auth->memory);
	for (size_t i = 0; i < auth->jobs_n; i++)
		free_job(auth->job[i]);
	(void)pthread_mutex_destroy(&auth->lock);
	(void)pthread_cond_destroy(&auth->queued);
	explicit_bzero(auth, sizeof(*auth));
	free(auth);
}

static void *work(void *arg)
{
	while (auth_work(arg, true))
		;
	release(arg);
	return NULL;
}

int auth_start(struct auth *auth)
{
	pthread_attr_t detached;
	pthread_t thread;
	sigset_t all, before;
	int r;

	(void)pthread_attr_init(&detached);
	(void)pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	/* signals are for the main thread */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	auth->holders++;
	r = pthread_create(&thread, &detached, work, auth);
	if (r)
		auth->holders--;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&detached);
	return -r;
}

void auth_stop(struct auth *auth)
{
	(void)pthread_mutex_lock(&auth->lock);
	auth->stopped = true;
	for (size_t i = 0; i < auth->jobs_n; i++)
		wake_all(auth, auth->job[i], AUTH_BUSY);
	(void)pthread_cond_broadcast(&auth->queued);
	(void)pthread_mutex_unlock(&auth->lock);
}

void auth_free(struct auth *auth)
{
	if (auth)
		release(auth);
}
