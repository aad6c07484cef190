/* SPDX-License-Identifier: Apache-2.0 */
#include "probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "listen.h"

#define TIMEOUT_SECONDS 3

/* Nobody can connect to "every address"; the loopback is one of them. */
static void to_reachable(struct sockaddr_storage *address)
{
	struct sockaddr_in *in = (struct sockaddr_in *)address;

	if (address->ss_family == AF_INET && in->sin_addr.s_addr == htonl(INADDR_ANY))
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
}

static int ask(int fd, const struct sockaddr_storage *address)
{
	static const char request[] = "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n"
				      "Connection: close\r\n\r\n";
	static const char expected[] = "HTTP/1.1 200 ";
	const struct timeval timeout = { .tv_sec = TIMEOUT_SECONDS };
	char answer[sizeof(expected)] = "";
	size_t got = 0;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) < 0 ||
	    connect(fd, (const struct sockaddr *)address,
		    address->ss_family == AF_INET ? sizeof(struct sockaddr_in) :
						    sizeof(struct sockaddr_in6)) < 0)
		return -errno;
	if (send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
		return -errno;
	while (got < sizeof(expected) - 1) {
		ssize_t n = recv(fd, answer + got, sizeof(expected) - 1 - got, 0);

		if (n < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return strcmp(answer, expected) ? -EPROTO : 0;
}

int probe(const char *address, char *err, size_t err_size)
{
	struct sockaddr_storage to[2];
	int fd, r;

	r = listen_parse(address, to);
	if (r < 0) {
		(void)snprintf(err, err_size, "--web.listen-address: '%s' is not HOST:PORT",
			       address);
		return r;
	}
	to_reachable(&to[0]);
	fd = socket(to[0].ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	r = fd < 0 ? -errno : ask(fd, &to[0]);
	if (fd >= 0)
		(void)close(fd);
	if (r < 0)
		(void)snprintf(err, err_size, "probe %s: %s", address,
			       r == -EPROTO ? "the answer is not a healthy exporter's" :
					      strerror(-r));
	return r;
}
