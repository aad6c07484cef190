/* SPDX-License-Identifier: Apache-2.0 */
/* What clients really send, and what they should not. A second model holds the same function
 * against random headers: tests/e2e/test_negotiation.py. */
#include <string.h>

#include "negotiate.h"
#include "suites.h"

#define TEXT "text/plain; version=0.0.4; charset=utf-8; escaping="
#define OPENMETRICS "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping="
#define PROTOBUF                                                                     \
	"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; " \
	"encoding=delimited; escaping="

/* what it asks for */
#define PROTO_RANGE \
	"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"

static const struct {
	const char *accept[3];
	const char *content_type;
} accepts[] = {
	/* Prometheus 2.42, and with native histograms */
	{ { "application/openmetrics-text;version=1.0.0,application/openmetrics-text;"
	    "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1" },
	  OPENMETRICS "underscores" },
	{ { PROTO_RANGE ",application/openmetrics-text;version=1.0.0;q=0.8,"
			"application/openmetrics-text;version=0.0.1;q=0.75,"
			"text/plain;version=0.0.4;q=0.5,*/*;q=0.1" },
	  PROTOBUF "underscores" },
	/* 3.5 to 3.14, and with native histograms, and for text alone */
	{ { "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
	    "application/openmetrics-text;version=0.0.1;q=0.5,"
	    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
	    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2" },
	  OPENMETRICS "allow-utf-8" },
	{ { PROTO_RANGE ";escaping=allow-utf-8;q=0.6,"
			"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
			"application/openmetrics-text;version=0.0.1;q=0.4,"
			"text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
			"text/plain;version=0.0.4;q=0.2,*/*;q=0.1" },
	  PROTOBUF "allow-utf-8" },
	{ { "text/plain;version=0.0.4;q=0.6,*/*;q=0.5" }, TEXT "underscores" },
	/* before 2.5; VictoriaMetrics 1.145; curl; Firefox; Chromium; Telegraf; Go without any */
	{ { "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
	    "encoding=delimited;q=0.7,text/plain;version=0.0.4;q=0.3,*/*;q=0.1" },
	  PROTOBUF "underscores" },
	{ { "text/plain;version=0.0.4;q=1,*/*;q=0.1" }, TEXT "underscores" },
	{ { "*/*" }, TEXT "underscores" },
	{ { "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;"
	    "q=0.8" },
	  TEXT "underscores" },
	{ { "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
	    "image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7" },
	  TEXT "underscores" },
	{ { "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
	    "encoding=delimited; q=0.7, text/plain; version=0.0.4; q=0.3" },
	  PROTOBUF "underscores" },
	{ { NULL }, TEXT "underscores" },
	/* the Datadog agent's check of OpenMetrics, and its older one */
	{ { "application/openmetrics-text;version=1.0.0,application/openmetrics-text;"
	    "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1" },
	  OPENMETRICS "underscores" },
	{ { "text/plain" }, TEXT "underscores" },

	/* case, order and space */
	{ { "Application/OpenMetrics-Text ; VERSION = 1.0.0" }, OPENMETRICS "underscores" },
	{ { "application/openmetrics-text;q=0.5\t;\tcharset=utf-8;version=1.0.0, text/plain;q=0.4" },
	  OPENMETRICS "underscores" },
	{ { "application/vnd.google.protobuf;encoding=Delimited;q=1;"
	    "proto=io.Prometheus.client.MetricFamily" },
	  PROTOBUF "underscores" },
	{ { " ,, application/openmetrics-text ,," }, OPENMETRICS "underscores" },
	/* quoted strings: commas and semicolons within are nobody's */
	{ { "application/openmetrics-text;version=\"1.0.0\"" }, OPENMETRICS "underscores" },
	{ { "application/openmetrics-text;version=\"1.\\0.0\"" }, OPENMETRICS "underscores" },
	{ { "text/plain;x=\",application/openmetrics-text;q=1,\";q=0.1, "
	    "application/openmetrics-text;q=0.05" },
	  TEXT "underscores" },
	{ { "text/plain;q=\"0.2\",application/openmetrics-text;q=0.1" }, TEXT "underscores" },
	{ { "text/plain;q=0.1,application/openmetrics-text;x=\"" }, TEXT "underscores" },
	{ { "text/plain;q=0.1,application/openmetrics-text;x=\"a\\" }, TEXT "underscores" },
	{ { "text/plain;q=0.1,application/openmetrics-text;x=\"a\"b" }, TEXT "underscores" },
	/* several headers are one list; ties go to the first */
	{ { "text/html", "application/openmetrics-text;q=0.2", "text/plain;q=0.1" },
	  OPENMETRICS "underscores" },
	{ { "text/plain", "application/openmetrics-text" }, TEXT "underscores" },
	{ { "application/openmetrics-text", "text/plain" }, OPENMETRICS "underscores" },
	{ { "application/openmetrics-text;q=0.300,text/plain;q=0.3" }, OPENMETRICS "underscores" },
	{ { "text/plain;q=0.301,application/openmetrics-text;q=0.302" },
	  OPENMETRICS "underscores" },
	/* versions that there are not */
	{ { "application/openmetrics-text;version=0.0.1,*/*;q=0.1" }, TEXT "underscores" },
	{ { "application/openmetrics-text;version=2.0.0,text/plain;q=0.1" }, TEXT "underscores" },
	{ { "text/plain;version=1.0.0,application/openmetrics-text;q=0.1" },
	  OPENMETRICS "underscores" },
	{ { "application/openmetrics-text;version=1.0.00000000000000000000000000000000000000000000,"
	    "text/plain;q=0.1" },
	  TEXT "underscores" },
	/* half a protobuf is none */
	{ { "application/vnd.google.protobuf,text/plain;q=0.1" }, TEXT "underscores" },
	{ { "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily,"
	    "application/openmetrics-text;q=0.1" },
	  OPENMETRICS "underscores" },
	{ { "application/vnd.google.protobuf;encoding=delimited" }, TEXT "underscores" },
	{ { "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
	    "encoding=text" },
	  TEXT "underscores" },
	{ { "application/vnd.google.protobuf;proto=x.MetricFamily;encoding=delimited" },
	  TEXT "underscores" },
	/* wildcards; the most specific range is a format's own */
	{ { "text/*" }, TEXT "underscores" },
	{ { "application/*" }, OPENMETRICS "underscores" },
	{ { "application/*;q=0.2,*/*;q=0.3" }, TEXT "underscores" },
	{ { "*/*,text/plain;q=0.1,application/openmetrics-text;q=0.2" },
	  OPENMETRICS "underscores" },
	{ { "text/*;q=0.9,text/plain;q=0.1,application/*;q=0.5" }, OPENMETRICS "underscores" },
	{ { "text/plain;q=0.1,text/*;q=0.9,application/*;q=0.5" }, OPENMETRICS "underscores" },
	{ { "text/plain;q=0.9,text/plain;version=0.0.4;q=0.1,application/*;q=0.5" },
	  OPENMETRICS "underscores" },
	{ { "text/plain;q=0.1,text/plain;q=0.6,application/*;q=0.5" }, TEXT "underscores" },
	/* never 406 */
	{ { "image/png" }, TEXT "underscores" },
	{ { "text/plain;q=0" }, TEXT "underscores" },
	{ { "text/plain;q=0,*/*" }, TEXT "underscores" },
	{ { "text/plain;q=0,application/openmetrics-text;q=0.001" }, OPENMETRICS "underscores" },
	{ { "application/openmetrics-text;q=0.000,*/*;q=0.1" }, TEXT "underscores" },
	{ { "" }, TEXT "underscores" },
	{ { ";;;,=,;q=1,\"\"" }, TEXT "underscores" },
	/* what is no q is no range */
	{ { "application/openmetrics-text;q=2,text/plain;q=0.1" }, TEXT "underscores" },
	{ { "application/openmetrics-text;q=1.001,text/plain;q=0.1" }, TEXT "underscores" },
	{ { "application/openmetrics-text;q=-1,text/plain;q=0.1" }, TEXT "underscores" },
	{ { "application/openmetrics-text;q=.9,text/plain;q=0.1" }, TEXT "underscores" },
	{ { "application/openmetrics-text;q=0,9,text/plain;q=0.1" }, TEXT "underscores" },
	{ { "application/openmetrics-text;q=0.9x,text/plain;q=0.1" }, TEXT "underscores" },
	{ { "application/openmetrics-text;q=1.,text/plain;q=0.9999" }, OPENMETRICS "underscores" },
	{ { "application/openmetrics-text;q=0.1;q=1,text/plain;q=0.2" }, TEXT "underscores" },
	/* escaping: what is known is told back, and nothing else */
	{ { "text/plain;escaping=values" }, TEXT "values" },
	{ { "text/plain;escaping=Allow-UTF-8" }, TEXT "allow-utf-8" },
	{ { "text/plain;escaping=\"underscores\"" }, TEXT "underscores" },
	{ { "text/plain;escaping=dots" }, TEXT "underscores" },
	{ { "text/plain;escaping=<script>" }, TEXT "underscores" },
	{ { "application/openmetrics-text;escaping=values;q=0.1,text/plain;escaping=allow-utf-8" },
	  TEXT "allow-utf-8" },
};

static struct header_values values_of(const char *const item[3])
{
	struct header_values ret = { .n = 0 };

	while (ret.n < 3 && item[ret.n]) {
		ret.item[ret.n] = item[ret.n];
		ret.n++;
	}
	return ret;
}

START_TEST(format_is_what_was_asked_for)
{
	const struct header_values accept = values_of(accepts[_i].accept);
	const struct accepted got = negotiate_format(&accept);

	ck_assert_str_eq(got.content_type, accepts[_i].content_type);
	/* the type is that of the format */
	ck_assert_int_eq(strncmp(got.content_type, encode_type(got.format),
				 strlen(encode_type(got.format))),
			 0);
}

static const struct {
	const char *accept[3];
	enum coding expected;
} codings[] = {
	/* Prometheus; without compression; curl --compressed; Chromium; none, as curl */
	{ { "gzip" }, CODING_GZIP },
	{ { "identity" }, CODING_IDENTITY },
	{ { "deflate, gzip, br, zstd" }, CODING_ZSTD },
	{ { "deflate, gzip, br" }, CODING_GZIP },
	{ { "gzip, deflate, br, zstd" }, CODING_ZSTD },
	{ { NULL }, CODING_IDENTITY },

	{ { "" }, CODING_IDENTITY },
	{ { "br" }, CODING_IDENTITY },
	{ { "GZip" }, CODING_GZIP },
	{ { "x-gzip" }, CODING_GZIP },
	{ { "gzipped" }, CODING_IDENTITY },
	{ { "gzip;q=0" }, CODING_IDENTITY },
	{ { "gzip;q=0.000" }, CODING_IDENTITY },
	{ { "gzip;q=0.001" }, CODING_GZIP },
	{ { "gzip ; Q = 0" }, CODING_IDENTITY },
	{ { "gzip;q=x" }, CODING_IDENTITY },
	{ { "zstd" }, CODING_ZSTD },
	{ { "zstd;q=0.5, gzip;q=0.5" }, CODING_ZSTD },
	{ { "zstd;q=0.4, gzip;q=0.5" }, CODING_GZIP },
	{ { "zstd;q=0, gzip;q=0" }, CODING_IDENTITY },
	/* no compression, if it is wanted more */
	{ { "identity, gzip" }, CODING_GZIP },
	{ { "identity, gzip;q=0.5" }, CODING_IDENTITY },
	{ { "identity;q=0.5, gzip;q=0.4, zstd;q=0.6" }, CODING_ZSTD },
	{ { "identity;q=0" }, CODING_IDENTITY },
	{ { "identity;q=0, gzip;q=0" }, CODING_IDENTITY },
	/* zstd only by its name */
	{ { "*" }, CODING_GZIP },
	{ { "*;q=0" }, CODING_IDENTITY },
	{ { "*;q=0, gzip;q=0.1" }, CODING_GZIP },
	{ { "gzip;q=0, *" }, CODING_IDENTITY },
	{ { "*;q=0.5, identity;q=0.6" }, CODING_IDENTITY },
	{ { "*;q=1, zstd;q=0.9" }, CODING_GZIP },
	/* several headers */
	{ { "br", "gzip;q=0.1", "deflate" }, CODING_GZIP },
	{ { "gzip;q=0", "gzip;q=0.1" }, CODING_GZIP },
};

START_TEST(coding_is_what_was_asked_for)
{
	const struct header_values accept = values_of(codings[_i].accept);

	ck_assert_int_eq(negotiate_coding(&accept),
			 codings[_i].expected == CODING_ZSTD && !compress_has(CODING_ZSTD) ?
				 CODING_GZIP :
				 codings[_i].expected);
}

START_TEST(long_headers_are_read_to_their_end)
{
	static char text[1 << 16];
	struct header_values accept = { { text }, 1 };

	for (size_t i = 0; i + 64 < sizeof(text); i += 8)
		memcpy(text + i, "a/b;q=1,", 9);
	(void)strcat(text, "application/*");
	ck_assert_str_eq(negotiate_format(&accept).content_type, OPENMETRICS "underscores");
	memset(text, ';', sizeof(text) - 1);
	ck_assert_str_eq(negotiate_format(&accept).content_type, TEXT "underscores");
	memset(text, '"', sizeof(text) - 1);
	ck_assert_int_eq(negotiate_coding(&accept), CODING_IDENTITY);
	memcpy(text + sizeof(text) - 16, ",gzip", 6);
	ck_assert_int_eq(negotiate_coding(&accept), CODING_GZIP);
}

Suite *negotiate_suite(void)
{
	const struct test tests[] = {
		{ format_is_what_was_asked_for, COUNT(accepts) },
		{ coding_is_what_was_asked_for, COUNT(codings) },
		{ long_headers_are_read_to_their_end, 0 },
	};

	return suite_make("negotiate", tests, COUNT(tests));
}
