/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048

static _Atomic enum log_level least_level = LOG_INFO; /* a reload sets it */
static enum log_format line_format = LOG_LOGFMT;

static const char *const level_names[] = {
	[LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",
	[LOG_WARN] = "warn",
	[LOG_ERROR] = "error",
};

/* A line of bounded length; what does not fit is cut. Two bytes stay free for "}\n". */
struct line {
	char text[LINE_MAX_BYTES];
	size_t len;
	bool full; /* something was left out */
};

static void put(struct line *line, char c)
{
	if (line->len < sizeof(line->text) - 3)
		line->text[line->len++] = c;
	else
		line->full = true;
}

static void put_text(struct line *line, const char *text)
{
	while (*text)
		put(line, *text++);
}

/* Room for the longest escape and the closing quote behind it. */
#define QUOTED_MAX (LINE_MAX_BYTES - 10)

/* Quoted, with the escapes that JSON and logfmt share. Bytes above 0x7f pass: what we log of them
 * was made valid UTF-8 before. */
static void put_quoted(struct line *line, const char *text)
{
	static const char digits[] = "0123456789abcdef";

	put(line, '"');
	/* cut between characters only */
	for (; *text && (line->len < QUOTED_MAX || (*text & 0xc0) == 0x80); text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\') {
			put(line, '\\');
			put(line, (char)c);
		} else if (c == '\n') {
			put_text(line, "\\n");
		} else if (c < 0x20 || c == 0x7f) {
			put_text(line, "\\u00");
			put(line, digits[c >> 4]);
			put(line, digits[c & 15]);
		} else {
			put(line, (char)c);
		}
	}
	put(line, '"');
}

static bool is_plain(const char *text)
{
	if (!*text)
		return false;
	for (; *text; text++)
		if (*text <= ' ' || *text == '"' || *text == '=' || *text == '\\' || *text == 0x7f)
			return false;
	return true;
}

static void put_whole_pair(struct line *line, const char *key, const char *value)
{
	if (line_format == LOG_JSON) {
		put(line, line->len ? ',' : '{');
		put_quoted(line, key);
		put(line, ':');
		put_quoted(line, value);
		return;
	}
	if (line->len)
		put(line, ' ');
	put_text(line, key);
	put(line, '=');
	if (is_plain(value) && strlen(value) < QUOTED_MAX - line->len)
		put_text(line, value);
	else
		put_quoted(line, value);
}

/* A value that is too long is cut; a pair without room for that is left out. */
static void put_pair(struct line *line, const char *key, const char *value)
{
	const size_t before = line->len;

	put_whole_pair(line, key, value);
	if (line->full) {
		line->len = before;
		line->full = false;
	}
}

void log_setup(enum log_level least, enum log_format format)
{
	least_level = least;
	line_format = format;
}

void log_event(enum log_level level, const char *msg, ...)
{
	struct line line = { .len = 0 };
	struct timespec now;
	struct tm utc;
	char ts[64];
	size_t n;
	va_list args;
	const char *key;

	if (level < least_level)
		return;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)gmtime_r(&now.tv_sec, &utc);
	n = strftime(ts, sizeof(ts), "%Y-%m-%dT%H:%M:%S", &utc);
	(void)snprintf(ts + n, sizeof(ts) - n, ".%03ldZ", now.tv_nsec / 1000000);
	put_pair(&line, "ts", ts);
	put_pair(&line, "level", level_names[level]);
	put_pair(&line, "msg", msg);
	va_start(args, msg);
	while ((key = va_arg(args, const char *)))
		put_pair(&line, key, va_arg(args, const char *));
	va_end(args);
	if (line_format == LOG_JSON)
		line.text[line.len++] = '}';
	line.text[line.len++] = '\n';
	/* one write: lines of several threads do not mix */
	if (write(STDERR_FILENO, line.text, line.len) < 0)
		return;
}
