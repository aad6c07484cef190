/* SPDX-License-Identifier: Apache-2.0 */
#include "serve.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app.h"
#include "confine.h"
#include "encode.h"
#include "http.h"
#include "listen.h"
#include "log.h"
#include "loop.h"
#include "memory_need.h"
#include "opener.h"
#include "page.h"
#include "process.h"
#include "signals.h"
#include "systemd.h"
#include "web.h"

int fatal(const char *operation, const char *reason, const char *remedy)
{
	const bool remedied = remedy && *remedy;
	char line[PATH_MAX + 1024];

	(void)snprintf(line, sizeof(line), "ior_exporter: %s%s%s%s%s%s", operation,
		       reason ? ": " : "", reason ? reason : "", remedied ? " (" : "",
		       remedied ? remedy : "", remedied ? ")" : "");
	/* one line, and no terminal's control sequences, whatever a name or a value holds */
	for (char *at = line; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
	fprintf(stderr, "%s\n", line);
	return 1;
}

int fatal_config(int r, const char *err)
{
	(void)fatal(err, NULL, NULL);
	return r == -EINVAL ? EXIT_USAGE : EXIT_FAILURE;
}

/* A dump has the labels that it has. Returns 0, or -EINVAL when that was said. */
static int check_by(const struct config *config, const struct source_info *info)
{
	char line[128];

	if (!config->by_list || config->by == info->by)
		return 0;
	(void)snprintf(line, sizeof(line), "--by=%s: the rows are by %s", by_text(config->by),
		       by_text(info->by));
	(void)fatal(line, NULL, config->replay ? "leave --by out to see the dump as it is" : NULL);
	return -EINVAL;
}

/* SIGHUP ends us: there is a terminal to go, and no file that it could mean. */
static bool hangup_ends(const struct config *config, const struct invocation *invocation)
{
	return invocation->on_terminal && !config->config_file && !config->web_config_file;
}

/* While files can be opened. Returns ret, or NULL if it is not wanted. */
static struct process *open_process(const struct config *config, struct process *ret)
{
	int r;

	if (!config->shows_process)
		return NULL;
	r = process_open("/proc", ret);
	if (r < 0)
		log_warn("metrics process_* are missing", "err", strerror(-r));
	return ret;
}

/* Returns 0, or -ENOMEM when that was said. */
static int check_memory(const struct config *config)
{
	const struct memory_sizes sizes = { (uint32_t)config->series_max, config->series_memory,
					    config->fold.top, config->by };
	char line[PATH_MAX + 512];
	int r = config->replay ? 0 : memory_need_check("", &sizes, line, sizeof(line));

	if (r < 0)
		(void)fatal(line, NULL, NULL);
	return r;
}

/* Opens it, then gives rights up. While it is waited for, `hangup` says whether SIGHUP ends it.
 * Returns 0, or -errno when that was said. */
static int open_source(const struct config *config, bool hangup, struct source **ret)
{
	const struct source_bpf_options options = {
		.selection = &config->selection,
		.filter = &config->filter,
		.by = config->by,
		.cgroup_root = config->path_cgroup,
		.attach = config->attach,
		.copies = (unsigned int)config->copies,
		.gaps = config->collect_gap,
		.include_self = config->include_self,
		.programs = config->shows_bpf,
		.in_flight = config->collect_in_flight,
		.comm_of_thread = config->comm_source == COMM_OF_THREAD,
		.series_max = (uint32_t)config->series_max,
		.series_memory = config->series_memory,
	};
	struct source_error err = { .operation = "" };
	char line[256];
	int r;

	if (config->replay) {
		signals_let_end(hangup);
		r = source_file_open(config->replay, &config->selection, ret, &err);
		signals_let_end_no_more(hangup);
	} else {
		r = source_bpf_open(&options, ret, &err);
	}
	if (r < 0) {
		(void)fatal(err.operation, strerror(-r), err.remedy);
		return r;
	}
	r = check_by(config, &(*ret)->info);
	if (r == 0) {
		r = confine_process(config, (*ret)->info.copies, line, sizeof(line));
		if (r < 0)
			(void)fatal(line, NULL, NULL);
	}
	if (r < 0)
		source_close(*ret);
	return r;
}

static void log_attached(const struct config *config, const struct source_info *info)
{
	char traced[16], copies[16], test[64];
	size_t n = 0;

	for (size_t i = 0; i < SYSCALLS; i++)
		n += config->selection.on[i] && syscalls[i].nr >= 0 && syscalls[i].nr < IOR_NR_MAX;
	(void)snprintf(traced, sizeof(traced), "%zu", n);
	(void)snprintf(copies, sizeof(copies), "%u", info->copies);
	(void)snprintf(test, sizeof(test), "%llu of %llu calls",
		       (unsigned long long)info->self_test_seen,
		       (unsigned long long)info->self_test_made);
	log_info(config->replay ? "replaying" : "tracing", "syscalls", traced, "mode", info->mode,
		 "copies", copies, "kernel", info->kernel);
	if (info->no_in_flight[0])
		log_warn("calls in flight are not shown", "reason", info->no_in_flight);
	if (info->no_leader[0] && config->comm_source != COMM_OF_THREAD)
		log_warn("comm is of the thread, not of the process", "reason", info->no_leader);
	if (info->no_container[0])
		log_warn("all calls are the host's", "reason", info->no_container);
	if (!info->exact && !config->replay)
		log_warn("this kernel may keep calls from the programs: counts may be too low",
			 "kernel", info->kernel, "mode", info->mode, "self_test", test);
}

/* From bound sockets to the end. */
static int serve_on(struct app *app, const struct invocation *invocation,
		    struct listeners *listeners, struct web *web, struct systemd *systemd)
{
	const struct config *config = app->config;
	struct source *source;
	struct http *http;
	char err[512];

	if (confine_http_start(app, listeners, web, &http, err, sizeof(err)) < 0)
		return fatal(err, NULL, NULL);
	for (size_t i = 0; i < listeners->n; i++)
		log_info("listening", "address", listeners->item[i].address, "path",
			 config->telemetry_path, "tls", web && web_has_tls(web) ? "true" : "false");
	if (open_source(config, hangup_ends(config, invocation), &source) < 0) {
		http_stop(http);
		return 1;
	}
	app_set_source(app, source);
	log_attached(config, &source->info);
	loop_run(app, &(struct loop){ invocation, hangup_ends(config, invocation), web, systemd });
	http_stop(http);
	return 0;
}

static int open_listeners(const struct config *config, struct listeners *ret)
{
	char err[512];
	int r = config->web_systemd_socket ?
			systemd_listen(SYSTEMD_FIRST_FD, ret, err, sizeof(err)) :
			listen_open(&config->listen_addresses, ret, err, sizeof(err));

	if (r < 0)
		(void)fatal(err, NULL, NULL);
	return r;
}

int serve(const struct config *config, const struct invocation *invocation)
{
	struct web *web = NULL;
	struct process memory, *process;
	struct listeners listeners;
	struct systemd systemd;
	struct app app;
	char err[512];
	int status = 1, r = 0;

	if (check_memory(config) < 0)
		return 1;
	if (config->web_config_file)
		r = web_open(config->web_config_file, &clock_system, &web, err, sizeof(err));
	if (r < 0)
		return fatal_config(r, err);
	if (systemd_open(&systemd, &clock_system, err, sizeof(err)) < 0)
		log_warn("the service manager is not told", "err", err);
	if (open_listeners(config, &listeners) == 0) {
		process = open_process(config, &memory);
		app_init(&app, config, &clock_system);
		app_set_process(&app, process);
		status = serve_on(&app, invocation, &listeners, web, &systemd);
		app_free(&app);
		process_close(process);
		opener_stop();
		listen_close(&listeners);
	}
	systemd_close(&systemd);
	web_close(web);
	return status;
}

static int render_once(const struct config *config, struct app *app, struct buf *out)
{
	static const enum format formats[] = {
		[ONCE_TEXT] = FORMAT_TEXT,
		[ONCE_OPENMETRICS] = FORMAT_OPENMETRICS,
		[ONCE_PROTOBUF] = FORMAT_PROTOBUF,
	};
	struct page_options options = { .created = config->openmetrics_created };
	struct view view;
	int r;

	if (config->dump)
		return source_dump(app->source, out);
	r = app_view(app, &view);
	if (r < 0)
		return r;
	if (!view.snapshot->up) {
		r = -EIO;
	} else if (config->once == ONCE_FOLDED) {
		encode_folded(view.snapshot, out);
	} else {
		options.format = formats[config->once];
		page_render(&view, &options, out);
	}
	snapshot_unref(view.snapshot);
	return r;
}

int serve_once(const struct config *config)
{
	struct process memory, *process;
	struct buf out = { 0 };
	struct source *source;
	struct app app;
	int r;

	if (check_memory(config) < 0)
		return 1;
	process = open_process(config, &memory);
	if (open_source(config, false, &source) < 0)
		return 1;
	app_init(&app, config, &clock_system);
	app_set_process(&app, process);
	app_set_source(&app, source);
	if (!config->replay)
		(void)signals_wait(config->duration_ns, false); /* they end it early */
	r = render_once(config, &app, &out);
	signals_let_end(false);
	if (!r)
		r = out.err ? out.err : buf_write(&out, STDOUT_FILENO);
	if (r == -EPIPE)
		r = 0; /* the reader has what it wanted: | head */
	buf_free(&out);
	app_free(&app);
	process_close(process);
	return r < 0 ? fatal("print the counters", strerror(-r), NULL) : 0;
}
