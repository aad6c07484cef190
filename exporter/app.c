/* SPDX-License-Identifier: Apache-2.0 */
#include "app.h"

#include <errno.h>
#include <string.h>

#include "log.h"

void app_init(struct app *app, const struct config *config, const struct clock *clock)
{
	*app = (struct app){ .config = config, .clock = clock };
	(void)pthread_mutex_init(&app->lock, NULL);
	bodies_init(&app->bodies);
	app->facts = (struct facts){
		.selection = &config->selection,
		.bounds = &config->bounds,
		.collect_errno = config->collect_errno,
		.started_wall_ns = clock->realtime_ns(clock->arg),
	};
	app->facts_before = app->facts;
	app->filter = &config->filter;
	app->reload = (struct reload_result){ true, app->facts.started_wall_ns };
	app->fold = fold_new(&config->fold, config->rewrites);
}

void app_free(struct app *app)
{
	bodies_free(&app->bodies);
	snapshot_unref(app->latest);
	fold_free(app->fold);
	source_close(app->source);
	config_free(&app->reloaded);
	(void)pthread_mutex_destroy(&app->lock);
}

void app_set_process(struct app *app, const struct process *process)
{
	app->process = process;
	app->facts.collect_process = app->facts_before.collect_process = process != NULL;
}

void app_set_source(struct app *app, struct source *source)
{
	(void)pthread_mutex_lock(&app->lock);
	app->facts.source = &source->info;
	app->source = source;
	(void)pthread_mutex_unlock(&app->lock);
}

bool app_is_ready(struct app *app)
{
	bool ready;

	(void)pthread_mutex_lock(&app->lock);
	ready = app->source != NULL;
	(void)pthread_mutex_unlock(&app->lock);
	return ready;
}

static bool is_fresh(const struct app *app, uint64_t max_age_ns)
{
	uint64_t now = app->clock->monotonic_ns(app->clock->arg);

	return app->latest && now - app->latest->taken_ns <= max_age_ns;
}

static void add_process(struct app *app, struct snapshot *snapshot)
{
	if (app->process && process_read(app->process, &snapshot->process) < 0)
		app->failures[READING_PROCESS]++;
	memcpy(snapshot->failures, app->failures, sizeof(snapshot->failures));
}

/* The old one makes room for the new one, unless a scrape still sends it. */
static int take(struct app *app, struct snapshot **ret)
{
	int r;

	*ret = NULL;
	snapshot_unref(app->latest);
	app->latest = NULL;
	if (atomic_load(&app->alive) >= SNAPSHOTS_MAX)
		return -EBUSY;
	r = app->fold ? fold_take(app->fold, app->source, app->clock, ret) : -ENOMEM;
	app->failures[READING_SOURCE] += r < 0;
	if (!*ret)
		return -ENOMEM;
	add_process(app, *ret);
	snapshot_count(*ret, &app->alive);
	(*ret)->number = ++app->taken;
	if ((*ret)->up)
		app->latest = snapshot_ref(*ret);
	return r;
}

static int view(struct app *app, uint64_t max_age_ns, struct view *ret)
{
	struct snapshot *snapshot;
	int r = 0;

	(void)pthread_mutex_lock(&app->lock);
	if (is_fresh(app, max_age_ns))
		snapshot = snapshot_ref(app->latest);
	else
		r = take(app, &snapshot);
	ret->facts = app->source ? &app->facts : &app->facts_before;
	ret->reload = app->reload;
	ret->reload.successful &= !app->web_failed;
	(void)pthread_mutex_unlock(&app->lock);
	if (r < 0)
		log_error("read the counters", "err", strerror(-r));
	ret->snapshot = snapshot;
	return snapshot ? 0 : r;
}

int app_view(struct app *app, struct view *ret)
{
	return view(app, app->config->max_age_ns, ret);
}

/* Not during a scrape, for it waits for the programs in the kernel; and only what the fold has. */
static void give_rows_back(struct app *app)
{
	int r = 0;

	(void)pthread_mutex_lock(&app->lock);
	if (app->latest && app->source->ops->reclaim)
		r = app->source->ops->reclaim(app->source,
					      app->clock->monotonic_ns(app->clock->arg));
	(void)pthread_mutex_unlock(&app->lock);
	if (r < 0)
		log_error("give idle rows to others", "err", strerror(-r));
}

bool app_can_filter(struct app *app)
{
	bool can;

	(void)pthread_mutex_lock(&app->lock);
	can = app->source && app->source->ops->set_filter;
	(void)pthread_mutex_unlock(&app->lock);
	return can;
}

void app_with_filters(struct app *app, void (*use)(const struct config *config, void *arg),
		      void *arg)
{
	(void)pthread_mutex_lock(&app->lock);
	use(app->filter == &app->reloaded.filter ? &app->reloaded : app->config, arg);
	(void)pthread_mutex_unlock(&app->lock);
}

static int set_filter(struct app *app, const struct ior_filter *filter)
{
	int r;

	if (!app->source || !app->source->ops->set_filter ||
	    !memcmp(filter, app->filter, sizeof(*filter)))
		return 0;
	r = app->source->ops->set_filter(app->source, filter);
	if (r == 0)
		app->filter = &app->reloaded.filter; /* as it will be */
	return r;
}

int app_reload(struct app *app, struct config *fresh)
{
	struct config old = { .config_file = NULL };
	int r;

	(void)pthread_mutex_lock(&app->lock);
	r = set_filter(app, &fresh->filter);
	if (r == 0) {
		old = app->reloaded;
		app->reloaded = *fresh;
		*fresh = (struct config){ 0 };
		if (app->fold)
			fold_set(app->fold, &app->reloaded.fold, app->reloaded.rewrites);
		app->reload.successful = true;
		app->reload.success_wall_ns = app->clock->realtime_ns(app->clock->arg);
		/* a page that shows the reload is one of the new settings */
		snapshot_unref(app->latest);
		app->latest = NULL;
	}
	(void)pthread_mutex_unlock(&app->lock);
	config_free(&old); /* nobody has its rules any more: the fold is used under the lock only */
	return r;
}

void app_reload_failed(struct app *app)
{
	(void)pthread_mutex_lock(&app->lock);
	app->reload.successful = false;
	(void)pthread_mutex_unlock(&app->lock);
}

void app_web_loaded(struct app *app, bool successful)
{
	(void)pthread_mutex_lock(&app->lock);
	app->web_failed = !successful;
	(void)pthread_mutex_unlock(&app->lock);
}

void app_tick(struct app *app)
{
	struct view unused;

	(void)view(app, app->config->interval_ns, &unused);
	snapshot_unref(unused.snapshot);
	give_rows_back(app);
}
