/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The running exporter: a source and the snapshot that all scrapes within --max-age share. The one
 * place where threads meet; everything that they share is behind its lock or immutable.
 */
#ifndef APP_H
#define APP_H

#include <pthread.h>
#include <stdbool.h>

#include "body.h"
#include "clock.h"
#include "config.h"
#include "families.h"
#include "fold.h"
#include "process.h"
#include "snapshot.h"
#include "source.h"

struct app {
	const struct config *config; /* of the start: what it says of flags that can't change */
	const struct clock *clock;
	pthread_mutex_t lock;  /* of all below; held during a read, which makes scrapes share it */
	struct source *source; /* NULL until attached; owned */
	const struct process *process;	 /* borrowed; NULL: not shown */
	uint64_t failures[READINGS];	 /* of reads, so far */
	struct fold *fold;		 /* owned; NULL without memory */
	struct config reloaded;		 /* owns what the fold has since a reload; else empty */
	const struct ior_filter *filter; /* that the source has: of config or of reloaded */
	struct reload_result reload;
	bool web_failed;	   /* the last load of the web configuration */
	struct snapshot *latest;   /* last good read, or NULL */
	uint64_t taken;		   /* snapshots so far; their numbers */
	atomic_uint alive;	   /* snapshots that there are; not behind the lock */
	struct bodies bodies;	   /* pages of the latest one; behind a lock of their own */
	struct facts facts;	   /* facts.source is written once, before it is first read */
	struct facts facts_before; /* the same before the source is there */
};

/* config and clock are borrowed. */
void app_init(struct app *app, const struct config *config, const struct clock *clock);
void app_free(struct app *app);

/* What is to be shown of the exporter's own process (NULL: nothing), which must outlive the app;
 * before anybody asks for a view. */
void app_set_process(struct app *app, const struct process *process);

/* Hands over the source: from now on the app is ready. */
void app_set_source(struct app *app, struct source *source);
bool app_is_ready(struct app *app);

/* A view of a snapshot not older than --max-age, read now if need be; the caller owns its
 * reference. A failed read gives a snapshot that is not up, and is logged. Returns 0, or without
 * even that -ENOMEM, or -EBUSY: slow scrapes hold SNAPSHOTS_MAX of them. */
int app_view(struct app *app, struct view *ret);

/* Does the source take another filter? */
bool app_can_filter(struct app *app);

/* Calls use() with the configuration whose --filter.* are in use, valid during the call. */
void app_with_filters(struct app *app, void (*use)(const struct config *config, void *arg),
		      void *arg);

/* Takes of a whole new configuration what can change without a restart: --filter.* (if the source
 * can), --comm.rewrite, --comm.top, --series.linger and --series.idle; the next read goes by it. On
 * success *fresh is taken over and emptied. Returns 0, or the source's -errno and all is as before.
 */
int app_reload(struct app *app, struct config *fresh);

/* There was a configuration that could not be loaded: the old one goes on. */
void app_reload_failed(struct app *app);

/* What came of the last load of the web configuration, whenever that was. */
void app_web_loaded(struct app *app, bool successful);

/* Reads if the last read is older than --interval, and gives the source's idle rows to others; a
 * failure is logged. */
void app_tick(struct app *app);

#endif
