/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a service manager hands to a service and wants to hear from it, without libsystemd:
 * listening sockets (sd_listen_fds(3)) and notifications (sd_notify(3)). Knows listen.h; nothing of
 * HTTP.
 */
#ifndef SYSTEMD_H
#define SYSTEMD_H

#include <stdint.h>

#include "clock.h"
#include "listen.h"

/* The first descriptor that a manager hands over. */
#define SYSTEMD_FIRST_FD 3

/* Takes over the sockets from descriptor first_fd on that LISTEN_FDS and LISTEN_PID tell of; each
 * must be a stream socket that listens. Returns 0, or -errno with one line in err and the sockets
 * as they were. */
int systemd_listen(int first_fd, struct listeners *ret, char *err, size_t err_size);

struct systemd {
	int fd;		      /* connected to the manager; -1: nobody wants to hear */
	uint64_t watchdog_ns; /* how often to say that all is well; UINT64_MAX: never */
	uint64_t alive_at_ns; /* when the next time is, monotonic */
	const struct clock *clock;
};

/* Connects to NOTIFY_SOCKET, a path or an abstract name (@), so that later no right to do so is
 * needed; and reads WATCHDOG_USEC and WATCHDOG_PID. Without NOTIFY_SOCKET all that follows does
 * nothing. Returns 0, or -errno with one line in err, and then too it does nothing. */
int systemd_open(struct systemd *ret, const struct clock *clock, char *err, size_t err_size);
void systemd_close(struct systemd *systemd);

/* The service is ready, with its state as a sentence; reads its configuration anew, and is ready
 * again; stops. What cannot be told is not. */
void systemd_ready(struct systemd *systemd, const char *status);
void systemd_reloading(struct systemd *systemd);
void systemd_stopping(struct systemd *systemd);

/* Says that all is well if it is time to. Returns how long until then, in nanoseconds. */
uint64_t systemd_alive(struct systemd *systemd);

#endif
