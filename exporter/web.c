/* SPDX-License-Identifier: Apache-2.0 */
#include "web.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "auth.h"
#include "auth_bcrypt.h"
#include "log.h"
#include "rate_limit.h"
#include "tls_server.h"
#include "web_state.h"

#define ERR_SIZE 1024

struct web {
	char *path;
	const struct clock *clock;
	struct web_files files;
	uint64_t looked_ns;
	bool loaded; /* the last time */
	bool has_tls;
	struct auth *auth;
	pthread_mutex_t lock; /* of what follows */
	struct web_state *state;
	struct rate_limit rate;
};

struct web_peer {
	struct auth_waiter waiter;
	bool waiting; /* for a verdict that the waiter has when the request asks again */
	void (*suspend)(void *connection);
	void (*resume)(void *connection);
	void *connection;
	struct tls_peer *tls; /* NULL: none */
};

static struct web_state *take(struct web *web)
{
	struct web_state *state;

	(void)pthread_mutex_lock(&web->lock);
	state = web_state_ref(web->state);
	(void)pthread_mutex_unlock(&web->lock);
	return state;
}

/* Puts the last word on a failure that has none yet. */
static int explain(const struct web *web, int r, const char *why, char *err, size_t err_size)
{
	if (r == -ENOTSUP)
		(void)snprintf(err, err_size, WEB_NO_TLS);
	else
		(void)snprintf(err, err_size, "--web.config.file: %s: %s", web->path,
			       r == -ENOMEM ? "out of memory" : why);
	return r;
}

static void swap(struct web *web, struct web_state *state, const struct web_config *config)
{
	struct web_state *old;

	(void)pthread_mutex_lock(&web->lock);
	old = web->state;
	web->state = state;
	if (web->rate.interval_ns != config->rate_interval_ns ||
	    web->rate.burst != config->rate_burst)
		rate_limit_init(&web->rate, config->rate_interval_ns, config->rate_burst);
	(void)pthread_mutex_unlock(&web->lock);
	web_state_unref(old);
}

static int load(struct web *web, bool first, char *err, size_t err_size)
{
	struct web_state *state = NULL;
	struct web_config config;
	char why[ERR_SIZE / 2] = "";
	int r = web_config_load(web->path, &web->files, &config, err, err_size);

	if (r < 0)
		return r;
	if (!first && config.tls.on != web->has_tls) {
		r = explain(web, -EINVAL, "to turn TLS on or off needs a restart", err, err_size);
	} else {
		r = web_state_new(&config, &state, why, sizeof(why));
		r = r ?: auth_set_users(web->auth, config.user, config.users_n);
		if (r < 0)
			(void)explain(web, r, why, err, err_size);
	}
	if (r == 0) {
		if (first) /* others read it */
			web->has_tls = config.tls.on;
		swap(web, state, &config);
		if (config.http2_line)
			log_warn("HTTP/2 is not served, HTTP/1.1 is", "file", web->path);
	} else {
		web_state_unref(state);
	}
	web_config_free(&config);
	return r;
}

/* Counted by those who wonder where the time goes. */
static int check_password(void *arg, const char *password, const char *hash)
{
	int r;

	log_debug("hashing a password");
	r = auth_bcrypt_check(arg, password, hash);
	log_debug("hashed a password");
	return r;
}

int web_open(const char *path, const struct clock *clock, struct web **ret, char *err,
	     size_t err_size)
{
	struct web *web = calloc(1, sizeof(*web));
	struct siphash_key key;
	int r = 0;

	(void)snprintf(err, err_size, "--web.config.file: out of memory");
	if (!web)
		return -ENOMEM;
	(void)pthread_mutex_init(&web->lock, NULL);
	web->clock = clock;
	web->loaded = true;
	if (getrandom(&key, sizeof(key), 0) != (ssize_t)sizeof(key))
		abort(); /* never, of so few bytes */
	web->auth = auth_new(check_password, NULL, &key);
	web->path = strdup(path);
	if (!web->auth || !web->path)
		r = -ENOMEM;
	r = r ?: load(web, true, err, err_size);
	if (r < 0)
		web_close(web);
	else
		*ret = web;
	return r;
}

int web_start(struct web *web)
{
	return auth_start(web->auth);
}

void web_stop(struct web *web)
{
	if (web)
		auth_stop(web->auth);
}

void web_close(struct web *web)
{
	if (!web)
		return;
	if (web->auth)
		auth_stop(web->auth);
	auth_free(web->auth);
	web_state_unref(web->state);
	web_files_free(&web->files);
	free(web->path);
	(void)pthread_mutex_destroy(&web->lock);
	free(web);
}

bool web_has_tls(const struct web *web)
{
	return web->has_tls;
}

bool web_reload(struct web *web)
{
	char err[ERR_SIZE];

	web->looked_ns = web->clock->monotonic_ns(web->clock->arg);
	web->loaded = load(web, false, err, sizeof(err)) == 0;
	if (web->loaded)
		log_info("reloaded the web configuration", "file", web->path);
	else
		log_error("reload the web configuration", "err", err);
	return web->loaded;
}

bool web_tick(struct web *web)
{
	const uint64_t now_ns = web->clock->monotonic_ns(web->clock->arg);

	if (now_ns - web->looked_ns >= WEB_LOOK_NS) {
		web->looked_ns = now_ns;
		if (web_files_changed(&web->files))
			(void)web_reload(web);
	}
	return web->loaded;
}

static void hold(struct auth_waiter *waiter)
{
	struct web_peer *peer = (struct web_peer *)waiter; /* its first member */

	peer->waiting = true;
	peer->suspend(peer->connection);
}

static void wake(struct auth_waiter *waiter)
{
	const struct web_peer *peer = (const struct web_peer *)waiter;

	peer->resume(peer->connection);
}

struct web_peer *web_peer_open(struct web *web, void *session, void (*suspend)(void *connection),
			       void (*resume)(void *connection), void *connection)
{
	struct web_peer *peer = calloc(1, sizeof(*peer));
	struct web_state *state;

	if (!peer)
		return NULL;
	*peer = (struct web_peer){ .waiter = { .hold = hold, .wake = wake },
				   .suspend = suspend,
				   .resume = resume,
				   .connection = connection };
	if (!session)
		return peer;
	state = take(web);
	peer->tls = state->tls ? tls_peer_new(state->tls, session) : NULL;
	web_state_unref(state);
	if (!peer->tls) {
		free(peer);
		return NULL;
	}
	return peer;
}

void web_peer_close(struct web_peer *peer)
{
	if (peer)
		tls_peer_free(peer->tls);
	free(peer);
}

static bool has_token(struct web *web)
{
	const uint64_t now_ns = web->clock->monotonic_ns(web->clock->arg);
	bool has;

	(void)pthread_mutex_lock(&web->lock);
	has = rate_limit_allow(&web->rate, now_ns);
	(void)pthread_mutex_unlock(&web->lock);
	return has;
}

enum web_verdict web_admit(struct web *web, struct web_peer *peer, const char *authorization)
{
	static const enum web_verdict verdicts[] = {
		[AUTH_YES] = WEB_PASS,
		[AUTH_NO] = WEB_401,
		[AUTH_WAIT] = WEB_WAIT,
		[AUTH_BUSY] = WEB_503,
	};

	if (!peer || (web->has_tls && !tls_peer_is_good(peer->tls)))
		return WEB_DROP;
	if (peer->waiting) {
		peer->waiting = false;
		return verdicts[peer->waiter.verdict];
	}
	if (!has_token(web))
		return WEB_429;
	return verdicts[auth_ask(web->auth, authorization, &peer->waiter)];
}

void web_each_header(struct web *web, void (*set)(void *arg, const char *name, const char *value),
		     void *arg)
{
	struct web_state *state = take(web);

	for (size_t i = 0; i < state->headers_n; i++)
		set(arg, state->header[i].name, state->header[i].value);
	web_state_unref(state);
}
