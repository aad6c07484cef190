/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "ior.skel.h"
#include "ior_raw.skel.h"
#include "kernel_offsets.h"
#include "kernel_symbol.h"
#include "log.h"
#include "preflight.h"
#include "tracer_maps.h"
#include "user_reads.h"

/* Kernels that have it run programs on system calls preemptible (7.2 and newer). */
#define SKIPPING_SYMBOL "trace_call_bpf_faultable"
#define COPIES_WHERE_SKIPPING 4

const char *const attach_names[] = {
	[ATTACH_AUTO] = "auto",
	[ATTACH_TP_BTF] = "tp_btf",
	[ATTACH_TRACEPOINT] = "tracepoint",
	[ATTACH_RAW_TP] = "raw_tp",
};

/* libbpf's messages are many and speak to its authors: ours say what happened, these help to find
 * out why. */
__attribute__((format(printf, 2, 0))) static int print_libbpf(enum libbpf_print_level level,
							      const char *fmt, va_list args)
{
	char text[512];
	size_t n;

	(void)level;
	(void)vsnprintf(text, sizeof(text), fmt, args);
	n = strlen(text);
	while (n && text[n - 1] == '\n')
		text[--n] = '\0';
	log_debug("libbpf", "text", text);
	return 0;
}

int tracer_failed(int r, const char *operation, struct source_error *err)
{
	(void)snprintf(err->operation, sizeof(err->operation), "%s", operation);
	preflight_remedy(r, err->remedy, sizeof(err->remedy));
	return r;
}

#ifdef __aarch64__
#define ARM64 true
#else
#define ARM64 false
#endif

/* ---- which programs ---- */

/* Of one copy. */
struct names {
	char enter[16], exit[16], end[16];
};

static void name_copy(const struct tracer *tracer, unsigned int copy, struct names *ret)
{
	const bool shared = tracer->settings.shards < (uint32_t)libbpf_num_possible_cpus();

	*ret = (struct names){ "sys_enter", "sys_exit", "process_exit" };
	if (tracer->attach == ATTACH_TRACEPOINT)
		*ret = (struct names){ "tp_enter", "tp_exit", "process_exit" };
	else if (tracer->attach == ATTACH_RAW_TP && !shared && !tracer->skipping_kernel)
		*ret = (struct names){ "raw_enter", "raw_exit", "process_exit" };
	else if (tracer->attach == ATTACH_RAW_TP)
		*ret = (struct names){ "raw_enter", "raw_exit_shared", "process_exit" };
	else if (tracer->attach == ATTACH_TP_BTF && tracer->claims)
		(void)(snprintf(ret->enter, sizeof(ret->enter), "sys_enter_%u", copy),
		       snprintf(ret->exit, sizeof(ret->exit), "sys_exit_%u", copy),
		       snprintf(ret->end, sizeof(ret->end), "process_exit_%u", copy));
	else if (tracer->attach == ATTACH_TP_BTF && shared)
		(void)snprintf(ret->exit, sizeof(ret->exit), "sys_exit_shared");
}

#define ENDS 4u

/* Is that one of the programs first_name, first_name_1 and so on, up to n of them? */
static bool is_of(const char *name, const char *first_name, unsigned int n)
{
	const size_t length = strlen(first_name);
	char *end;

	if (strncmp(name, first_name, length) != 0)
		return false;
	if (!name[length])
		return true;
	return name[length] == '_' && strtoul(name + length + 1, &end, 10) < n && !*end;
}

/* Programs that see a thread end, beside those of the copies; a program executed; and a signal
 * delivered. Kernels from 7.0 on preempt them, also those that do not preempt the others (until
 * 7.1), and keep a preempted one from other threads; so they are there ENDS times. (In the object
 * with task storage those of the first kind always are.) */
static bool is_beside(const struct tracer *tracer, const char *name)
{
	const unsigned int n = tracer->preempts_others ? ENDS : 1;

	for (unsigned int end = tracer->claims ? tracer->copies : 1; end < ENDS; end++) {
		char another[32];

		(void)snprintf(another, sizeof(another), "process_exit_%u", end);
		if (!strcmp(name, another))
			return tracer->attach != ATTACH_RAW_TP || tracer->preempts_others;
	}
	return is_of(name, "process_exec", n) || is_of(name, "on_signal", n);
}

static bool is_attached(const struct tracer *tracer, const char *name)
{
	for (unsigned int copy = 0; copy < tracer->copies; copy++) {
		struct names names;

		name_copy(tracer, copy, &names);
		if (!strcmp(name, names.enter) || !strcmp(name, names.exit) ||
		    !strcmp(name, names.end))
			return true;
	}
	return is_beside(tracer, name);
}

size_t tracer_programs(const struct tracer *tracer, const char *ret[TRACER_LINKS])
{
	struct bpf_program *program;
	size_t n = 0;

	bpf_object__for_each_program(program, tracer->object)
	{
		const char *name = bpf_program__name(program);

		if (is_attached(tracer, name) && n < TRACER_LINKS)
			ret[n++] = name;
	}
	return n;
}

/* Loads those that will be attached, and those that only run when they are asked to. */
static void choose_programs(const struct tracer *tracer)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, tracer->object)
	{
		const char *name = bpf_program__name(program);

		(void)bpf_program__set_autoload(program, is_attached(tracer, name) ||
								 !strcmp(name, "in_flight") ||
								 !strcmp(name, "whoami"));
	}
}

/* ---- one way ---- */

static int load_way(struct tracer *tracer, enum attach attach, uint32_t threads_max)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "ior_bpf");
	const bool raw = attach == ATTACH_RAW_TP;
	const void *bytes;
	size_t size;
	int r;

	tracer->attach = attach;
	if (attach != ATTACH_TP_BTF) {
		tracer->copies = 1;
		tracer->claims = false;
	}
	r = user_reads_register();
	if (r < 0)
		return r;
	if (raw)
		kernel_offsets_find(&tracer->settings);
	bytes = raw ? ior_raw_bpf__elf_bytes(&size) : ior_bpf__elf_bytes(&size);
	tracer->object = bpf_object__open_mem(bytes, size, &opts);
	if (!tracer->object)
		return errno > 0 ? -errno : -EINVAL;
	choose_programs(tracer);
	tracer->settings.seats = raw || tracer->claims ? 0 : tracer->seats;
	r = tracer_maps_size(tracer->object, &tracer->settings, raw ? threads_max : 0);
	r = r ?: user_reads_prepare(tracer->object);
	r = r ?: bpf_object__load(tracer->object);
	return r || !raw ? r : tracer_maps_fill(tracer->object, &tracer->settings);
}

/* Nothing else will do either without rights or memory. Any other error may be this way's own:
 * without BTF it is ESRCH, without task storage EINVAL, and the verifier of another kernel says
 * EACCES and E2BIG as well. */
static bool is_final(int r)
{
	return !r || r == -EPERM || r == -ENOMEM;
}

/* Before 6.4, task storage is allocated by kmalloc, which on PREEMPT_RT sleeps when it has to wait,
 * and programs on tracepoints must not: "scheduling while atomic", seen on 6.1-rt in a storm of
 * forks. From then on it comes from BPF's own allocator, which has this function. */
static bool task_storage_may_sleep(void)
{
	return access("/sys/kernel/realtime", F_OK) == 0 &&
	       !kernel_has_symbol("bpf_mem_cache_alloc_flags");
}

static void choose_copies(struct tracer *tracer, const struct source_bpf_options *options)
{
	tracer->skipping_kernel = kernel_has_symbol(SKIPPING_SYMBOL);
	tracer->copies = 1;
	if (options->attach != ATTACH_AUTO && options->attach != ATTACH_TP_BTF)
		return;
	tracer->claims = tracer->skipping_kernel || options->copies > 1;
	if (options->copies)
		tracer->copies = options->copies;
	else if (tracer->skipping_kernel)
		tracer->copies = COPIES_WHERE_SKIPPING;
}

int tracer_load(const struct source_bpf_options *options, unsigned int hierarchy,
		struct tracer *ret, struct source_error *err)
{
	struct utsname name;
	enum attach best;
	int first, r;

	*ret = (struct tracer){ .object = NULL };
	(void)libbpf_set_print(print_libbpf);
	r = tracer_maps_choose(options, &ret->settings);
	(void)uname(&name);
	ret->seats = ret->settings.seats;
	ret->settings.signal_flags = kernel_signal_flags(ARM64, name.release);
	ret->preempts_others = strtoul(name.release, NULL, 10) >= 7;
	ret->settings.hierarchy = hierarchy;
	if (r < 0)
		return tracer_failed(r, "size the BPF maps", err);
	choose_copies(ret, options);
	if (options->attach != ATTACH_AUTO) {
		r = load_way(ret, options->attach, options->threads_max);
		return r < 0 ? tracer_failed(r, "load the BPF programs", err) : 0;
	}
	best = task_storage_may_sleep() ? ATTACH_RAW_TP : ATTACH_TP_BTF;
	first = load_way(ret, best, options->threads_max);
	r = first;
	for (enum attach next = best + 1; !is_final(r) && next <= ATTACH_RAW_TP; next++) {
		log_debug("this way to attach does not work here", "mode",
			  attach_names[ret->attach], "err", strerror(-r));
		bpf_object__close(ret->object);
		ret->object = NULL;
		r = load_way(ret, next, options->threads_max);
	}
	if (!r)
		return 0;
	/* the best way's own reason, unless no way can be right */
	return tracer_failed(is_final(r) ? r : first, "load the BPF programs", err);
}

/* ---- attached ---- */

static int attach_program(struct tracer *tracer, const char *name)
{
	struct bpf_program *program = bpf_object__find_program_by_name(tracer->object, name);
	struct bpf_link *link;

	if (!program)
		return -ENOENT;
	link = bpf_program__attach(program);
	if (!link)
		return -errno;
	tracer->links[tracer->links_n++] = link;
	return 0;
}

int tracer_attach(struct tracer *tracer)
{
	struct bpf_program *program;
	struct names names;
	int r = 0;

	for (unsigned int copy = 0; !r && copy < tracer->copies; copy++) {
		name_copy(tracer, copy, &names);
		r = attach_program(tracer, names.exit);
		r = r ?: attach_program(tracer, names.end);
	}
	bpf_object__for_each_program(program, tracer->object)
	{
		const char *name = bpf_program__name(program);

		if (!r && is_beside(tracer, name))
			r = attach_program(tracer, name);
	}
	for (unsigned int copy = 0; !r && copy < tracer->copies; copy++) {
		name_copy(tracer, copy, &names);
		r = attach_program(tracer, names.enter);
	}
	return r;
}

void tracer_close(struct tracer *tracer)
{
	while (tracer->links_n)
		(void)bpf_link__destroy(tracer->links[--tracer->links_n]);
	bpf_object__close(tracer->object); /* NULL is fine */
	tracer->object = NULL;
}
