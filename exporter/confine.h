/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the exporter gives up which rights, and what it says of that in the log. Beside serve, above
 * sandbox, opener and http.
 *
 * Sockets are bound first. What serves them begins before the kernel is attached to, so that a
 * scrape learns that it is not yet: its threads are born without rights. The main thread needs its
 * own until then, and gives them up before anything of the kernel's is shown; seccomp comes then
 * too, for all threads at once.
 */
#ifndef CONFINE_H
#define CONFINE_H

#include "config.h"
#include "http.h"

/* http_start() by a thread that has given its rights up, so that its threads have none; before it,
 * the opener is started if a reload will need it. Returns as http_start() does. */
int confine_http_start(struct app *app, struct listeners *listeners, struct web *web,
		       struct http **ret, char *err, size_t err_size);

/* The rights of the main thread and seccomp, and a line of the log on what was given up and a
 * warning for each that could not be. Returns 0, or -errno with a line in err. */
int confine_process(const struct config *config, unsigned int copies, char *err, size_t err_size);

#endif
