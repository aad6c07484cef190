/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "buf.h"
#include "capture.h"
#include "clock.h"
#include "log.h"
#include "suites.h"

#define LINE_BYTES_MAX 2048
#define PAIRS_MAX 16

/* One line read back: keys and values, unescaped, each ended by NUL in `bytes`. */
struct parsed {
	struct buf bytes;
	size_t key[PAIRS_MAX], value[PAIRS_MAX]; /* offsets into bytes */
	size_t n;
};

static const char *text_at(const struct parsed *parsed, size_t offset)
{
	return parsed->bytes.data + offset;
}

/* Reads a quoted string with JSON's escapes. Returns its end, NULL if it is malformed. */
static const char *read_quoted(const char *p, struct buf *out)
{
	if (*p++ != '"')
		return NULL;
	for (; *p != '"'; p++) {
		char c = *p;

		if ((unsigned char)c < 0x20 || c == 0x7f)
			return NULL;
		if (c == '\\') {
			char hex[5] = "";

			c = *++p;
			if (c == 'u') {
				memcpy(hex, p + 1, strnlen(p + 1, 4));
				c = (char)strtoul(hex, NULL, 16);
				p += 4;
			} else if (c == 'n') {
				c = '\n';
			} else if (c != '"' && c != '\\') {
				return NULL;
			}
		}
		buf_add(out, &c, 1);
	}
	buf_add(out, "", 1);
	return p + 1;
}

static const char *read_plain(const char *p, const char *end_at, struct buf *out)
{
	size_t n = strcspn(p, end_at);

	for (size_t i = 0; i < n; i++)
		if (p[i] == '"' || p[i] == '\\')
			return NULL;
	buf_add(out, p, n);
	buf_add(out, "", 1);
	return n ? p + n : NULL;
}

static const char *read_pair(const char *p, bool json, struct parsed *ret)
{
	ret->key[ret->n] = ret->bytes.len;
	p = json ? read_quoted(p, &ret->bytes) : read_plain(p, "= \n", &ret->bytes);
	if (!p || *p++ != (json ? ':' : '='))
		return NULL;
	ret->value[ret->n++] = ret->bytes.len;
	return json || *p == '"' ? read_quoted(p, &ret->bytes) : read_plain(p, " \n", &ret->bytes);
}

/* A whole line of either format, with its newline and nothing behind it. */
static bool read_line(const char *line, bool json, struct parsed *ret)
{
	const char *p = json ? line : line - 1;

	*ret = (struct parsed){ 0 };
	if (json && *line != '{')
		return false;
	do
		p = read_pair(p + 1, json, ret);
	while (p && *p == (json ? ',' : ' ') && ret->n < PAIRS_MAX);
	return p && !strcmp(p, json ? "}\n" : "\n");
}

/* Milliseconds of the clock that log lines show. time() is another one: it is set at each tick, so
 * it may be in the last second still when the line is in the next. */
static uint64_t now_ms(void)
{
	return clock_system.realtime_ns(clock_system.arg) / 1000000;
}

/* "2026-01-31T12:00:00.000Z", between the two times. */
static void check_time(const char *text, uint64_t earliest_ms, uint64_t latest_ms)
{
	struct tm utc = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &utc);
	uint64_t at_ms;

	ck_assert_ptr_nonnull(rest);
	ck_assert_uint_eq(strlen(text), strlen("2026-01-31T12:00:00.000Z"));
	ck_assert_uint_eq(strspn(rest + 1, "0123456789"), 3);
	ck_assert(rest[0] == '.' && rest[4] == 'Z');
	at_ms = (uint64_t)timegm(&utc) * 1000 + strtoul(rest + 1, NULL, 10);
	ck_assert_uint_ge(at_ms, earliest_ms);
	ck_assert_uint_le(at_ms, latest_ms);
}

START_TEST(line_begins_with_time_level_and_message)
{
	const enum log_format format = _i ? LOG_JSON : LOG_LOGFMT;
	struct parsed line;
	uint64_t before = now_ms();
	char *text;

	log_setup(LOG_DEBUG, format);
	capture_stderr_begin();
	log_warn("what happened", "key", "value");
	text = capture_stderr_end();
	ck_assert(read_line(text, format == LOG_JSON, &line));
	ck_assert_uint_eq(line.n, 4);
	ck_assert_str_eq(text_at(&line, line.key[0]), "ts");
	check_time(text_at(&line, line.value[0]), before, now_ms());
	ck_assert_str_eq(text_at(&line, line.key[1]), "level");
	ck_assert_str_eq(text_at(&line, line.value[1]), "warn");
	ck_assert_str_eq(text_at(&line, line.key[2]), "msg");
	ck_assert_str_eq(text_at(&line, line.value[2]), "what happened");
	ck_assert_str_eq(text_at(&line, line.key[3]), "key");
	ck_assert_str_eq(text_at(&line, line.value[3]), "value");
	buf_free(&line.bytes);
	free(text);
}

#define LOGFMT_TIME "ts=2026-01-31T12:00:00.000Z"
#define JSON_TIME "{\"ts\":\"2026-01-31T12:00:00.000Z\""

static const struct {
	const char *value;
	const char *logfmt, *json; /* behind the time */
} values[] = {
	{ "plain", " level=info msg=m k=plain\n",
	  ",\"level\":\"info\",\"msg\":\"m\",\"k\":\"plain\"}\n" },
	{ "", " level=info msg=m k=\"\"\n", ",\"level\":\"info\",\"msg\":\"m\",\"k\":\"\"}\n" },
	{ "two words", " level=info msg=m k=\"two words\"\n",
	  ",\"level\":\"info\",\"msg\":\"m\",\"k\":\"two words\"}\n" },
	{ "a=b", " level=info msg=m k=\"a=b\"\n",
	  ",\"level\":\"info\",\"msg\":\"m\",\"k\":\"a=b\"}\n" },
	{ "say \"hi\"", " level=info msg=m k=\"say \\\"hi\\\"\"\n",
	  ",\"level\":\"info\",\"msg\":\"m\",\"k\":\"say \\\"hi\\\"\"}\n" },
	{ "back\\slash", " level=info msg=m k=\"back\\\\slash\"\n",
	  ",\"level\":\"info\",\"msg\":\"m\",\"k\":\"back\\\\slash\"}\n" },
	{ "two\nlines", " level=info msg=m k=\"two\\nlines\"\n",
	  ",\"level\":\"info\",\"msg\":\"m\",\"k\":\"two\\nlines\"}\n" },
	{ "\t\x1b[1m\x7f", " level=info msg=m k=\"\\u0009\\u001b[1m\\u007f\"\n",
	  ",\"level\":\"info\",\"msg\":\"m\",\"k\":\"\\u0009\\u001b[1m\\u007f\"}\n" },
	{ "x level=error", " level=info msg=m k=\"x level=error\"\n",
	  ",\"level\":\"info\",\"msg\":\"m\",\"k\":\"x level=error\"}\n" },
};

START_TEST(value_is_quoted_and_escaped_as_logfmt_needs)
{
	char *text;

	log_setup(LOG_INFO, LOG_LOGFMT);
	capture_stderr_begin();
	log_info("m", "k", values[_i].value);
	text = capture_stderr_end();
	ck_assert_str_eq(text + strlen(LOGFMT_TIME), values[_i].logfmt);
	free(text);
}

START_TEST(value_is_escaped_as_json_needs)
{
	char *text;

	log_setup(LOG_INFO, LOG_JSON);
	capture_stderr_begin();
	log_info("m", "k", values[_i].value);
	text = capture_stderr_end();
	ck_assert_str_eq(text + strlen(JSON_TIME), values[_i].json);
	free(text);
}

static const struct {
	enum log_level least;
	const char *levels; /* of the lines that come out */
} thresholds[] = {
	{ LOG_DEBUG, "debug info warn error " },
	{ LOG_INFO, "info warn error " },
	{ LOG_WARN, "warn error " },
	{ LOG_ERROR, "error " },
};

START_TEST(levels_below_the_least_are_silent)
{
	char *text, *state = NULL, levels[64] = "";

	log_setup(thresholds[_i].least, LOG_LOGFMT);
	capture_stderr_begin();
	log_debug("m");
	log_info("m");
	log_warn("m");
	log_error("m");
	text = capture_stderr_end();
	for (char *line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
		char *level = line + strlen(LOGFMT_TIME " level=");

		strncat(levels, level, strcspn(level, " "));
		strcat(levels, " ");
	}
	ck_assert_str_eq(levels, thresholds[_i].levels);
	free(text);
}

static const char *const fillers[] = { "x", "\"", "\n", "\x01", "a b", "\xc3\xb6" };

/* A text of about n bytes. */
static void fill(char *ret, size_t n, const char *filler)
{
	*ret = '\0';
	for (size_t at = 0; at + strlen(filler) < n; at += strlen(filler))
		memcpy(ret + at, filler, strlen(filler) + 1);
}

static size_t count(const char *text, char c)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == c;
	return n;
}

/* Whatever the length of what is too long, and whatever follows it. */
START_TEST(line_that_is_cut_stays_well_formed)
{
	const bool json = _i & 1;
	const char *filler = fillers[_i / 2];
	char value[LINE_BYTES_MAX + 100];

	log_setup(LOG_INFO, json ? LOG_JSON : LOG_LOGFMT);
	for (size_t n = LINE_BYTES_MAX / 8; n < sizeof(value); n += n < 300 || n > 1900 ? 1 : 50) {
		struct parsed line;
		char *text;

		fill(value, n, filler);
		capture_stderr_begin();
		log_info(value, "key", "plain", "another", value, "last", "two words");
		text = capture_stderr_end();
		ck_assert_uint_le(strlen(text), LINE_BYTES_MAX);
		ck_assert_msg(read_line(text, json, &line), "%zu bytes: ...%s", n,
			      text + (strlen(text) > 60 ? strlen(text) - 60 : 0));
		/* no letter is cut in two */
		ck_assert_uint_eq(count(text, '\xc3'), count(text, '\xb6'));
		buf_free(&line.bytes);
		free(text);
	}
}

Suite *log_suite(void)
{
	const struct test tests[] = {
		{ line_begins_with_time_level_and_message, 2 },
		{ value_is_quoted_and_escaped_as_logfmt_needs, COUNT(values) },
		{ value_is_escaped_as_json_needs, COUNT(values) },
		{ levels_below_the_least_are_silent, COUNT(thresholds) },
		{ line_that_is_cut_stays_well_formed, 2 * COUNT(fillers) },
	};

	return suite_make("log", tests, COUNT(tests));
}
