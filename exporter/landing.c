/* SPDX-License-Identifier: Apache-2.0 */
#include "landing.h"

#include <string.h>

#include "by.h"
#include "syscalls.h"
#include "version.h"

#define STYLE                                                                           \
	"body{font:16px/1.5 sans-serif;margin:0 auto;max-width:50em;padding:0 1em}"     \
	"h1{border-bottom:.3em solid #e6522c}th,td{text-align:left;vertical-align:top;" \
	"padding:.1em 1em .1em 0}th{font-weight:normal;white-space:nowrap}"

/* The hash is that of the style, so that nothing else, such as a comm, can be one. */
#define STYLE_HASH "VfwKuZMrutIWoYy/2Y3odIfN3WpjiqSi5R+qtt4s+f0="

const char landing_policy[] = "default-src 'none'; style-src 'sha256-" STYLE_HASH
			      "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static void add_html(struct buf *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			buf_add_str(out, "&amp;");
			break;
		case '<':
			buf_add_str(out, "&lt;");
			break;
		case '>':
			buf_add_str(out, "&gt;");
			break;
		case '"':
			buf_add_str(out, "&quot;");
			break;
		default:
			buf_add(out, text, 1);
		}
	}
}

static void begin_row(struct buf *out, const char *name)
{
	buf_add_str(out, "<tr><th scope=\"row\">");
	add_html(out, name);
	buf_add_str(out, "</th><td>");
}

static void end_row(struct buf *out)
{
	buf_add_str(out, "</td></tr>\n");
}

static void add_row(struct buf *out, const char *name, const char *text)
{
	begin_row(out, name);
	add_html(out, text);
	end_row(out);
}

static void add_number(struct buf *out, const char *name, uint64_t value)
{
	begin_row(out, name);
	buf_add_u64(out, value);
	end_row(out);
}

static bool is_traced(const struct selection *selection, size_t i)
{
	return selection->on[i] && syscalls[i].nr >= 0 && syscalls[i].nr < IOR_NR_MAX;
}

static bool is_family_traced(const struct selection *selection, const char *family)
{
	for (size_t i = 0; i < SYSCALLS; i++)
		if (is_traced(selection, i) && !strcmp(syscalls[i].family, family))
			return true;
	return false;
}

static void add_traced(struct buf *out, const struct selection *selection)
{
	const char *names[SYSCALLS_GROUPS];
	const size_t n = syscall_groups(GROUP_FAMILY, names);
	const char *separator = ": ";
	size_t traced = 0;

	for (size_t i = 0; i < SYSCALLS; i++)
		traced += is_traced(selection, i);
	begin_row(out, "System calls traced");
	buf_add_u64(out, traced);
	for (size_t i = 0; i < n; i++) {
		if (!is_family_traced(selection, names[i]))
			continue;
		buf_add_str(out, separator);
		add_html(out, names[i]);
		separator = ", ";
	}
	end_row(out);
}

/* Under the app's lock, for a reload replaces them. */
static void add_filters(const struct config *config, void *arg)
{
	const struct {
		const char *name;
		const struct strings *values;
	} filters[] = {
		{ "pid", &config->filter_pids },       { "tid", &config->filter_tids },
		{ "uid", &config->filter_uids },       { "comm", &config->filter_comms },
		{ "cgroup", &config->filter_cgroups },
	};
	const char *separator = "";
	struct buf *out = arg;

	begin_row(out, "Only calls of");
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		for (size_t j = 0; j < filters[i].values->n; j++) {
			buf_add_str(out, separator);
			buf_add_str(out, filters[i].name);
			buf_add_str(out, " ");
			add_html(out, filters[i].values->item[j]);
			separator = ", ";
		}
	}
	buf_add_str(out, *separator ? "" : "everybody");
	end_row(out);
}

static void add_source(struct buf *out, const struct source_info *info)
{
	add_row(out, "Labels", by_text(info->by));
	add_row(out, "Attached by", info->mode);
	add_number(out, "Copies of the programs", info->copies);
	add_row(out, "Kernel", info->kernel);
	add_row(out, "Counts are exact", info->exact ? "yes" : "no");
}

static void add_snapshot(struct buf *out, const struct snapshot *snapshot)
{
	add_row(out, "Last read", snapshot->up ? "worked" : "failed");
	add_number(out, "Calls counted", snapshot->observations);
	add_number(out, "Series shown", snapshot->series_n);
	begin_row(out, "Rows in use");
	buf_add_u64(out, snapshot->status.rows);
	buf_add_str(out, " of ");
	buf_add_u64(out, snapshot->status.rows_limit);
	end_row(out);
	buf_add_str(out, "</table>\n<h2>Calls lost</h2>\n<table>\n");
	for (size_t i = 0; i < IOR_LOST_REASONS; i++)
		add_number(out, source_lost_names[i], snapshot->status.lost[i]);
}

static void add_head(struct buf *out)
{
	struct build build;

	version_describe(&build);
	buf_add_str(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
			 "<title>ior_exporter</title>\n<style>" STYLE "</style>\n</head>\n<body>\n"
			 "<h1>ior_exporter</h1>\n<p>Latency, bytes and errors of system calls by "
			 "program, counted in the kernel.</p>\n<p>Version ");
	add_html(out, build.version);
	buf_add_str(out, ", revision ");
	add_html(out, build.revision);
	buf_add_str(out, ".</p>\n");
}

static void add_links(struct buf *out, const char *metrics)
{
	buf_add_str(out, "<ul>\n<li><a href=\"");
	add_html(out, metrics);
	buf_add_str(out, "\">Metrics</a></li>\n<li><a href=\"/-/healthy\">Health</a></li>\n"
			 "<li><a href=\"/-/ready\">Readiness</a></li>\n</ul>\n");
}

void landing_render(struct app *app, struct buf *out)
{
	const bool ready = app_is_ready(app);
	struct view view;
	int r = ready ? app_view(app, &view) : 0;

	add_head(out);
	add_links(out, app->config->telemetry_path);
	buf_add_str(out,
		    ready ? "<h2>Tracing</h2>\n<table>\n" : "<h2>Not attached yet</h2>\n<table>\n");
	add_traced(out, &app->config->selection);
	app_with_filters(app, add_filters, out);
	if (ready && r == 0) {
		add_source(out, view.facts->source);
		add_snapshot(out, view.snapshot);
		snapshot_unref(view.snapshot);
	} else if (ready) {
		add_row(out, "Last read", strerror(-r));
	}
	buf_add_str(out, "</table>\n</body>\n</html>\n");
}
