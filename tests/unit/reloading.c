/* SPDX-License-Identifier: Apache-2.0 */
#include "reloading.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "capture.h"
#include "log.h"
#include "suites.h"

/* Nobody else gets the number of a file that is gone. */
#define FD_MIN 500

void reloading_write(struct reloading *r, const char *text)
{
	ck_assert_int_eq(ftruncate(r->fd, 0), 0);
	ck_assert_int_eq(pwrite(r->fd, text, strlen(text), 0), (ssize_t)strlen(text));
}

void reloading_start(struct reloading *r, const char *text, const char *flag, const char *variable)
{
	static const char *const comms[] = { "a", "b", "c" };
	static const uint64_t calls[] = { 30, 10, 20 };
	char path[TEMP_PATH_SIZE];
	int fd;

	memset(r, 0, sizeof(*r));
	fd = temp_text(text, path);
	r->fd = fcntl(fd, F_DUPFD_CLOEXEC, FD_MIN);
	ck_assert_int_ge(r->fd, FD_MIN);
	(void)close(fd);
	(void)snprintf(r->flag, sizeof(r->flag), "--config.file=/proc/self/fd/%d", r->fd);
	r->argv[0] = r->flag; /* the program's name is not looked at */
	r->argv[1] = r->flag;
	r->argv[2] = (char *)flag;
	r->env[0] = (char *)variable;
	r->invocation = (struct invocation){ flag ? 3 : 2, r->argv, r->env, false };
	parse(&r->f.parse, (const char *const *)r->argv + 1, (const char *const *)r->env);
	ck_assert_str_eq(r->f.parse.err, "");
	for (size_t i = 0; i < COUNT(r->rows); i++)
		r->rows[i] = (struct fake_row){ comms[i], "read", { .slot = { calls[i] } } };
	fake_source_init(&r->f.fake, r->rows, COUNT(r->rows));
	fake_clock_init(&r->f.clock);
	r->f.clock.tick_ns = 0;
	app_init(&r->f.app, &r->f.parse.config, &r->f.clock.clock);
	app_set_source(&r->f.app, &r->f.fake.source);
	app_tick(&r->f.app);
	log_setup(LOG_INFO, LOG_LOGFMT);
}

void reloading_stop(struct reloading *r)
{
	running_stop(&r->f);
	if (r->fd >= 0)
		(void)close(r->fd);
}

void reloading_unlink(struct reloading *r)
{
	(void)close(r->fd);
	r->fd = -1;
}

/* Appends the lines without their times, and "FILE" for the file's path. */
static void add_said(struct buf *out, const struct reloading *r, const char *text)
{
	const char *path = r->flag + strlen("--config.file=");

	while (*text) {
		if (!strncmp(text, "ts=", 3)) {
			text += strcspn(text, " ") + 1;
		} else if (!strncmp(text, path, strlen(path))) {
			buf_add_str(out, "FILE");
			text += strlen(path);
		} else {
			buf_add(out, text++, 1);
		}
	}
	buf_add(out, "", 1);
}

void reloading_says(struct reloading *r, const char *expected)
{
	struct buf said = { 0 };
	char *text;

	r->f.clock.now_ns += RELOADING_STEP;
	r->f.clock.wall_ns += RELOADING_STEP;
	capture_stderr_begin();
	reload(&r->f.app, &r->invocation);
	text = capture_stderr_end();
	add_said(&said, r, text);
	ck_assert_str_eq(said.data, expected);
	buf_free(&said);
	free(text);
}

void reloading_page(struct reloading *r, const char *expected, bool successful, uint64_t wall_ns)
{
	struct buf text = { 0 };
	struct view view;

	ck_assert_int_eq(app_view(&r->f.app, &view), 0);
	for (size_t i = 0; i < view.snapshot->series_n; i++)
		buf_add_fmt(&text, "%s%s=%llu", i ? " " : "", view.snapshot->series[i].tuple->comm,
			    (unsigned long long)view.snapshot->series[i].calls);
	buf_add(&text, "", 1);
	ck_assert_str_eq(text.data, expected);
	ck_assert_int_eq(view.reload.successful, successful);
	ck_assert_uint_eq(view.reload.success_wall_ns, wall_ns);
	snapshot_unref(view.snapshot);
	buf_free(&text);
}

void reloading_calls(struct reloading *r)
{
	for (size_t i = 0; i < COUNT(r->rows); i++)
		r->rows[i].counts.slot[0] += 3;
}
