/* SPDX-License-Identifier: Apache-2.0 */
#include "conns.h"

#include <netinet/in.h>
#include <string.h>

/* While places are short, how often to look for who has become slow. */
#define LOOK_NS 250000000ull

void conns_init(struct conns *conns, const struct conns_ops *ops, size_t limit, size_t scrapes_max)
{
	memset(conns, 0, sizeof(*conns));
	conns->ops = ops;
	conns->limit = limit < CONNS_MAX ? limit : CONNS_MAX;
	/* most of it, for behind one address there may be many scrapers; but never all */
	conns->client_limit = conns->limit - conns->limit / 5;
	conns->scrapes_max = scrapes_max;
}

/* The same number is the same client. Whoever has an IPv6 address has 2^64 of them. */
static uint64_t client_of(const struct sockaddr *address)
{
	const struct sockaddr_in6 *in6 = (const void *)address;
	const struct sockaddr_in *in = (const void *)address;
	uint64_t ret = 0;
	uint32_t v4;

	if (address && address->sa_family == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
		memcpy(&ret, &in6->sin6_addr, sizeof(ret));
	} else if (address && address->sa_family == AF_INET6) {
		memcpy(&v4, &in6->sin6_addr.s6_addr[12], sizeof(v4));
		ret = UINT64_MAX - v4; /* no network of IPv6: multicast */
	} else if (address && address->sa_family == AF_INET) {
		ret = UINT64_MAX - in->sin_addr.s_addr;
	}
	return ret;
}

static bool is_live(const struct conn *conn)
{
	return conn->phase != CONN_FREE && conn->phase != CONN_ENDED;
}

static void end(struct conns *conns, struct conn *conn)
{
	const bool in_answer = conn->phase == CONN_ANSWER;

	conn->phase = CONN_ENDED;
	conns->ops->end(conns->ops->arg, conn->fd, in_answer);
}

/* The server is done with the answer, and the client has it. */
static bool is_taken(const struct conns *conns, const struct conn *conn)
{
	return conn->sent && !conns->ops->unsent(conns->ops->arg, conn->fd);
}

/* How long an answer has been going out beyond what a client that reads has needed; 0: it is none
 * that is slow. */
static uint64_t slow_ns(const struct conns *conns, const struct conn *conn, uint64_t now_ns)
{
	uint64_t taken, allowed_ns, lasted_ns = now_ns - conn->since_ns;

	if (conn->phase != CONN_ANSWER || lasted_ns <= CONNS_SLOW_NS || is_taken(conns, conn))
		return 0;
	taken = conns->ops->taken(conns->ops->arg, conn->fd);
	taken = taken > conn->taken ? taken - conn->taken : 0;
	allowed_ns = CONNS_SLOW_NS + taken * 1000000000 / CONNS_SLOW_BYTES_PER_SECOND;
	return lasted_ns > allowed_ns ? lasted_ns - allowed_ns : 0;
}

/* How much speaks for ending it; 0: nothing does. First goes who does not send its headers, then
 * who does not read its answer, then who has nothing to do now, then who has just come. */
static unsigned int reason_to_end(const struct conns *conns, const struct conn *conn,
				  uint64_t now_ns)
{
	switch (conn->phase) {
	case CONN_HEAD:
		return now_ns - conn->since_ns >= CONNS_HASTE_NS ? 4 : 1;
	case CONN_ANSWER:
		return slow_ns(conns, conn, now_ns) ? 3 : 0;
	case CONN_IDLE:
		return 2;
	case CONN_FREE:
	case CONN_ENDED:
		break;
	}
	return 0;
}

/* Makes room: of one client, or of anybody; among equals the oldest goes. False: nobody is to. */
static bool end_one(struct conns *conns, const uint64_t *client, uint64_t now_ns)
{
	struct conn *worst = NULL;
	unsigned int most = 0;

	for (size_t i = 0; i < CONNS_ENTRIES; i++) {
		struct conn *conn = &conns->conn[i];
		unsigned int reason;

		if (!is_live(conn) || (client && conn->client != *client))
			continue;
		reason = reason_to_end(conns, conn, now_ns);
		if (reason > most ||
		    (worst && reason == most && conn->since_ns < worst->since_ns)) {
			most = reason;
			worst = conn;
		}
	}
	if (worst)
		end(conns, worst);
	return worst;
}

struct conn *conns_add(struct conns *conns, int fd, const struct sockaddr *address, uint64_t now_ns)
{
	const uint64_t client = client_of(address);
	size_t live = 0, of_client = 0;
	struct conn *ret = NULL;

	for (size_t i = 0; i < CONNS_ENTRIES; i++) {
		struct conn *conn = &conns->conn[i];

		if (is_live(conn)) {
			live++;
			of_client += conn->client == client;
		} else if (!ret && conn->phase == CONN_FREE) {
			ret = conn;
		}
	}
	if (!ret)
		return NULL;
	if (of_client >= conns->client_limit) {
		if (!end_one(conns, &client, now_ns))
			return NULL;
	} else if (live >= conns->limit && !end_one(conns, NULL, now_ns)) {
		return NULL;
	}
	*ret = (struct conn){
		.fd = fd,
		.phase = CONN_HEAD,
		.since_ns = now_ns,
		.deadline_ns = now_ns + CONNS_HEAD_NS,
		.client = client,
	};
	return ret;
}

void conns_remove(struct conn *conn)
{
	conn->phase = CONN_FREE;
}

static void begin(struct conn *conn, enum conn_phase phase, uint64_t now_ns, uint64_t lasts_ns)
{
	if (!is_live(conn))
		return;
	conn->phase = phase;
	conn->scrape = conn->sent = false;
	conn->since_ns = now_ns;
	conn->deadline_ns = now_ns + lasts_ns;
}

void conns_head(struct conn *conn, uint64_t now_ns)
{
	if (conn->phase != CONN_HEAD)
		begin(conn, CONN_HEAD, now_ns, CONNS_HEAD_NS);
}

void conns_idle(struct conns *conns, struct conn *conn, uint64_t now_ns)
{
	conn->scrape = false;
	conn->sent = conn->phase == CONN_ANSWER && conns->ops->unsent(conns->ops->arg, conn->fd);
	if (!conn->sent)
		begin(conn, CONN_IDLE, now_ns, CONNS_IDLE_NS);
}

void conns_answer(struct conns *conns, struct conn *conn, uint64_t timeout_ns, uint64_t now_ns)
{
	if (timeout_ns > CONNS_ANSWER_NS)
		timeout_ns = CONNS_ANSWER_NS;
	if (timeout_ns < CONNS_ANSWER_MIN_NS)
		timeout_ns = CONNS_ANSWER_MIN_NS;
	begin(conn, CONN_ANSWER, now_ns, timeout_ns);
	conn->taken = conns->ops->taken(conns->ops->arg, conn->fd);
}

/* Scrapes under way; the slowest of those that are slow, or NULL; and whether it is crowded. */
static size_t count_scrapes(struct conns *conns, uint64_t now_ns, struct conn **slowest)
{
	size_t scrapes = 0, answers = 0;
	uint64_t most_ns = 0;

	*slowest = NULL;
	for (size_t i = 0; i < CONNS_ENTRIES; i++) {
		struct conn *conn = &conns->conn[i];
		uint64_t ns;

		if (conn->phase != CONN_ANSWER)
			continue;
		answers += conn->scrape || conn->sent;
		if (!conn->scrape)
			continue;
		scrapes++;
		ns = slow_ns(conns, conn, now_ns);
		if (ns > most_ns) {
			most_ns = ns;
			*slowest = conn;
		}
	}
	conns->crowded = conns->scrapes_max && answers > conns->scrapes_max / 2;
	return scrapes;
}

bool conns_admit_scrape(struct conns *conns, struct conn *conn, uint64_t now_ns)
{
	struct conn *slowest;

	if (count_scrapes(conns, now_ns, &slowest) >= conns->scrapes_max && conns->scrapes_max) {
		if (!slowest)
			return false;
		end(conns, slowest);
	}
	conn->scrape = conn->phase == CONN_ANSWER;
	return true;
}

void conns_end_slow(struct conns *conns, uint64_t now_ns)
{
	for (size_t i = 0; i < CONNS_ENTRIES; i++)
		if (slow_ns(conns, &conns->conn[i], now_ns))
			end(conns, &conns->conn[i]);
}

static void end_overdue(struct conns *conns, struct conn *conn, uint64_t now_ns)
{
	if (is_taken(conns, conn))
		begin(conn, CONN_IDLE, now_ns, CONNS_IDLE_NS);
	else
		end(conns, conn);
}

uint64_t conns_reap(struct conns *conns, uint64_t now_ns)
{
	uint64_t next_ns = UINT64_MAX;
	struct conn *slowest;

	/* before the last place is taken: who then comes is not refused */
	(void)count_scrapes(conns, now_ns, &slowest);
	if (conns->crowded) {
		conns_end_slow(conns, now_ns);
		next_ns = now_ns + LOOK_NS;
	}
	for (size_t i = 0; i < CONNS_ENTRIES; i++) {
		struct conn *conn = &conns->conn[i];

		if (is_live(conn) && conn->deadline_ns <= now_ns)
			end_overdue(conns, conn, now_ns);
		if (is_live(conn) && conn->deadline_ns < next_ns)
			next_ns = conn->deadline_ns;
	}
	return next_ns;
}
