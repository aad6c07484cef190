/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "failing.h"
#include "landing.h"
#include "log.h"
#include "routes.h"
#include "running.h"
#include "suites.h"

#define PLAIN "text/plain; charset=utf-8"
#define HTML "text/html; charset=utf-8"

static void check_body(const struct response *response, const char *expected)
{
	ck_assert_int_eq(response->body.err, 0);
	ck_assert_uint_eq(response->body.len, strlen(expected));
	if (*expected)
		ck_assert_mem_eq(response->body.data, expected, strlen(expected));
	ck_assert_ptr_null(response->shared);
	ck_assert_ptr_null(response->stream);
}

static const struct {
	const char *method, *path;
	bool attached;
	unsigned int status;
	bool allow;
	const char *body;
} answers[] = {
	{ "GET", "/-/healthy", true, 200, false, "Healthy.\n" },
	{ "GET", "/-/healthy", false, 200, false, "Healthy.\n" },
	{ "HEAD", "/-/healthy", true, 200, false, "Healthy.\n" },
	{ "GET", "/healthz", false, 200, false, "Healthy.\n" },
	{ "GET", "/-/ready", true, 200, false, "Ready.\n" },
	{ "HEAD", "/-/ready", true, 200, false, "Ready.\n" },
	{ "GET", "/-/ready", false, 503, false, "Not attached yet.\n" },
	{ "HEAD", "/-/ready", false, 503, false, "Not attached yet.\n" },
	{ "GET", "/x", true, 404, false, "No such page.\n" },
	{ "HEAD", "/x", true, 404, false, "No such page.\n" },
	{ "POST", "/x", true, 404, false, "No such page.\n" },
	{ "GET", "", true, 404, false, "No such page.\n" },
	{ "GET", "/metrics/", true, 404, false, "No such page.\n" },
	{ "GET", "/Metrics", true, 404, false, "No such page.\n" },
	{ "GET", "/-/", true, 404, false, "No such page.\n" },
	{ "GET", "//", true, 404, false, "No such page.\n" },
	{ "POST", "/metrics", true, 405, true, "Only GET and HEAD.\n" },
	{ "PUT", "/", true, 405, true, "Only GET and HEAD.\n" },
	{ "DELETE", "/-/healthy", true, 405, true, "Only GET and HEAD.\n" },
	{ "OPTIONS", "/-/ready", false, 405, true, "Only GET and HEAD.\n" },
	{ "PATCH", "/healthz", true, 405, true, "Only GET and HEAD.\n" },
	{ "get", "/metrics", true, 405, true, "Only GET and HEAD.\n" },
	{ "", "/metrics", true, 405, true, "Only GET and HEAD.\n" },
};

START_TEST(request_has_its_answer)
{
	const struct request request = { .method = answers[_i].method, .path = answers[_i].path };
	struct response response;
	struct running f;

	running_start(&f, "--no-dump", answers[_i].attached);
	route(&f.app, &request, &response);
	ck_assert_uint_eq(response.status, answers[_i].status);
	ck_assert_str_eq(response.content_type, PLAIN);
	ck_assert_int_eq(response.allow, answers[_i].allow);
	check_body(&response, answers[_i].body);
	response_free(&response);
	running_stop(&f);
}

/* The page of the response, and the page of the same snapshot. */
static void check_page(struct running *f, struct response *response)
{
	struct buf whole = { 0 };

	ck_assert_ptr_null(response->stream);
	ck_assert_ptr_nonnull(response->shared);
	ck_assert_int_eq(response->coding, CODING_IDENTITY);
	running_page(f, &whole);
	ck_assert_uint_eq(response->shared->len, whole.len);
	ck_assert(!memcmp(response->shared->data, whole.data, whole.len));
	buf_free(&whole);
}

static const struct {
	const char *method, *flag, *path;
	bool attached;
} metrics[] = {
	{ "GET", "--no-dump", "/metrics", true },
	{ "GET", "--no-dump", "/metrics", false }, /* the exporter's own */
	{ "HEAD", "--no-dump", "/metrics", true },
	{ "GET", "--web.telemetry-path=/m/\xc3\xb6", "/m/\xc3\xb6", true },
};

static const struct {
	unsigned int status;
	const char *body;
} refusals[] = {
	{ 401, "Unauthorized.\n" },
	{ 429, "Too many requests.\n" },
	{ 503, "Too many passwords to try.\n" },
};

START_TEST(refusal_says_why)
{
	struct response response;

	route_refuse(refusals[_i].status, &response);
	ck_assert_uint_eq(response.status, refusals[_i].status);
	ck_assert_str_eq(response.content_type, PLAIN);
	check_body(&response, refusals[_i].body);
	response_free(&response);
	failing_arm(1);
	route_refuse(refusals[_i].status, &response);
	ck_assert(failing_disarm());
	ck_assert_uint_eq(response.status, refusals[_i].status);
	check_body(&response, "");
	response_free(&response);
}

START_TEST(metrics_are_a_page)
{
	const struct request request = { .method = metrics[_i].method, .path = metrics[_i].path };
	struct response response;
	struct running f;

	running_start(&f, metrics[_i].flag, metrics[_i].attached);
	route(&f.app, &request, &response);
	ck_assert_uint_eq(response.status, 200);
	ck_assert_str_eq(response.content_type,
			 "text/plain; version=0.0.4; charset=utf-8; escaping=underscores");
	ck_assert(!response.allow);
	ck_assert(response.negotiated);
	ck_assert_uint_eq(response.body.len, 0);
	check_page(&f, &response);
	response_free(&response);
	running_stop(&f);
}

START_TEST(metrics_have_moved_with_their_path)
{
	const struct request request = { .method = "GET", .path = "/metrics" };
	struct response response;
	struct running f;

	running_start(&f, "--web.telemetry-path=/m", true);
	route(&f.app, &request, &response);
	ck_assert_uint_eq(response.status, 404);
	response_free(&response);
	running_stop(&f);
}

START_TEST(landing_page_has_a_policy_of_its_own)
{
	const struct request request = { .method = "GET", .path = "/" };
	struct response response;
	struct buf expected = { 0 };
	struct running f;

	running_start(&f, "--no-dump", true);
	landing_render(&f.app, &expected);
	buf_add(&expected, "", 1);
	route(&f.app, &request, &response);
	ck_assert_uint_eq(response.status, 200);
	ck_assert_str_eq(response.content_type, HTML);
	ck_assert_str_eq(response.policy, landing_policy);
	check_body(&response, expected.data);
	response_free(&response);
	buf_free(&expected);
	running_stop(&f);
}

START_TEST(scrapes_are_told_from_the_rest)
{
	static const struct {
		const char *method, *path;
		bool scrape;
	} requests[] = {
		{ "GET", "/metrics", true },   { "HEAD", "/metrics", true },
		{ "POST", "/metrics", false }, { "GET", "/", false },
		{ "GET", "/metrics/", false }, { "GET", "/-/healthy", false },
	};
	struct running f;

	running_start(&f, "--no-dump", true);
	for (size_t i = 0; i < COUNT(requests); i++) {
		const struct request request = { .method = requests[i].method,
						 .path = requests[i].path };

		ck_assert_int_eq(route_is_scrape(&f.app, &request), requests[i].scrape);
	}
	running_stop(&f);
}

START_TEST(refusals_have_their_text)
{
	struct response response;
	struct running f;

	running_start(&f, "--web.max-requests=3", true);
	route_busy(&f.app, &response);
	ck_assert_uint_eq(response.status, 503);
	check_body(&response, "Limit of concurrent requests reached (3), try again later.\n");
	response_free(&response);
	route_fault("it is none", &response);
	ck_assert_uint_eq(response.status, 400);
	check_body(&response, "Bad request: it is none.\n");
	response_free(&response);
	running_stop(&f);
}

static const char *const paths[] = { "/-/healthy", "/-/ready", "/x" };

/* Half a page is never sent: what cannot be said is an empty 500. */
START_TEST(lack_of_memory_is_an_empty_500)
{
	const struct request request = { .method = "GET", .path = paths[_i] };
	struct response response;
	struct running f;
	bool failed = true;

	running_start(&f, "--no-dump", true);
	for (size_t n = 1; failed; n++) {
		failing_arm(n);
		route(&f.app, &request, &response);
		failed = failing_disarm();
		ck_assert_int_eq(response.status == 500, failed);
		ck_assert_int_eq(response.body.len == 0, failed);
		response_free(&response);
		ck_assert(failed || n > 1);
	}
	running_stop(&f);
}

START_TEST(lack_of_memory_for_the_metrics_is_told)
{
	const struct request request = { .method = "GET", .path = "/metrics" };
	struct response response;
	struct running f;

	log_setup(LOG_ERROR + 1, LOG_LOGFMT);
	running_start(&f, "--no-dump", true);
	failing_arm(1); /* the snapshot; a page that cannot be made whole is a stream */
	route(&f.app, &request, &response);
	ck_assert(failing_disarm());
	ck_assert_uint_eq(response.status, 500);
	ck_assert_str_eq(response.content_type, PLAIN);
	check_body(&response, "Out of memory.\n");
	response_free(&response);
	running_stop(&f);
}

START_TEST(too_many_slow_scrapes_are_told)
{
	const struct request request = { .method = "GET", .path = "/metrics" };
	struct response response;
	struct running f;

	log_setup(LOG_ERROR + 1, LOG_LOGFMT);
	running_start(&f, "--no-dump", true);
	atomic_store(&f.app.alive, SNAPSHOTS_MAX);
	route(&f.app, &request, &response);
	ck_assert_uint_eq(response.status, 503);
	ck_assert_str_eq(response.content_type, PLAIN);
	check_body(&response,
		   "Scrapes that do not read their pages hold all there is memory for.\n");
	response_free(&response);
	running_stop(&f);
}

Suite *routes_suite(void)
{
	const struct test tests[] = {
		{ request_has_its_answer, COUNT(answers) },
		{ refusal_says_why, COUNT(refusals) },
		{ metrics_are_a_page, COUNT(metrics) },
		{ metrics_have_moved_with_their_path, 0 },
		{ landing_page_has_a_policy_of_its_own, 0 },
		{ scrapes_are_told_from_the_rest, 0 },
		{ refusals_have_their_text, 0 },
		{ lack_of_memory_is_an_empty_500, COUNT(paths) },
		{ lack_of_memory_for_the_metrics_is_told, 0 },
		{ too_many_slow_scrapes_are_told, 0 },
	};

	return suite_make("routes", tests, COUNT(tests));
}
