/* SPDX-License-Identifier: Apache-2.0 */
#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A connection for which there is no room here is tried again after a second. */
#define BACKLOG 1024
/* A free port for IPv4 may be taken for IPv6: then another one is tried. */
#define PORT_TRIES 8

static struct sockaddr_storage make_v4(struct in_addr host, uint16_t port)
{
	struct sockaddr_storage ret = { 0 };
	struct sockaddr_in *in = (struct sockaddr_in *)&ret;

	in->sin_family = AF_INET;
	in->sin_addr = host;
	in->sin_port = htons(port);
	return ret;
}

static struct sockaddr_storage make_v6(struct in6_addr host, uint16_t port)
{
	struct sockaddr_storage ret = { 0 };
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&ret;

	in6->sin6_family = AF_INET6;
	in6->sin6_addr = host;
	in6->sin6_port = htons(port);
	return ret;
}

static int parse_port(const char *text, uint16_t *ret)
{
	unsigned long port;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	port = strtoul(text, &end, 10);
	if (*end || port > 65535)
		return -EINVAL;
	*ret = (uint16_t)port;
	return 0;
}

int listen_parse(const char *text, struct sockaddr_storage ret[2])
{
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN + 2];
	struct in6_addr in6;
	struct in_addr in4;
	uint16_t port;
	size_t n;

	if (!colon || parse_port(colon + 1, &port) < 0)
		return -EINVAL;
	n = (size_t)(colon - text);
	if (n >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, n);
	host[n] = '\0';
	if (!n) {
		ret[0] = make_v4((struct in_addr){ htonl(INADDR_ANY) }, port);
		ret[1] = make_v6(in6addr_any, port);
		return 2;
	}
	if (!strcmp(host, "localhost")) {
		ret[0] = make_v4((struct in_addr){ htonl(INADDR_LOOPBACK) }, port);
		ret[1] = make_v6(in6addr_loopback, port);
		return 2;
	}
	if (host[0] == '[' && host[n - 1] == ']') {
		host[n - 1] = '\0';
		if (inet_pton(AF_INET6, host + 1, &in6) != 1)
			return -EINVAL;
		ret[0] = make_v6(in6, port);
		return 1;
	}
	if (inet_pton(AF_INET, host, &in4) != 1)
		return -EINVAL;
	ret[0] = make_v4(in4, port);
	return 1;
}

static in_port_t *port_of(struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET ? &((struct sockaddr_in *)address)->sin_port :
					       &((struct sockaddr_in6 *)address)->sin6_port;
}

void listen_describe(struct sockaddr_storage *address, char *ret, size_t size)
{
	char host[INET6_ADDRSTRLEN];
	unsigned int port = ntohs(*port_of(address));

	if (address->ss_family == AF_INET) {
		(void)inet_ntop(AF_INET, &((struct sockaddr_in *)address)->sin_addr, host,
				sizeof(host));
		(void)snprintf(ret, size, "%s:%u", host, port);
	} else {
		(void)inet_ntop(AF_INET6, &((struct sockaddr_in6 *)address)->sin6_addr, host,
				sizeof(host));
		(void)snprintf(ret, size, "[%s]:%u", host, port);
	}
}

/* Opens one socket and writes the port it got into *address. SO_REUSEADDR lets a restart pass
 * connections in TIME_WAIT; two listeners on one port it does not allow. */
static int open_one(struct sockaddr_storage *address, int *ret)
{
	socklen_t size = address->ss_family == AF_INET ? sizeof(struct sockaddr_in) :
							 sizeof(struct sockaddr_in6);
	const int on = 1;
	int r = 0;
	int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (address->ss_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0)
		r = -errno;
	if (!r && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		r = -errno;
	if (!r && bind(fd, (struct sockaddr *)address, size) < 0)
		r = -errno;
	if (!r && listen(fd, BACKLOG) < 0)
		r = -errno;
	if (!r && getsockname(fd, (struct sockaddr *)address, &size) < 0)
		r = -errno;
	if (r < 0) {
		(void)close(fd);
		return r;
	}
	*ret = fd;
	return 0;
}

static bool family_is_absent(int r)
{
	return r == -EAFNOSUPPORT || r == -EADDRNOTAVAIL || r == -EPROTONOSUPPORT;
}

/* Opens the one or two sockets of one text; on error *failed is the address and none is open. */
static int open_group(const struct sockaddr_storage *wanted, int n, struct listeners *ret,
		      char *failed, size_t failed_size)
{
	const size_t before = ret->n;
	in_port_t port = *port_of((struct sockaddr_storage *)&wanted[0]);
	int r = 0;

	for (int i = 0; i < n; i++) {
		struct sockaddr_storage address = wanted[i];
		struct listener *listener = &ret->item[ret->n];

		*port_of(&address) = port;
		r = open_one(&address, &listener->fd);
		listen_describe(&address, r < 0 ? failed : listener->address,
				r < 0 ? failed_size : sizeof(listener->address));
		if (r == 0) {
			port = *port_of(&address);
			ret->n++;
		} else if (n == 1 || !family_is_absent(r)) {
			break;
		}
	}
	if (r == 0 || (ret->n > before && family_is_absent(r)))
		return 0;
	while (ret->n > before)
		(void)close(ret->item[--ret->n].fd);
	return r;
}

static const char *remedy(int r)
{
	switch (r) {
	case -EADDRINUSE:
		return " (does another exporter run? choose another --web.listen-address; 9435 is the "
		       "default of other eBPF exporters too)";
	case -EADDRNOTAVAIL:
		return " (no interface has this address)";
	case -EACCES:
		return " (ports below 1024 need CAP_NET_BIND_SERVICE)";
	default:
		return "";
	}
}

int listen_check(const char *text, char *err, size_t err_size)
{
	struct sockaddr_storage addresses[2];

	if (listen_parse(text, addresses) > 0)
		return 0;
	(void)snprintf(err, err_size,
		       "--web.listen-address: '%s' is not HOST:PORT with a numeric host or "
		       "localhost, such as 127.0.0.1:9435, [::1]:9435 or :9435",
		       text);
	return -EINVAL;
}

int listen_open(const struct strings *addresses, struct listeners *ret, char *err, size_t err_size)
{
	ret->n = 0;
	for (size_t i = 0; i < addresses->n; i++) {
		struct sockaddr_storage wanted[2];
		char failed[80] = "";
		int n = listen_parse(addresses->item[i], wanted);
		int r = n;

		if (n < 0)
			(void)listen_check(addresses->item[i], err, err_size);
		else if (ret->n + (size_t)n > LISTENERS_MAX)
			r = -E2BIG;
		else
			for (int try = 0; try < PORT_TRIES; try++) {
				bool any_port = !*port_of(&wanted[0]);

				r = open_group(wanted, n, ret, failed, sizeof(failed));
				if (r != -EADDRINUSE || !any_port)
					break;
			}
		if (r >= 0)
			continue;
		if (r == -E2BIG)
			(void)snprintf(err, err_size,
				       "--web.listen-address: more than %d addresses",
				       LISTENERS_MAX);
		else if (failed[0])
			(void)snprintf(err, err_size, "listen on %s: %s%s", failed, strerror(-r),
				       remedy(r));
		listen_close(ret);
		return r;
	}
	return 0;
}

void listen_close(struct listeners *listeners)
{
	while (listeners->n) {
		int fd = listeners->item[--listeners->n].fd;

		if (fd >= 0)
			(void)close(fd);
	}
}
