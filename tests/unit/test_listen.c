/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "listen.h"
#include "suites.h"
#include "temp.h"

#define ERR_SIZE 512
#define IN_USE                                                                                     \
	"Address already in use (does another exporter run? choose another --web.listen-address; " \
	"9435 is the default of other eBPF exporters too)"

static const struct {
	const char *text;
	const char *addresses; /* "" if it is none */
} texts[] = {
	{ "localhost:9435", "127.0.0.1:9435 [::1]:9435 " },
	{ ":9435", "0.0.0.0:9435 [::]:9435 " },
	{ ":0", "0.0.0.0:0 [::]:0 " },
	{ "10.1.2.3:80", "10.1.2.3:80 " },
	{ "0.0.0.0:65535", "0.0.0.0:65535 " },
	{ "[::1]:9435", "[::1]:9435 " },
	{ "[::]:0", "[::]:0 " },
	{ "[2001:db8::1]:443", "[2001:db8::1]:443 " },
	{ "[::ffff:1.2.3.4]:1", "[::ffff:1.2.3.4]:1 " },
	{ "[0123:4567:89ab:cdef:0123:4567:255.255.255.255]:1",
	  "[123:4567:89ab:cdef:123:4567:ffff:ffff]:1 " },
	{ "127.0.0.1:0080", "127.0.0.1:80 " },
	{ "", "" },
	{ ":", "" },
	{ "9435", "" },
	{ "localhost", "" },
	{ "localhost:", "" },
	{ "localhost:http", "" },
	{ "localhost:65536", "" },
	{ "localhost:-1", "" },
	{ "localhost:+1", "" },
	{ "localhost: 1", "" },
	{ "localhost:1 ", "" },
	{ "localhost:18446744073709551617", "" },
	{ "LOCALHOST:1", "" },
	{ "example.org:80", "" },
	{ "::1:9435", "" },
	{ "[::1]", "" },
	{ "[::1:9435", "" },
	{ "::1]:9435", "" },
	{ "[]:9435", "" },
	{ "[127.0.0.1]:9435", "" },
	{ "[localhost]:9435", "" },
	{ "[fe80::1%lo]:9435", "" },
	{ "127.1:9435", "" },
	{ "256.0.0.1:9435", "" },
	{ "*:9435", "" },
	{ "http://localhost:9435", "" },
	{ "unix:/tmp/socket:1", "" },
	{ "[0123:4567:89ab:cdef:0123:4567:89ab:cdef:0123:4567]:1", "" },
};

static void add_address(struct buf *out, const struct sockaddr_storage *address)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
	char host[INET6_ADDRSTRLEN];

	if (address->ss_family == AF_INET)
		buf_add_fmt(out, "%s:%d ", inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host)),
			    ntohs(in->sin_port));
	else
		buf_add_fmt(out, "[%s]:%d ",
			    inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host)),
			    ntohs(in6->sin6_port));
}

START_TEST(text_stands_for_its_addresses)
{
	struct sockaddr_storage addresses[2];
	int n = listen_parse(texts[_i].text, addresses);
	struct buf out = { 0 };

	for (int i = 0; i < n; i++)
		add_address(&out, &addresses[i]);
	buf_add(&out, "", 1);
	ck_assert_str_eq(out.data, texts[_i].addresses);
	if (!texts[_i].addresses[0])
		ck_assert_int_eq(n, -EINVAL);
	buf_free(&out);
}

/* Opens one or two texts. */
static int open_texts(const char *one, const char *two, struct listeners *ret, char *err)
{
	char *item[] = { (char *)one, (char *)two };
	const struct strings strings = { item, two ? 2 : 1 };

	err[0] = '\0';
	return listen_open(&strings, ret, err, ERR_SIZE);
}

static int port_of(const struct listener *listener)
{
	return atoi(strrchr(listener->address, ':') + 1);
}

static void check_address(const struct listener *listener, const char *host)
{
	char expected[80];

	(void)snprintf(expected, sizeof(expected), "%s:%d", host, port_of(listener));
	ck_assert_str_eq(listener->address, expected);
	ck_assert_int_ne(port_of(listener), 0);
}

static const struct {
	const char *text, *v4, *v6;
} both[] = {
	{ "localhost:0", "127.0.0.1", "[::1]" },
	{ ":0", "0.0.0.0", "[::]" },
};

START_TEST(both_families_listen_on_one_port)
{
	struct listeners listeners;
	char err[ERR_SIZE];

	ck_assert_int_eq(open_texts(both[_i].text, NULL, &listeners, err), 0);
	ck_assert_uint_eq(listeners.n, 2);
	check_address(&listeners.item[0], both[_i].v4);
	check_address(&listeners.item[1], both[_i].v6);
	ck_assert_int_eq(port_of(&listeners.item[0]), port_of(&listeners.item[1]));
	listen_close(&listeners);
	ck_assert_uint_eq(listeners.n, 0);
}

START_TEST(port_in_use_by_one_family_is_used_for_neither)
{
	struct listeners first, second;
	char err[ERR_SIZE], expected[ERR_SIZE], text[80];
	size_t before;

	ck_assert_int_eq(open_texts("[::1]:0", NULL, &first, err), 0);
	before = temp_count_fds();
	(void)snprintf(text, sizeof(text), "localhost:%d", port_of(&first.item[0]));
	ck_assert_int_eq(open_texts(text, NULL, &second, err), -EADDRINUSE);
	(void)snprintf(expected, sizeof(expected), "listen on %s: " IN_USE, first.item[0].address);
	ck_assert_str_eq(err, expected);
	ck_assert_uint_eq(second.n, 0);
	ck_assert_uint_eq(temp_count_fds(), before);
	listen_close(&first);
}

START_TEST(each_text_has_sockets_of_its_own)
{
	struct listeners listeners;
	char err[ERR_SIZE];

	ck_assert_int_eq(open_texts("127.0.0.1:0", "127.0.0.1:0", &listeners, err), 0);
	ck_assert_uint_eq(listeners.n, 2);
	ck_assert_int_ne(port_of(&listeners.item[0]), port_of(&listeners.item[1]));
	listen_close(&listeners);
}

START_TEST(socket_accepts_connections_and_is_kept_from_children)
{
	struct sockaddr_storage address[2];
	struct listeners listeners;
	char err[ERR_SIZE];
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(open_texts("127.0.0.1:0", NULL, &listeners, err), 0);
	ck_assert_int_eq(fcntl(listeners.item[0].fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(listen_parse(listeners.item[0].address, address), 1);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address[0], sizeof(struct sockaddr_in)),
			 0);
	(void)close(fd);
	listen_close(&listeners);
}

START_TEST(port_in_use_is_told_with_a_remedy)
{
	struct listeners first, second;
	char err[ERR_SIZE], expected[ERR_SIZE], address[80];

	ck_assert_int_eq(open_texts("127.0.0.1:0", NULL, &first, err), 0);
	(void)snprintf(address, sizeof(address), "%s", first.item[0].address);
	ck_assert_int_eq(open_texts(address, NULL, &second, err), -EADDRINUSE);
	(void)snprintf(expected, sizeof(expected), "listen on %s: " IN_USE, address);
	ck_assert_str_eq(err, expected);
	ck_assert_uint_eq(second.n, 0);
	listen_close(&first);
}

#define SHAPE                                                                                       \
	"is not HOST:PORT with a numeric host or localhost, such as 127.0.0.1:9435, [::1]:9435 or " \
	":9435"

static const struct {
	const char *one, *two;
	int r;
	const char *err;
} mistakes[] = {
	{ "example.org:80", NULL, -EINVAL, "--web.listen-address: 'example.org:80' " SHAPE },
	{ "", NULL, -EINVAL, "--web.listen-address: '' " SHAPE },
	{ "127.0.0.1:0", "9435", -EINVAL, "--web.listen-address: '9435' " SHAPE },
	{ "localhost:0", "192.0.2.1:0", -EADDRNOTAVAIL,
	  "listen on 192.0.2.1:0: Cannot assign requested address (no interface has this address)" },
};

START_TEST(mistake_is_told_and_leaves_nothing_open)
{
	const size_t before = temp_count_fds();
	struct listeners listeners;
	char err[ERR_SIZE];

	ck_assert_int_eq(open_texts(mistakes[_i].one, mistakes[_i].two, &listeners, err),
			 mistakes[_i].r);
	ck_assert_str_eq(err, mistakes[_i].err);
	ck_assert_uint_eq(listeners.n, 0);
	ck_assert_uint_eq(temp_count_fds(), before);
}

START_TEST(more_addresses_than_listeners_are_refused)
{
	char address[] = "127.0.0.1:0", *item[LISTENERS_MAX + 1], err[ERR_SIZE];
	struct strings strings = { item, LISTENERS_MAX };
	const size_t before = temp_count_fds();
	struct listeners listeners;

	for (size_t i = 0; i < COUNT(item); i++)
		item[i] = address;
	ck_assert_int_eq(listen_open(&strings, &listeners, err, sizeof(err)), 0);
	ck_assert_uint_eq(listeners.n, LISTENERS_MAX);
	listen_close(&listeners);
	strings.n++;
	ck_assert_int_eq(listen_open(&strings, &listeners, err, sizeof(err)), -E2BIG);
	ck_assert_str_eq(err, "--web.listen-address: more than 16 addresses");
	ck_assert_uint_eq(temp_count_fds(), before);
}

START_TEST(socket_that_was_taken_over_is_not_closed)
{
	struct listeners listeners;
	char err[ERR_SIZE];
	int fd;

	ck_assert_int_eq(open_texts("127.0.0.1:0", NULL, &listeners, err), 0);
	fd = listeners.item[0].fd;
	listeners.item[0].fd = -1;
	listen_close(&listeners);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	(void)close(fd);
}

static bool has_ipv6(void)
{
	const struct sockaddr_in6 address = { .sin6_family = AF_INET6,
					      .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	int r = fd < 0 ? -1 : bind(fd, (const struct sockaddr *)&address, sizeof(address));

	if (fd >= 0)
		(void)close(fd);
	return !r;
}

Suite *listen_suite(void)
{
	const struct test tests[] = {
		{ text_stands_for_its_addresses, COUNT(texts) },
		{ each_text_has_sockets_of_its_own, 0 },
		{ socket_accepts_connections_and_is_kept_from_children, 0 },
		{ port_in_use_is_told_with_a_remedy, 0 },
		{ mistake_is_told_and_leaves_nothing_open, COUNT(mistakes) },
		{ more_addresses_than_listeners_are_refused, 0 },
		{ socket_that_was_taken_over_is_not_closed, 0 },
	};
	const struct test ipv6_tests[] = {
		{ both_families_listen_on_one_port, COUNT(both) },
		{ port_in_use_by_one_family_is_used_for_neither, 0 },
	};
	Suite *suite = suite_make("listen", tests, COUNT(tests));

	if (has_ipv6())
		suite_add(suite, "listen_ipv6", ipv6_tests, COUNT(ipv6_tests));
	else
		suite_skip("listen_ipv6", "no IPv6 on this machine");
	return suite;
}
