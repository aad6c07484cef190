/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is connected, since when, and who has to go. libmicrohttpd only ends who says nothing: a
 * client that sends or reads a byte a second has its connection for ever. Here every phase of a
 * connection has an end that no byte moves, and when all places are taken the one that deserves its
 * place least makes room.
 *
 * A table of plain values: time comes with each call, and sockets are known by their number alone;
 * guard.h has the lock, the clock and the sockets.
 */
#ifndef CONNS_H
#define CONNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* From the connection, and from the first line of a further request, to the end of the headers. */
#define CONNS_HEAD_NS 10000000000ull
/* Of an answer, unless its scraper says that it waits less; which would not be less than a second.
 */
#define CONNS_ANSWER_NS 60000000000ull
#define CONNS_ANSWER_MIN_NS 1000000000ull
/* From an answer to the first line of the next request: above the usual scrape interval of a
 * minute.
 */
#define CONNS_IDLE_NS 75000000000ull
/* Where places are short, an answer that goes out slower than this gives its place up; at first the
 * client has a time to begin. */
#define CONNS_SLOW_NS 2000000000ull
#define CONNS_SLOW_BYTES_PER_SECOND (64u << 10)
/* And who has not even sent its headers, when it had a second for them. */
#define CONNS_HASTE_NS 1000000000ull

#define CONNS_MAX 640
/* Those that are ended and not yet closed have no place, but an entry. */
#define CONNS_ENTRIES 1280

enum conn_phase {
	CONN_FREE,
	CONN_HEAD,   /* its request is not there yet */
	CONN_ANSWER, /* its request is, and its answer is on the way */
	CONN_IDLE,   /* between an answer and a further request */
	CONN_ENDED,  /* its socket is shut down, and about to be closed */
};

struct conn {
	int fd;
	enum conn_phase phase;
	bool scrape;	      /* CONN_ANSWER: its answer is a page of metrics ... */
	bool sent;	      /* ... or is the kernel's to send, and no scrape any more */
	uint64_t since_ns;    /* the phase began */
	uint64_t deadline_ns; /* and is over */
	uint64_t taken;	      /* CONN_ANSWER: bytes that the client had taken at its begin */
	uint64_t client;      /* an address is one client; so is an IPv6 network (/64) */
};

struct conns_ops {
	/* Makes the server close the connection soon; its client may have some of an answer yet to
	 * take, which it then does not get. */
	void (*end)(void *arg, int fd, bool in_answer);
	/* Bytes that the client has taken so far, of all that was sent to it. */
	uint64_t (*taken)(void *arg, int fd);
	/* Is there much that the client has not taken yet? */
	bool (*unsent)(void *arg, int fd);
	void *arg;
};

struct conns {
	const struct conns_ops *ops;
	size_t limit;	     /* places, at most CONNS_MAX */
	size_t client_limit; /* of them for one client */
	size_t scrapes_max;  /* scrapes under way at a time; 0: no limit */
	bool crowded;	     /* there are answers for more than half of them */
	struct conn conn[CONNS_ENTRIES];
};

/* No limit is 0; ops is borrowed. */
void conns_init(struct conns *conns, const struct conns_ops *ops, size_t limit, size_t scrapes_max);

/* A new connection; address may be of any family. If there is no place for it, ends another one:
 * of its own client, if that has more than its share, else of anybody. NULL: all that are connected
 * deserve their place more; the caller ends the new one. */
struct conn *conns_add(struct conns *conns, int fd, const struct sockaddr *address,
		       uint64_t now_ns);

/* It is closed. */
void conns_remove(struct conn *conn);

/* The next phase; one that was ended stays so, and the first request's head began with the
 * connection. */
void conns_head(struct conn *conn, uint64_t now_ns);
/* The server has nothing more to send; what the kernel has, of megabytes, is still its answer. */
void conns_idle(struct conns *conns, struct conn *conn, uint64_t now_ns);
/* The client waits timeout_ns for its answer; UINT64_MAX: it did not say. */
void conns_answer(struct conns *conns, struct conn *conn, uint64_t timeout_ns, uint64_t now_ns);

/* May this answer be a page of metrics? If as many as may be are under way, and slow, the slowest
 * is ended for it. */
bool conns_admit_scrape(struct conns *conns, struct conn *conn, uint64_t now_ns);

/* Ends every answer that goes out slowly. */
void conns_end_slow(struct conns *conns, uint64_t now_ns);

/* Ends what is overdue. Returns when to look again at the latest: monotonic; UINT64_MAX: when
 * something changes. */
uint64_t conns_reap(struct conns *conns, uint64_t now_ns);

#endif
