/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ends connections in time: the table of conns.h behind a lock, the clock, the sockets, and a
 * thread that sleeps until the next one is overdue. Knows sockets; nothing of HTTP.
 *
 * The caller says of each socket when its connection begins, and when it is about to be closed, but
 * before it is: what is ended is always a socket that is still open.
 */
#ifndef GUARD_H
#define GUARD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "clock.h"

struct guard;
struct conn;

/* For scrapes_max scrapes at a time (0: no limit), and as many connections as there are descriptors
 * for. NULL without memory or without another thread. */
struct guard *guard_start(const struct clock *clock, uint64_t scrapes_max);

/* When every connection is closed. NULL is fine. */
void guard_stop(struct guard *guard);

/* As many connections as it lets there be at a time. */
unsigned int guard_limit(const struct guard *guard);

/* A new connection. NULL: there is no place for it, and it is shut down. */
struct conn *guard_add(struct guard *guard, int fd, const struct sockaddr *address);

/* conn may be NULL in all that follow. */
void guard_remove(struct guard *guard, struct conn *conn);

/* A request's first line is there; its headers are, and the client waits timeout_ns (UINT64_MAX: it
 * did not say) for the answer; its answer is sent. */
void guard_head(struct guard *guard, struct conn *conn);
void guard_answer(struct guard *guard, struct conn *conn, uint64_t timeout_ns);
void guard_idle(struct guard *guard, struct conn *conn);

/* May the answer be a page of metrics? */
bool guard_admit_scrape(struct guard *guard, struct conn *conn);

/* Answers that clients do not read hold what is needed: ends those. */
void guard_end_slow(struct guard *guard);

#endif
