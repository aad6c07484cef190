/* SPDX-License-Identifier: Apache-2.0 */
/* From the command line to the one thing to do. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "ior.h"
#include "log.h"
#include "memory_need.h"
#include "preflight.h"
#include "probe.h"
#include "serve.h"
#include "signals.h"
#include "syscalls.h"
#include "version.h"
#include "web_config.h"

static int run_help(const struct config *config)
{
	(void)config;
	config_help(stdout);
	return 0;
}

static int run_version(const struct config *config)
{
	(void)config;
	version_print(stdout);
	return 0;
}

/* Tab-separated with a heading, for column(1), awk and spreadsheets. */
static int run_list(const struct config *config)
{
	static const char *const classes[] = { "none", "read", "write", "transfer" };

	printf("syscall\ttracepoint\tfamily\tkind\tbytes\tnr\tnoreturn\twait\ttraced\n");
	for (size_t i = 0; i < SYSCALLS; i++) {
		const struct syscall *call = &syscalls[i];

		if (call->nr >= IOR_NR_MAX)
			continue;
		printf("%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\n", call->name, call->tracepoint,
		       call->family, call->kind, classes[call->bytes], call->nr,
		       call->noreturn ? "yes" : "no", call->wait ? "yes" : "no",
		       call->nr >= 0 && config->selection.on[i] ? "yes" : "no");
	}
	return 0;
}

static int run_check(const struct config *config)
{
	const struct memory_sizes sizes = { (uint32_t)config->series_max, config->series_memory,
					    config->fold.top, config->by };
	int missing = preflight_print(stdout);
	char err[512];

	if (memory_need_check("", &sizes, err, sizeof(err)) < 0) {
		printf("missing  memory: %s\n", err);
		missing++;
	} else {
		printf("ok       memory\n");
	}
	return missing ? EXIT_FAILURE : 0;
}

static int run_probe(const struct config *config)
{
	struct web_files files = { .n = 0 };
	struct web_config web = { 0 };
	char err[1024];
	bool tls;
	int r = 0;

	if (config->web_config_file)
		r = web_config_load(config->web_config_file, &files, &web, err, sizeof(err));
	tls = web.tls.on;
	web_config_free(&web);
	web_files_free(&files);
	if (r < 0)
		return fatal_config(r, err);
	r = probe(&config->listen_addresses, tls, err, sizeof(err));
	return r < 0 ? fatal(err, NULL, NULL) : 0;
}

static bool is_to_serve(const struct config *config)
{
	return !config->help && !config->version && !config->list && !config->check &&
	       !config->probe && !config->dump && config->once == ONCE_NO;
}

static int run(const struct config *config, const struct invocation *invocation)
{
	if (!is_to_serve(config))
		signals_release_hangup();
	if (config->help)
		return run_help(config);
	if (config->version)
		return run_version(config);
	if (config->list)
		return run_list(config);
	if (config->check)
		return run_check(config);
	if (config->probe)
		return run_probe(config);
	signals_block();
	if (config->once != ONCE_NO || config->dump)
		return serve_once(config);
	return serve(config, invocation);
}

/* Names of IOR_ variables that set nothing; not their values. */
static void log_strangers(char *const env[])
{
	for (; *env; env++) {
		char name[64];

		if (!config_env_unknown(*env))
			continue;
		(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(*env, "="), *env);
		log_debug("environment variable of no flag", "variable", name);
	}
}

/* What was printed must have arrived: --help >/dev/full is a failure, and a --check that found
 * something missing but could not say what has two. What goes by write() tells of its own. */
static int finish(int status)
{
	int r = fflush(stdout) == EOF ? errno : 0;

	if (!r && !ferror(stdout))
		return status;
	(void)fatal("write to standard output", r ? strerror(r) : "not all of it", NULL);
	return status ? status : EXIT_FAILURE;
}

/* A descriptor that our caller closed would be the next one opened: the log would go to a client.
 * For reading only, so that writing there fails as before. */
static void fill_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null", O_RDONLY); /* the lowest free one: fd */
}

/* Each read makes and frees arrays of megabytes. glibc learns from that to take the next ones from
 * its heaps, where they leave holes: 8 MB become 12. With a threshold that is set it learns
 * nothing. */
static void keep_large_arrays_apart(void)
{
#ifdef M_MMAP_THRESHOLD
	(void)mallopt(M_MMAP_THRESHOLD, 128 << 10);
#endif
}

int main(int argc, char *argv[])
{
	const struct invocation invocation = { argc, argv, environ, signals_hold_hangup() };
	struct config config;
	char err[1024];
	int status, r;

	fill_standard_descriptors();
	keep_large_arrays_apart();
	r = config_parse(argc, argv, environ, &config, err, sizeof(err));
	if (r < 0) {
		status = fatal_config(r, err);
	} else {
		log_setup(config.log_level, config.log_format);
		log_strangers(environ);
		status = run(&config, &invocation);
	}
	config_free(&config);
	return finish(status);
}
