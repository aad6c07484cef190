/* SPDX-License-Identifier: Apache-2.0 */
#include "landing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "failing.h"
#include "log.h"
#include "running.h"
#include "suites.h"
#include "version.h"

#define ROW(name, value) "<tr><th scope=\"row\">" name "</th><td>" value "</td></tr>\n"
#define STYLE_BEGIN "<style>"
#define STYLE_END "</style>"

static const char before[] = "<h2>Not attached yet</h2>\n<table>\n" ROW(
	"System calls traced",
	"371: AIO, FS, IPC, Memory, Misc, Network, Polling, Process, Sched, Security, "
	"Signals, Time") ROW("Only calls of", "everybody");

#define ALL_TRACED                                                                      \
	"371: AIO, FS, IPC, Memory, Misc, Network, Polling, Process, Sched, Security, " \
	"Signals, Time"
#define TRACING(traced, only) \
	"<h2>Tracing</h2>\n<table>\n" ROW("System calls traced", traced) ROW("Only calls of", only)
#define SOURCE                             \
	ROW("Labels", "comm")              \
	ROW("Attached by", "&lt;mode&gt;") \
	ROW("Copies of the programs", "4") ROW("Kernel", "6.1&amp;") ROW("Counts are exact", "no")
#define SNAPSHOT(read, calls, series, rows, recursion, clock)                                   \
	ROW("Last read", read)                                                                  \
	ROW("Calls counted", calls)                                                             \
	ROW("Series shown", series)                                                             \
	ROW("Rows in use", rows)                                                                \
	"</table>\n<h2>Calls lost</h2>\n<table>\n" ROW("recursion", recursion)                  \
		ROW("no_entry", "0") ROW("no_exit", "0") ROW("no_memory", "0") ROW("died", "0") \
			ROW("clock", clock)
#define WORKED SOURCE SNAPSHOT("worked", "1", "1", "7 of 9", "3", "5")

static void read_fails(struct running *f)
{
	f->fake.failure = -EIO;
}

static void memory_is_scarce(struct running *f)
{
	atomic_store(&f->app.alive, SNAPSHOTS_MAX);
}

static const struct {
	const char *flag, *href;
	bool attached;
	const char *state; /* what follows the links */
	void (*arrange)(struct running *f);
} pages[] = {
	{ "--no-dump", "/metrics", false, before, NULL },
	{ "--trace-syscalls=read,getpid", "/metrics", true,
	  TRACING("2: FS, Process", "everybody") WORKED, NULL },
	{ "--web.telemetry-path=/\"><script>&amp;'", "/&quot;&gt;&lt;script&gt;&amp;amp;'", false,
	  before, NULL },
	{ "--no-dump", "/metrics", true,
	  TRACING(ALL_TRACED, "everybody") SOURCE SNAPSHOT("failed", "0", "0", "0 of 0", "0", "0"),
	  read_fails },
	{ "--no-dump", "/metrics", true,
	  TRACING(ALL_TRACED, "everybody") ROW("Last read", "Device or resource busy"),
	  memory_is_scarce },
	{ "--filter.comm=<a&b>", "/metrics", true,
	  TRACING(ALL_TRACED, "comm &lt;a&amp;b&gt;") WORKED, NULL },
	{ "--filter.pid=12", "/metrics", true, TRACING(ALL_TRACED, "pid 12") WORKED, NULL },
};

static void start(struct running *f, int i)
{
	log_setup(LOG_ERROR + 1, LOG_LOGFMT);
	running_start(f, pages[i].flag, pages[i].attached);
	f->fake.status.lost[IOR_LOST_RECURSION] = 3;
	f->fake.status.lost[IOR_LOST_CLOCK] = 5;
	f->fake.status.rows = 7;
	f->fake.status.rows_limit = 9;
	f->fake.source.info.copies = 4;
	f->fake.source.info.exact = false;
	(void)strcpy(f->fake.source.info.mode, "<mode>");
	(void)strcpy(f->fake.source.info.kernel, "6.1&");
	if (pages[i].arrange)
		pages[i].arrange(f);
}

/* The page up to what it says of the tracing; the style, which it has from itself, left out. */
static void expect_head(struct buf *out, const char *href)
{
	struct build build;

	version_describe(&build);
	buf_add_fmt(out,
		    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		    "<title>ior_exporter</title>\n" STYLE_BEGIN STYLE_END "\n</head>\n<body>\n"
		    "<h1>ior_exporter</h1>\n<p>Latency, bytes and errors of system calls by "
		    "program, counted in the kernel.</p>\n<p>Version %s, revision %s.</p>\n"
		    "<ul>\n<li><a href=\"%s\">Metrics</a></li>\n"
		    "<li><a href=\"/-/healthy\">Health</a></li>\n"
		    "<li><a href=\"/-/ready\">Readiness</a></li>\n</ul>\n",
		    build.version, build.revision, href);
}

static void cut_style(struct buf *page)
{
	char *begin, *end;

	buf_add(page, "", 1);
	begin = strstr(page->data, STYLE_BEGIN) + strlen(STYLE_BEGIN);
	end = strstr(begin, STYLE_END);
	memmove(begin, end, strlen(end) + 1);
}

START_TEST(page_tells_what_runs_and_how_it_goes)
{
	struct buf page = { 0 }, expected = { 0 };
	struct running f;

	start(&f, _i);
	landing_render(&f.app, &page);
	ck_assert_int_eq(page.err, 0);
	cut_style(&page);
	expect_head(&expected, pages[_i].href);
	buf_add_str(&expected, pages[_i].state);
	buf_add_str(&expected, "</table>\n</body>\n</html>\n");
	buf_add(&expected, "", 1);
	ck_assert_str_eq(page.data, expected.data);
	buf_free(&page);
	buf_free(&expected);
	running_stop(&f);
}

/* A read that fails for lack of memory is told; of a page that fails there is none. */
START_TEST(page_is_whole_or_none)
{
	static const char end[] = "</body>\n</html>\n";
	struct buf page = { 0 };
	struct running f;
	bool failed = true;

	for (size_t n = 1; failed; n++) {
		start(&f, 1);
		failing_arm(n);
		landing_render(&f.app, &page);
		failed = failing_disarm();
		ck_assert(page.err ||
			  (page.len > sizeof(end) &&
			   !memcmp(page.data + page.len - strlen(end), end, strlen(end))));
		ck_assert(failed || !page.err);
		buf_free(&page);
		running_stop(&f);
	}
}

Suite *landing_suite(void)
{
	const struct test tests[] = {
		{ page_tells_what_runs_and_how_it_goes, COUNT(pages) },
		{ page_is_whole_or_none, 0 },
	};

	return suite_make("landing", tests, COUNT(tests));
}
