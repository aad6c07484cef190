/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Other programs that trace system calls: started, waited for until they trace, and ended.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <stddef.h>
#include <sys/types.h>

enum peer { PEER_SYSCOUNT, PEER_BPFTRACE, PEERS };

const char *peer_name(enum peer peer);

/* Starts the program and returns 0 when its programs sit at both ends of system calls. Else it is
 * ended again, *why (of size bytes) says what it said, and -errno is returned. */
int peer_start(enum peer peer, pid_t *ret, char *why, size_t size);
void peer_stop(pid_t pid);

#endif
