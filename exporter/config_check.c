/* SPDX-License-Identifier: Apache-2.0 */
/* What no single flag can see, and what is derived from them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "listen.h"

#define fail(...) ((void)snprintf(err, err_size, __VA_ARGS__), -EINVAL)

/* Not given, it is not what a dump has to be by. */
static int check_by(struct config *config, char *err, size_t err_size)
{
	char what[256];

	config->by = BY_COMM;
	if (config->by_list && by_parse(config->by_list, &config->by, what, sizeof(what)) < 0)
		return fail("--by: %s", what);
	return 0;
}

int config_check(struct config *config, char *err, size_t err_size)
{
	const struct selection_lists lists = {
		config->trace_families,	   config->trace_kinds,	   config->trace_syscalls,
		config->no_trace_families, config->no_trace_kinds, config->no_trace_syscalls,
	};
	const struct filter_lists filters = {
		&config->filter_pids,  &config->filter_tids,	&config->filter_uids,
		&config->filter_comms, &config->filter_cgroups,
	};
	int modes = (config->once != ONCE_NO) + config->dump + config->check + config->probe +
		    config->list + config->version + config->help;
	int r;

	if (config->help || config->version)
		return 0;
	if (modes > 1)
		return fail("--once, --dump, --check, --probe and --list exclude each other");
	if (!config->listen_addresses.n)
		return fail("--web.listen-address: names no address");
	for (size_t i = 0; i < config->listen_addresses.n; i++)
		if (listen_check(config->listen_addresses.item[i], err, err_size) < 0)
			return -EINVAL;
	if (config->fold.idle_ns && config->fold.idle_ns < config->fold.linger_ns)
		return fail("--series.idle: is below --series.linger");
	if (config->replay && config->filter_pids.n + config->filter_tids.n +
				      config->filter_uids.n + config->filter_comms.n +
				      config->filter_cgroups.n)
		return fail("--filter.*: decides what the kernel counts, a dump (--replay) is "
			    "counted already");
	if (config->telemetry_path[0] != '/')
		return fail("--web.telemetry-path: '%s' does not begin with /",
			    config->telemetry_path);
	if (config->telemetry_path[strcspn(config->telemetry_path, "?#% ")])
		return fail("--web.telemetry-path: '%s' has a character that ends a path",
			    config->telemetry_path);
	if (!strcmp(config->telemetry_path, "/") || !strncmp(config->telemetry_path, "/-/", 3) ||
	    !strcmp(config->telemetry_path, "/healthz"))
		return fail("--web.telemetry-path: '%s' is another page's path",
			    config->telemetry_path);
	if (bounds_choose(config->buckets_min_ns, config->buckets_max_ns,
			  (unsigned int)config->buckets_step, &config->bounds) < 0)
		return fail("--buckets.min: is above --buckets.max");
	config->shows_bpf = config->collect_bpf && !config->disable_exporter_metrics;
	config->shows_process = config->collect_process && !config->disable_exporter_metrics;
	r = check_by(config, err, err_size);
	r = r ?: filter_parse(&filters, &config->filter, err, err_size);
	r = r ?: rewrites_parse(&config->comm_rewrites, &config->rewrites, err, err_size);
	if (r < 0)
		return r;
	return selection_parse(&lists, &config->selection, err, err_size);
}
