/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of calls as a program for seccomp(2).
 *
 * A call that is not on it fails: with EPERM if it was known when this was written, with ENOSYS if
 * it is newer (or clone3), for then it is the C library that tries it and has another way. Neither
 * ends the process: a C library that comes to need another call must not end every exporter of a
 * fleet at once. Calls of another architecture do: nothing of ours makes them.
 */
#ifndef SANDBOX_FILTER_H
#define SANDBOX_FILTER_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox_calls.h"

#define SANDBOX_FILTER_MAX 512

/* Writes the program: those of the n calls that have no need or one of these. own_pid is what
 * SANDBOX_OWN_PID is tested for. Returns its length, or 0 if it does not fit. */
size_t sandbox_filter_build(const struct sandbox_call *calls, size_t n, unsigned int needs,
			    uint32_t own_pid, struct sock_filter ret[SANDBOX_FILTER_MAX]);

/* Puts it on all threads of the process, which must have no_new_privs. Returns 0 or -errno. */
int sandbox_filter_install(const struct sandbox_call *calls, size_t n, unsigned int needs);

#endif
