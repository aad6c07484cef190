/* SPDX-License-Identifier: Apache-2.0 */
#include "systemd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "values.h"

#define fail(r, ...) ((void)snprintf(err, err_size, __VA_ARGS__), (r))

/* A number from the environment; false if there is none. */
static bool read_number(const char *name, uint64_t *ret)
{
	const char *text = getenv(name);

	return text && value_parse_number(text, ret);
}

/* Was it meant for this process, and not for the one that started it? */
static bool is_for_us(const char *pid_name, bool needed)
{
	uint64_t pid;

	if (!getenv(pid_name))
		return !needed;
	return read_number(pid_name, &pid) && pid == (uint64_t)getpid();
}

static void describe(int fd, char *ret, size_t size)
{
	union {
		struct sockaddr_storage storage;
		struct sockaddr_un un;
	} address = { .storage = { 0 } };
	socklen_t n = sizeof(address);

	(void)getsockname(fd, (struct sockaddr *)&address, &n);
	if (address.storage.ss_family == AF_UNIX)
		(void)snprintf(ret, size, "unix:%.60s", address.un.sun_path);
	else
		listen_describe(&address.storage, ret, size);
}

static int option_of(int fd, int option)
{
	socklen_t size = sizeof(int);
	int value = 0;

	return getsockopt(fd, SOL_SOCKET, option, &value, &size) < 0 ? -errno : value;
}

/* NULL: it can be served on. */
static const char *fault_of(int fd)
{
	int domain = option_of(fd, SO_DOMAIN);

	if (domain < 0)
		return "is no socket";
	if (domain != AF_INET && domain != AF_INET6 && domain != AF_UNIX)
		return "is of neither IPv4, IPv6 nor the file system";
	if (option_of(fd, SO_TYPE) != SOCK_STREAM)
		return "is no stream (write ListenStream=)";
	if (option_of(fd, SO_ACCEPTCONN) != 1)
		return "does not listen (write Accept=no)";
	return NULL;
}

int systemd_listen(int first_fd, struct listeners *ret, char *err, size_t err_size)
{
	uint64_t n;

	ret->n = 0;
	if (!is_for_us("LISTEN_PID", true) || !read_number("LISTEN_FDS", &n) || !n)
		return fail(-ENOENT,
			    "--web.systemd-socket: there is none (LISTEN_FDS and LISTEN_PID "
			    "are not set for this process: is there a .socket unit?)");
	if (n > LISTENERS_MAX)
		return fail(-E2BIG, "--web.systemd-socket: more than %d sockets", LISTENERS_MAX);
	for (int fd = first_fd; fd < first_fd + (int)n; fd++) {
		const char *fault = fault_of(fd);

		if (fault)
			return fail(-EINVAL, "--web.systemd-socket: descriptor %d %s", fd, fault);
	}
	for (int fd = first_fd; fd < first_fd + (int)n; fd++) {
		struct listener *listener = &ret->item[ret->n++];

		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
		(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
		listener->fd = fd;
		describe(fd, listener->address, sizeof(listener->address));
	}
	return 0;
}

/* The address of NOTIFY_SOCKET; 0: it is none. */
static socklen_t notify_address(const char *name, struct sockaddr_un *ret)
{
	const size_t n = strlen(name);

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if ((*name != '/' && *name != '@') || n < 2 || n >= sizeof(ret->sun_path))
		return 0;
	memcpy(ret->sun_path, name, n);
	if (*name == '@')
		ret->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (*name == '/'));
}

int systemd_open(struct systemd *ret, const struct clock *clock, char *err, size_t err_size)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address;
	uint64_t watchdog_us;
	socklen_t size;
	int r;

	*ret = (struct systemd){ .fd = -1, .watchdog_ns = UINT64_MAX, .clock = clock };
	if (!name || !*name)
		return 0;
	size = notify_address(name, &address);
	if (!size)
		return fail(-EINVAL, "NOTIFY_SOCKET: '%.120s' is neither a path nor @ and a name",
			    name);
	ret->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ret->fd < 0 || connect(ret->fd, (struct sockaddr *)&address, size) < 0) {
		r = -errno;
		systemd_close(ret);
		return fail(r, "NOTIFY_SOCKET: connect to %.120s: %s", name, strerror(-r));
	}
	if (is_for_us("WATCHDOG_PID", false) && read_number("WATCHDOG_USEC", &watchdog_us) &&
	    watchdog_us > 1 && watchdog_us < UINT64_MAX / 1000)
		ret->watchdog_ns = watchdog_us * 1000 / 2;
	return 0;
}

void systemd_close(struct systemd *systemd)
{
	if (systemd->fd >= 0)
		(void)close(systemd->fd);
	systemd->fd = -1;
	systemd->watchdog_ns = UINT64_MAX;
}

static uint64_t now(const struct systemd *systemd)
{
	return systemd->clock->monotonic_ns(systemd->clock->arg);
}

/* A manager that does not read must not stop us. */
static void tell(struct systemd *systemd, const char *text)
{
	if (systemd->fd >= 0)
		(void)send(systemd->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void systemd_ready(struct systemd *systemd, const char *status)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "READY=1\nSTATUS=%s", status);
	/* a line is a message */
	for (char *at = text + strlen("READY=1\n"); *at; at++)
		if (*at == '\n')
			*at = ' ';
	tell(systemd, text);
}

void systemd_reloading(struct systemd *systemd)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%llu",
		       (unsigned long long)(now(systemd) / 1000));
	tell(systemd, text);
}

void systemd_stopping(struct systemd *systemd)
{
	tell(systemd, "STOPPING=1\nSTATUS=Stopping.");
}

uint64_t systemd_alive(struct systemd *systemd)
{
	uint64_t now_ns;

	if (systemd->watchdog_ns == UINT64_MAX)
		return UINT64_MAX;
	now_ns = now(systemd);
	if (now_ns >= systemd->alive_at_ns) {
		tell(systemd, "WATCHDOG=1");
		systemd->alive_at_ns = now_ns + systemd->watchdog_ns;
	}
	return systemd->alive_at_ns - now_ns;
}
