/* SPDX-License-Identifier: Apache-2.0 */
#include "systemd.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "fake.h"
#include "suites.h"
#include "temp.h"

/* Check has descriptors of its own. */
#define FIRST_FD 60

static char err[512];
static struct fake_clock fake;

/* ---- sockets */

static int make(int domain, int type, bool listens)
{
	struct sockaddr_in6 address = { .sin6_family = (sa_family_t)domain };
	int fd = socket(domain, type, 0);

	ck_assert_int_ge(fd, 0);
	if (domain != AF_UNIX)
		ck_assert_int_eq(bind(fd, (struct sockaddr *)&address,
				      domain == AF_INET ? sizeof(struct sockaddr_in) :
							  sizeof(address)),
				 0);
	else
		ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(sa_family_t)), 0);
	if (listens)
		ck_assert_int_eq(listen(fd, 1), 0);
	return fd;
}

/* Puts it where the service manager would. */
static void hand_over(int fd, int as)
{
	if (fd != as) {
		ck_assert_int_eq(dup2(fd, as), as);
		(void)close(fd);
	}
}

static void set_number(const char *name, long value)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%ld", value);
	ck_assert_int_eq(setenv(name, text, 1), 0);
}

START_TEST(sockets_are_taken_over)
{
	const size_t before = temp_count_fds();
	struct listeners listeners;

	set_number("LISTEN_PID", getpid());
	set_number("LISTEN_FDS", 3);
	hand_over(make(AF_INET, SOCK_STREAM, true), FIRST_FD);
	hand_over(make(AF_INET6, SOCK_STREAM, true), FIRST_FD + 1);
	hand_over(make(AF_UNIX, SOCK_STREAM, true), FIRST_FD + 2);
	ck_assert_int_eq(systemd_listen(FIRST_FD, &listeners, err, sizeof(err)), 0);
	ck_assert_uint_eq(listeners.n, 3);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(listeners.item[i].fd, FIRST_FD + i);
		ck_assert_int_eq(fcntl(FIRST_FD + i, F_GETFD), FD_CLOEXEC);
		ck_assert(fcntl(FIRST_FD + i, F_GETFL) & O_NONBLOCK);
	}
	ck_assert(!strncmp(listeners.item[0].address, "0.0.0.0:", 8));
	ck_assert(!strncmp(listeners.item[1].address, "[::]:", 5));
	ck_assert_str_eq(listeners.item[2].address, "unix:");
	listen_close(&listeners);
	ck_assert_uint_le(temp_count_fds(), before);
}

static const struct {
	long pid;		   /* 0: ours; -1: none */
	const char *fds;	   /* NULL: none */
	int domain, type, listens; /* of the second one; domain 0: a file */
	int r;
	const char *err;
} refused[] = {
#define NONE                                                                                   \
	"--web.systemd-socket: there is none (LISTEN_FDS and LISTEN_PID are not set for this " \
	"process: is there a .socket unit?)"
#define SECOND "--web.systemd-socket: descriptor 61 "
	{ -1, "2", AF_INET, SOCK_STREAM, 1, -ENOENT, NONE },
	{ 1, "2", AF_INET, SOCK_STREAM, 1, -ENOENT, NONE },
	{ 0, NULL, AF_INET, SOCK_STREAM, 1, -ENOENT, NONE },
	{ 0, "0", AF_INET, SOCK_STREAM, 1, -ENOENT, NONE },
	{ 0, "-1", AF_INET, SOCK_STREAM, 1, -ENOENT, NONE },
	{ 0, "2x", AF_INET, SOCK_STREAM, 1, -ENOENT, NONE },
	{ 0, "17", AF_INET, SOCK_STREAM, 1, -E2BIG, "--web.systemd-socket: more than 16 sockets" },
	{ 0, "2", 0, 0, 0, -EINVAL, SECOND "is no socket" },
	{ 0, "2", AF_INET, SOCK_DGRAM, 0, -EINVAL, SECOND "is no stream (write ListenStream=)" },
	{ 0, "2", AF_INET6, SOCK_STREAM, 0, -EINVAL, SECOND "does not listen (write Accept=no)" },
	{ 0, "2", AF_UNIX, SOCK_SEQPACKET, 1, -EINVAL,
	  SECOND "is no stream (write ListenStream=)" },
	{ 0, "2", AF_NETLINK, SOCK_DGRAM, 0, -EINVAL,
	  SECOND "is of neither IPv4, IPv6 nor the file system" },
};

START_TEST(what_is_not_handed_over_is_not_taken)
{
	struct listeners listeners;
	int fd;

	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	if (refused[_i].pid >= 0)
		set_number("LISTEN_PID", refused[_i].pid ? refused[_i].pid : getpid());
	if (refused[_i].fds)
		ck_assert_int_eq(setenv("LISTEN_FDS", refused[_i].fds, 1), 0);
	hand_over(make(AF_INET, SOCK_STREAM, true), FIRST_FD);
	if (refused[_i].domain == AF_NETLINK)
		fd = socket(AF_NETLINK, SOCK_DGRAM, 0);
	else
		fd = refused[_i].domain ?
			     make(refused[_i].domain, refused[_i].type, refused[_i].listens) :
			     open("/dev/null", O_RDONLY);
	hand_over(fd, FIRST_FD + 1);
	ck_assert_int_eq(systemd_listen(FIRST_FD, &listeners, err, sizeof(err)), refused[_i].r);
	ck_assert_str_eq(err, refused[_i].err);
	ck_assert_uint_eq(listeners.n, 0);
	ck_assert_int_ne(fcntl(FIRST_FD, F_GETFD), -1);
	ck_assert_int_ne(fcntl(FIRST_FD + 1, F_GETFD), -1);
}

/* ---- notifications */

/* The manager's end, at a name in NOTIFY_SOCKET. */
static int manager(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	(void)strcpy(address.sun_path, name);
	if (*name == '@')
		address.sun_path[0] = '\0';
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
			 0);
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", name, 1), 0);
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
	fake_clock_init(&fake);
	fake.now_ns = 5000000000;
	fake.tick_ns = 0;
	return fd;
}

/* The next message; "" if there is none. */
static void check_told(int fd, const char *expected)
{
	char text[1024];
	ssize_t n = recv(fd, text, sizeof(text) - 1, 0);

	text[n < 0 ? 0 : n] = '\0';
	ck_assert_str_eq(text, expected);
}

static void name_socket(char ret[64], bool abstract)
{
	(void)snprintf(ret, 64, "%sior-test-%d", abstract ? "@" : "/tmp/", (int)getpid());
}

START_TEST(manager_hears_of_each_state)
{
	struct systemd systemd;
	char name[64];
	int fd;

	name_socket(name, _i);
	fd = manager(name);
	ck_assert_int_eq(systemd_open(&systemd, &fake.clock, err, sizeof(err)), 0);
	if (!_i)
		(void)unlink(name); /* it is connected already */
	systemd_ready(&systemd, "Fine\nREADY=0");
	check_told(fd, "READY=1\nSTATUS=Fine READY=0");
	systemd_reloading(&systemd);
	check_told(fd, "RELOADING=1\nMONOTONIC_USEC=5000000");
	ck_assert_uint_eq(systemd_alive(&systemd), UINT64_MAX);
	systemd_stopping(&systemd);
	check_told(fd, "STOPPING=1\nSTATUS=Stopping.");
	check_told(fd, "");
	systemd_close(&systemd);
	systemd_stopping(&systemd);
	check_told(fd, "");
	(void)close(fd);
}

START_TEST(watchdog_is_fed_at_half_of_its_time)
{
	struct systemd systemd;
	char name[64];
	int fd;

	name_socket(name, true);
	fd = manager(name);
	set_number("WATCHDOG_USEC", 3000000);
	if (_i)
		set_number("WATCHDOG_PID", getpid());
	ck_assert_int_eq(systemd_open(&systemd, &fake.clock, err, sizeof(err)), 0);
	ck_assert_uint_eq(systemd_alive(&systemd), 1500000000);
	check_told(fd, "WATCHDOG=1");
	fake.now_ns += 1499999999;
	ck_assert_uint_eq(systemd_alive(&systemd), 1);
	check_told(fd, "");
	fake.now_ns += 1;
	ck_assert_uint_eq(systemd_alive(&systemd), 1500000000);
	check_told(fd, "WATCHDOG=1");
	systemd_close(&systemd);
	(void)close(fd);
}

static const struct {
	const char *usec;
	long pid;
} others[] = { { "3000000", 1 }, { "x", 0 }, { "0", 0 }, { "18446744073709551615", 0 } };

START_TEST(watchdog_that_is_not_ours_is_not_fed)
{
	struct systemd systemd;
	char name[64];
	int fd;

	name_socket(name, true);
	fd = manager(name);
	ck_assert_int_eq(setenv("WATCHDOG_USEC", others[_i].usec, 1), 0);
	set_number("WATCHDOG_PID", others[_i].pid ? others[_i].pid : getpid());
	ck_assert_int_eq(systemd_open(&systemd, &fake.clock, err, sizeof(err)), 0);
	ck_assert_uint_eq(systemd_alive(&systemd), UINT64_MAX);
	check_told(fd, "");
	systemd_close(&systemd);
	(void)close(fd);
}

static const struct {
	const char *name;
	int r;
	const char *err;
} nobody[] = {
	{ NULL, 0, "" },
	{ "", 0, "" },
	{ "/", -EINVAL, "NOTIFY_SOCKET: '/' is neither a path nor @ and a name" },
	{ "@", -EINVAL, "NOTIFY_SOCKET: '@' is neither a path nor @ and a name" },
	{ "vsock:2:1234", -EINVAL,
	  "NOTIFY_SOCKET: 'vsock:2:1234' is neither a path nor @ and a name" },
	{ "/nonexistent/ior", -ENOENT,
	  "NOTIFY_SOCKET: connect to /nonexistent/ior: No such file or directory" },
};

START_TEST(without_a_manager_nothing_is_told)
{
	const size_t before = temp_count_fds();
	struct systemd systemd;

	(void)unsetenv("NOTIFY_SOCKET");
	if (nobody[_i].name)
		ck_assert_int_eq(setenv("NOTIFY_SOCKET", nobody[_i].name, 1), 0);
	set_number("WATCHDOG_USEC", 3000000);
	fake_clock_init(&fake);
	ck_assert_int_eq(systemd_open(&systemd, &fake.clock, err, sizeof(err)), nobody[_i].r);
	ck_assert_str_eq(err, nobody[_i].err);
	systemd_ready(&systemd, "");
	systemd_reloading(&systemd);
	systemd_stopping(&systemd);
	ck_assert_uint_eq(systemd_alive(&systemd), UINT64_MAX);
	systemd_close(&systemd);
	ck_assert_uint_eq(temp_count_fds(), before);
}

Suite *systemd_suite(void)
{
	const struct test tests[] = {
		{ sockets_are_taken_over, 0 },
		{ what_is_not_handed_over_is_not_taken, COUNT(refused) },
		{ manager_hears_of_each_state, 2 },
		{ watchdog_is_fed_at_half_of_its_time, 2 },
		{ watchdog_that_is_not_ours_is_not_fed, COUNT(others) },
		{ without_a_manager_nothing_is_told, COUNT(nobody) },
	};

	return suite_make("systemd", tests, COUNT(tests));
}
