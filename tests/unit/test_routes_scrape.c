/* SPDX-License-Identifier: Apache-2.0 */
/* What a scrape asks for is what it gets: format, coding, families. */
#include <string.h>

#include "failing.h"
#include "routes.h"
#include "running.h"
#include "suites.h"

static void check_refusal(const struct response *response, const char *expected)
{
	ck_assert_str_eq(response->content_type, "text/plain; charset=utf-8");
	ck_assert_int_eq(response->body.err, 0);
	ck_assert_uint_eq(response->body.len, strlen(expected));
	ck_assert_mem_eq(response->body.data, expected, strlen(expected));
}

static const struct {
	const char *accept, *accept_encoding;
	const char *content_type;
	enum format format;
	enum coding coding;
} scrapes[] = {
	{ "application/openmetrics-text;version=1.0.0,text/plain;q=0.5", "gzip",
	  "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores",
	  FORMAT_OPENMETRICS, CODING_GZIP },
	{ "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
	  "encoding=delimited;escaping=allow-utf-8,text/plain;q=0.5",
	  "identity",
	  "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
	  "encoding=delimited; escaping=allow-utf-8",
	  FORMAT_PROTOBUF, CODING_IDENTITY },
	{ "*/*", "br, gzip", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
	  FORMAT_TEXT, CODING_GZIP },
};

START_TEST(metrics_are_as_the_client_asks_for_them)
{
	const struct request request = {
		.method = "GET",
		.path = "/metrics",
		.accept = { { scrapes[_i].accept }, 1 },
		.accept_encoding = { { scrapes[_i].accept_encoding }, 1 },
	};
	struct response response;
	struct running f;

	running_start(&f, "--no-dump", true);
	running_grow(&f.fake, 10);
	route(&f.app, &request, &response);
	ck_assert_uint_eq(response.status, 200);
	ck_assert_str_eq(response.content_type, scrapes[_i].content_type);
	ck_assert_int_eq(response.coding, scrapes[_i].coding);
	ck_assert(response.negotiated);
	/* it is the page that is shared by whoever asks for the same */
	ck_assert_ptr_nonnull(response.shared);
	ck_assert_ptr_eq(response.shared,
			 f.app.bodies.shared[scrapes[_i].format][scrapes[_i].coding]);
	response_free(&response);
	running_stop(&f);
}

#define UP                                                                    \
	"# HELP ior_up 1 if the last read of the kernel's counters worked.\n" \
	"# TYPE ior_up gauge\nior_up 1\n"

static const struct {
	struct query query;
	unsigned int status;
	const char *text;
} queries[] = {
	{ { { { "name[]", "ior_up", 6 } }, 1 }, 200, UP },
	{ { { { "name[]", "nothing", 7 } }, 1 }, 200, "" },
	{ { { { "collect[]", "exporter", 8 }, { "name[]", "ior_up", 6 } }, 2 }, 200, UP },
	{ { { { "collect[]", "cpu", 3 } }, 1 },
	  400,
	  "collect[]: there is no collector 'cpu' (there are bpf, errno, exporter, gap, in-flight, "
	  "process, syscall).\n" },
	{ { { { "collect[]", "gap", 3 }, { "exclude[]", "gap", 3 } }, 2 },
	  400,
	  "collect[] and exclude[] cannot be asked for together.\n" },
};

START_TEST(metrics_are_those_asked_for)
{
	const struct request request = { .method = "GET",
					 .path = "/metrics",
					 .query = queries[_i].query };
	struct response response;
	struct running f;

	running_start(&f, "--no-dump", true);
	route(&f.app, &request, &response);
	ck_assert_uint_eq(response.status, queries[_i].status);
	ck_assert_int_eq(response.negotiated, response.status == 200);
	if (response.status == 200) {
		ck_assert_uint_eq(response.shared->len, strlen(queries[_i].text));
		if (response.shared->len)
			ck_assert_mem_eq(response.shared->data, queries[_i].text,
					 response.shared->len);
	} else {
		check_refusal(&response, queries[_i].text);
		ck_assert_uint_eq(atomic_load(&f.fake.reads_n), 0);
	}
	response_free(&response);
	running_stop(&f);
}

Suite *routes_scrape_suite(void)
{
	const struct test tests[] = {
		{ metrics_are_as_the_client_asks_for_them, COUNT(scrapes) },
		{ metrics_are_those_asked_for, COUNT(queries) },
	};

	return suite_make("routes_scrape", tests, COUNT(tests));
}
