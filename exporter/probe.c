/* SPDX-License-Identifier: Apache-2.0 */
#include "probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "listen.h"
#include "tls_client.h"

#define TIMEOUT_NS 3000000000ull

/* Who is asked. */
struct peer {
	int fd;
	uint64_t end_ns;	/* of our patience, monotonic */
	struct tls_client *tls; /* NULL: none */
};

static uint64_t now_ns(void)
{
	return clock_system.monotonic_ns(clock_system.arg);
}

/* Nobody can connect to "every address"; the loopback is one of them. Our IPv6 sockets take no
 * IPv4, so each family has its own. */
static void to_reachable(struct sockaddr_storage *address)
{
	struct sockaddr_in *in = (struct sockaddr_in *)address;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;

	if (address->ss_family == AF_INET && in->sin_addr.s_addr == htonl(INADDR_ANY))
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (address->ss_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr))
		in6->sin6_addr = in6addr_loopback;
}

static int wait_for(const struct peer *peer, short events)
{
	struct pollfd wanted = { .fd = peer->fd, .events = events };
	int n;

	do {
		uint64_t now = now_ns();

		if (now >= peer->end_ns)
			return -ETIMEDOUT;
		n = poll(&wanted, 1, (int)((peer->end_ns - now) / 1000000) + 1);
	} while (n == 0 || (n < 0 && errno == EINTR));
	return n < 0 ? -errno : 0;
}

static int open_connection(struct peer *peer, const struct sockaddr_storage *address)
{
	socklen_t size = address->ss_family == AF_INET ? sizeof(struct sockaddr_in) :
							 sizeof(struct sockaddr_in6);
	int error = 0, r;

	peer->fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (peer->fd < 0)
		return -errno;
	if (!connect(peer->fd, (const struct sockaddr *)address, size))
		return 0;
	if (errno != EINPROGRESS)
		return -errno;
	r = wait_for(peer, POLLOUT);
	if (r < 0)
		return r;
	size = sizeof(error);
	if (getsockopt(peer->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		return -errno;
	return -error;
}

static int open_tls(struct peer *peer)
{
	short events = 0;
	int r = tls_client_open(peer->fd, &peer->tls);

	if (r < 0)
		return r;
	while ((r = tls_client_handshake(peer->tls, &events)) == -EAGAIN) {
		r = wait_for(peer, events);
		if (r < 0)
			return r;
	}
	return r;
}

/* What to do about the result of a transfer: nothing, wait, or give up. */
static int settle(const struct peer *peer, ssize_t n, short events)
{
	if (n >= 0)
		return 0;
	return n == -EAGAIN ? wait_for(peer, events) : (int)n;
}

static int send_all(const struct peer *peer, const char *text, size_t size)
{
	for (size_t at = 0; at < size;) {
		short events = POLLOUT;
		ssize_t n;
		int r;

		if (peer->tls) {
			n = tls_client_send(peer->tls, text + at, size - at, &events);
		} else {
			n = send(peer->fd, text + at, size - at, MSG_NOSIGNAL);
			n = n < 0 ? -errno : n;
		}
		r = settle(peer, n, events);
		if (r < 0)
			return r;
		at += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* Fills dst, or less at the end of the answer. */
static int receive(const struct peer *peer, char *dst, size_t size)
{
	for (size_t at = 0; at < size;) {
		short events = POLLIN;
		ssize_t n;
		int r;

		if (peer->tls) {
			n = tls_client_recv(peer->tls, dst + at, size - at, &events);
		} else {
			n = recv(peer->fd, dst + at, size - at, 0);
			n = n < 0 ? -errno : n;
		}
		if (n == 0)
			return 0;
		r = settle(peer, n, events);
		if (r < 0)
			return r;
		at += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* Is it an exporter's that is alive? One that wants a password, or fewer requests, is. */
static bool is_alive(const char *answer)
{
	static const char *const starts[] = { "HTTP/1.1 200 ", "HTTP/1.1 401 ", "HTTP/1.1 429 " };

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (!strcmp(answer, starts[i]))
			return true;
	return false;
}

static int ask(const struct sockaddr_storage *address, bool tls, uint64_t end_ns)
{
	static const char request[] = "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n"
				      "Connection: close\r\n\r\n";
	struct peer peer = { .fd = -1, .end_ns = end_ns };
	char answer[sizeof("HTTP/1.1 200 ")] = "";
	int r = open_connection(&peer, address);

	if (!r && tls)
		r = open_tls(&peer);
	if (!r)
		r = send_all(&peer, request, sizeof(request) - 1);
	if (!r)
		r = receive(&peer, answer, sizeof(answer) - 1);
	if (!r && !is_alive(answer))
		r = -EPROTO;
	if (r == -EACCES)
		r = 0; /* it wants a client certificate, which the probe has not */
	tls_client_close(peer.tls);
	if (peer.fd >= 0)
		(void)close(peer.fd);
	return r;
}

/* Parses all texts. Returns how many addresses there are, at most LISTENERS_MAX. */
static int find(const struct strings *texts, struct sockaddr_storage ret[LISTENERS_MAX], char *err,
		size_t err_size)
{
	int found = 0;

	for (size_t i = 0; i < texts->n; i++) {
		struct sockaddr_storage one[2];
		int n = listen_parse(texts->item[i], one);

		if (n < 0) {
			(void)snprintf(err, err_size, "--web.listen-address: '%s' is not HOST:PORT",
				       texts->item[i]);
			return n;
		}
		for (int j = 0; j < n && found < LISTENERS_MAX; j++) {
			to_reachable(&one[j]);
			ret[found++] = one[j];
		}
	}
	return found;
}

/* Adds ": WHERE: WHY" or "; WHERE: WHY" to the line. */
static void tell(struct sockaddr_storage *address, int r, char *err, size_t err_size)
{
	size_t at = strlen(err);
	char where[80];

	listen_describe(address, where, sizeof(where));
	(void)snprintf(err + at, err_size - at, "%s%s: %s", at ? "; " : "probe ", where,
		       r == -EPROTO ? "the answer is not a healthy exporter's" : strerror(-r));
}

int probe(const struct strings *addresses, bool tls, char *err, size_t err_size)
{
	const uint64_t end_ns = now_ns() + TIMEOUT_NS;
	struct sockaddr_storage to[LISTENERS_MAX];
	int ret = 0, n = find(addresses, to, err, err_size);

	if (n < 0)
		return n;
	if (tls && !tls_client_is_built()) {
		(void)snprintf(err, err_size,
			       "--web.config.file: probe over TLS: this build has none (use the "
			       "dynamic build)");
		return -ENOTSUP;
	}
	*err = '\0';
	for (int i = 0; i < n; i++) {
		/* one that is silent leaves the others their share of the time */
		const uint64_t now = now_ns(), left = end_ns > now ? end_ns - now : 0;
		int r = ask(&to[i], tls, now + left / (uint64_t)(n - i));

		if (!r) {
			*err = '\0';
			return 0;
		}
		tell(&to[i], r, err, err_size);
		if (!ret || r == -EPROTO)
			ret = r;
	}
	return ret;
}
