/* SPDX-License-Identifier: Apache-2.0 */
/* The table of connections, by a clock that is an argument. */
#include "conns.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "suites.h"

#define S 1000000000ull
#define MAX UINT64_MAX

static struct conns conns;
static uint64_t taken[256]; /* by descriptor */
static char ended[256];	    /* descriptors, in order, as "1 2!": ! is in its answer */

static void end(void *arg, int fd, bool in_answer)
{
	char text[16];

	(void)arg;
	(void)snprintf(text, sizeof(text), "%s%d%s", ended[0] ? " " : "", fd, in_answer ? "!" : "");
	(void)strcat(ended, text);
}

static uint64_t taken_of(void *arg, int fd)
{
	(void)arg;
	return taken[fd];
}

static bool unsent[256];

static bool unsent_of(void *arg, int fd)
{
	(void)arg;
	return unsent[fd];
}

static const struct conns_ops ops = { end, taken_of, unsent_of, NULL };

static void start(size_t limit, size_t scrapes_max)
{
	memset(taken, 0, sizeof(taken));
	memset(unsent, 0, sizeof(unsent));
	ended[0] = '\0';
	conns_init(&conns, &ops, limit, scrapes_max);
}

static struct conn *add(int fd, const char *address, uint64_t now_ns)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in in = { .sin_family = AF_INET };

	if (inet_pton(AF_INET, address, &in.sin_addr) == 1)
		return conns_add(&conns, fd, (struct sockaddr *)&in, now_ns);
	if (inet_pton(AF_INET6, address, &in6.sin6_addr) == 1)
		return conns_add(&conns, fd, (struct sockaddr *)&in6, now_ns);
	return conns_add(&conns, fd, NULL, now_ns);
}

/* A connection in its answer, since now. */
static struct conn *add_answer(int fd, bool scrape, uint64_t now_ns)
{
	struct conn *ret = add(fd, "10.0.0.1", now_ns);

	conns_answer(&conns, ret, MAX, now_ns);
	if (scrape)
		ck_assert(conns_admit_scrape(&conns, ret, now_ns));
	return ret;
}

static void check_reap(uint64_t now_ns, uint64_t next_ns, const char *expected)
{
	ck_assert_uint_eq(conns_reap(&conns, now_ns), next_ns);
	ck_assert_str_eq(ended, expected);
}

START_TEST(nobody_is_overdue_where_nobody_is)
{
	start(10, 40);
	check_reap(5 * S, MAX, "");
}

START_TEST(headers_have_ten_seconds_whatever_comes)
{
	start(10, 40);
	(void)add(1, "10.0.0.1", 100 * S);
	(void)add(2, "10.0.0.2", 101 * S);
	check_reap(100 * S, 110 * S, "");
	check_reap(110 * S - 1, 110 * S, "");
	check_reap(110 * S, 111 * S, "1");
	check_reap(110 * S, 111 * S, "1"); /* once */
	check_reap(111 * S, MAX, "1 2");
}

/* The first line of the first request is no new beginning; that of a further one is. */
START_TEST(first_line_gives_time_to_further_requests_only)
{
	struct conn *conn;

	start(10, 40);
	conn = add(1, "10.0.0.1", 0);
	conns_head(conn, 9 * S);
	check_reap(9 * S, 10 * S, "");
	conns_answer(&conns, conn, MAX, 9 * S);
	conns_idle(&conns, conn, 9 * S);
	check_reap(9 * S, 84 * S, "");
	conns_head(conn, 83 * S);
	check_reap(84 * S, 93 * S, "");
	conns_head(conn, 92 * S);
	check_reap(93 * S, MAX, "1");
}

static const struct {
	uint64_t timeout_ns, deadline_ns;
} answers[] = {
	{ MAX, 60 * S }, { 61 * S, 60 * S }, { 10 * S, 10 * S },
	{ S, S },	 { 1, S }, /* no client waits so little */
};

START_TEST(answer_has_the_scrapers_time_or_a_minute)
{
	struct conn *conn;

	start(10, 40);
	conn = add(1, "10.0.0.1", 0);
	conns_answer(&conns, conn, answers[_i].timeout_ns, 0);
	taken[1] = 1 << 30; /* whatever it takes */
	check_reap(answers[_i].deadline_ns - 1, answers[_i].deadline_ns, "");
	check_reap(answers[_i].deadline_ns, MAX, "1!");
}

START_TEST(what_was_ended_stays_so_and_takes_no_place)
{
	struct conn *conn;

	start(1, 40);
	conn = add(1, "10.0.0.1", 0);
	check_reap(10 * S, MAX, "1");
	conns_head(conn, 10 * S);
	conns_answer(&conns, conn, MAX, 10 * S);
	conns_idle(&conns, conn, 10 * S);
	ck_assert_ptr_nonnull(add(2, "10.0.0.2", 10 * S));
	check_reap(10 * S, 20 * S, "1");
	conns_remove(conn);
	check_reap(20 * S, MAX, "1 2");
}

START_TEST(closed_connection_gives_its_place_back)
{
	start(1, 40);
	for (int i = 0; i < 3 * CONNS_MAX; i++)
		conns_remove(add(1, "10.0.0.1", 0));
	check_reap(10 * S, MAX, "");
}

/* From who deserves his place least, to him who deserves it more; the new one is there at 20 s. */
START_TEST(when_all_places_are_taken_the_least_deserving_goes)
{
	static const char *const order[] = { "2", "2 1", "2 1 4!", "2 1 4! 5", "2 1 4! 5 6", "" };
	struct conn *idle;

	start(6, 40);
	(void)add(1, "10.0.0.1", 18 * S);
	(void)add(2, "10.0.0.2", 17 * S);
	(void)add_answer(3, false, 1 * S);
	taken[3] = 18 * CONNS_SLOW_BYTES_PER_SECOND;
	(void)add_answer(4, false, 1 * S);
	taken[4] = 16 * CONNS_SLOW_BYTES_PER_SECOND;
	idle = add(5, "10.0.0.3", 1 * S);
	conns_idle(&conns, idle, 1 * S);
	(void)add(6, "10.0.0.4", 19 * S + 1);
	for (int i = 0; i < 5; i++) {
		struct conn *conn = add(10 + i, "10.1.0.1", 20 * S);

		ck_assert_ptr_nonnull(conn);
		conns_answer(&conns, conn, MAX, 20 * S);
		ck_assert_str_eq(ended, order[i]);
	}
	ck_assert_ptr_null(add(20, "10.1.0.2", 20 * S));
	ck_assert_str_eq(ended, order[4]);
}

static const struct {
	const char *one, *other;
	bool same;
} clients[] = {
	{ "10.0.0.1", "10.0.0.1", true },	 { "10.0.0.1", "10.0.0.2", false },
	{ "2001:db8::1", "2001:db8::2", true },	 { "2001:db8::1", "2001:db8:0:1::1", false },
	{ "::ffff:10.0.0.1", "10.0.0.1", true }, { "::ffff:10.0.0.1", "::ffff:10.0.0.2", false },
	{ "::ffff:10.0.0.1", "::1", false },	 { "unix", "unix", true },
	{ "unix", "10.0.0.1", false },
};

/* Of five places one client has four: for a fifth it ends one of its own. */
START_TEST(client_has_four_of_five_places)
{
	start(5, 40);
	(void)add(1, "192.0.2.1", 0);
	for (int i = 2; i <= 4; i++)
		(void)add(i, clients[_i].one, (uint64_t)i * S);
	(void)add(5, clients[_i].other, 5 * S);
	ck_assert_str_eq(ended, "");
	ck_assert_ptr_nonnull(add(6, clients[_i].one, 6 * S));
	ck_assert_str_eq(ended, clients[_i].same ? "2" : "1");
}

START_TEST(scrapes_have_a_limit)
{
	struct conn *conn;

	start(10, 2);
	(void)add_answer(1, true, 0);
	(void)add_answer(2, false, 0); /* no scrape */
	(void)add_answer(3, true, 0);
	conn = add_answer(4, false, 0);
	ck_assert(!conns_admit_scrape(&conns, conn, CONNS_SLOW_NS));
	conns_remove(conn);
	conn = add_answer(5, false, 0);
	ck_assert(!conns_admit_scrape(&conns, conn, CONNS_SLOW_NS));
	ck_assert_str_eq(ended, "");
}

START_TEST(scrape_that_is_over_gives_its_place_back)
{
	struct conn *conn;

	start(10, 1);
	conn = add_answer(1, true, 0);
	conns_idle(&conns, conn, 0);
	(void)add_answer(2, true, 0);
	ck_assert_str_eq(ended, "");
}

START_TEST(no_limit_of_scrapes_is_none)
{
	start(100, 0);
	for (int i = 0; i < 80; i++)
		(void)add_answer(i, true, 0);
	check_reap(59 * S, 60 * S, "");
}

START_TEST(slowest_scrape_makes_room)
{
	start(10, 3);
	(void)add_answer(1, true, 0);
	(void)add_answer(2, true, S);
	(void)add_answer(3, true, 0);
	taken[1] = taken[3] = CONNS_SLOW_BYTES_PER_SECOND;
	taken[1]--;
	(void)add_answer(4, true, 3 * S + 1); /* 2 is not slow yet, and 3 has read enough */
	ck_assert_str_eq(ended, "1!");
}

START_TEST(slow_scrapes_go_before_the_last_place_is_taken)
{
	start(10, 4);
	(void)add_answer(1, true, 0);
	(void)add_answer(2, true, 0);
	check_reap(3 * S, 60 * S, ""); /* half of the places are free */
	(void)add_answer(3, true, 3 * S);
	taken[2] = 10 * CONNS_SLOW_BYTES_PER_SECOND;
	check_reap(3 * S, 3 * S + S / 4, "1!");
	check_reap(3 * S + S / 4, 60 * S, "1!");
}

START_TEST(slow_answers_can_be_ended_at_once)
{
	struct conn *conn;

	start(10, 0);
	(void)add_answer(1, true, 0);
	(void)add_answer(2, false, 0);
	conn = add_answer(3, true, 0);
	conns_idle(&conns, conn, 0);
	(void)add(4, "10.0.0.2", 0);
	taken[1] = CONNS_SLOW_BYTES_PER_SECOND;
	conns_end_slow(&conns, CONNS_SLOW_NS + 1);
	ck_assert_str_eq(ended, "2!");
}

/* A page of megabytes may be the kernel's as a whole, and its client may not read. */
START_TEST(what_the_kernel_has_to_send_is_no_scrape_but_still_an_answer)
{
	struct conn *conn[3];

	start(10, 3);
	for (int i = 0; i < 3; i++) {
		conn[i] = add_answer(i, true, 0);
		unsent[i] = true;
		conns_idle(&conns, conn[i], 0);
	}
	(void)add_answer(3, true, 2 * S);
	unsent[1] = false;
	taken[2] = 100 * CONNS_SLOW_BYTES_PER_SECOND;
	check_reap(2 * S, 2 * S + S / 4, "");
	conns_end_slow(&conns, 2 * S + 1);
	ck_assert_str_eq(ended, "0!");
	check_reap(60 * S, 60 * S + S / 4, "0! 3! 2!");
}

START_TEST(answer_that_is_taken_in_the_end_was_none_that_is_late)
{
	struct conn *conn;

	start(10, 40);
	conn = add(1, "10.0.0.1", 0);
	conns_answer(&conns, conn, 10 * S, 0);
	unsent[1] = true;
	conns_idle(&conns, conn, S);
	unsent[1] = false;
	check_reap(10 * S, 85 * S, "");
	conns_head(conn, 84 * S);
	check_reap(84 * S, 94 * S, "");
	conns_answer(&conns, conn, 10 * S, 84 * S);
	unsent[1] = true;
	conns_idle(&conns, conn, 85 * S);
	conns_head(conn, 86 * S);
	check_reap(94 * S, 96 * S, "");
	check_reap(96 * S, MAX, "1");
}

Suite *conns_suite(void)
{
	const struct test tests[] = {
		{ nobody_is_overdue_where_nobody_is, 0 },
		{ headers_have_ten_seconds_whatever_comes, 0 },
		{ first_line_gives_time_to_further_requests_only, 0 },
		{ answer_has_the_scrapers_time_or_a_minute, COUNT(answers) },
		{ what_was_ended_stays_so_and_takes_no_place, 0 },
		{ closed_connection_gives_its_place_back, 0 },
		{ when_all_places_are_taken_the_least_deserving_goes, 0 },
		{ client_has_four_of_five_places, COUNT(clients) },
		{ scrapes_have_a_limit, 0 },
		{ scrape_that_is_over_gives_its_place_back, 0 },
		{ no_limit_of_scrapes_is_none, 0 },
		{ slowest_scrape_makes_room, 0 },
		{ slow_scrapes_go_before_the_last_place_is_taken, 0 },
		{ slow_answers_can_be_ended_at_once, 0 },
		{ what_the_kernel_has_to_send_is_no_scrape_but_still_an_answer, 0 },
		{ answer_that_is_taken_in_the_end_was_none_that_is_late, 0 },
	};

	return suite_make("conns", tests, COUNT(tests));
}
