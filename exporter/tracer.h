/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The BPF programs, from the object in the binary to attached: which of the ways to attach this
 * kernel gets. Belongs to source_bpf.c, which reads what they count; tracer_maps.c has the maps.
 *
 * The ways, best first (enum attach): the programs on the typed raw tracepoints, with CO-RE and
 * task storage (Linux 5.13 and newer with BTF), one pair or, from 7.2 on, copies; the same on the
 * classic tracepoints; an object without CO-RE on raw tracepoints for every other kernel from 5.8.
 */
#ifndef TRACER_H
#define TRACER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ior.h"
#include "source.h"

struct bpf_object;
struct bpf_link;

#define TRACER_LINKS SOURCE_PROGRAMS

struct tracer {
	struct bpf_object *object;
	struct bpf_link *links[TRACER_LINKS];
	size_t links_n;
	enum attach attach; /* what was chosen; never ATTACH_AUTO */
	unsigned int copies;
	bool claims;	      /* they are copies that claim passes, be it only one */
	bool preempts_others; /* the kernel preempts programs beside the copies (7.0 and newer) */
	uint32_t seats;	      /* of threads, where there are any */
	bool skipping_kernel; /* it keeps preempted programs from other tasks (7.2 and newer) */
	struct ior_settings settings;
};

/* Opens, sizes and loads the programs of the best way that this kernel has, or of the one that is
 * asked for; `hierarchy` (enum ior_hierarchy) tells cgroups. Returns 0, or -errno with *err; *ret
 * is to be closed in any case. */
int tracer_load(const struct source_bpf_options *options, unsigned int hierarchy,
		struct tracer *ret, struct source_error *err);

/* Attaches them: what returns before what enters, so that no call is seen by half. Returns 0 or
 * -errno. */
int tracer_attach(struct tracer *tracer);

/* Detaches and unloads; a zeroed tracer is fine. */
void tracer_close(struct tracer *tracer);

/* Names of the attached programs, in no order. Returns how many, at most TRACER_LINKS. */
size_t tracer_programs(const struct tracer *tracer, const char *ret[TRACER_LINKS]);

/* The program whose misses tell how many passes the kernel kept from the first copy. */
#define TRACER_FIRST_EXIT "sys_exit_0"

/* Names of the ways, as --attach and ior_attach_info have them; ATTACH_AUTO is "auto". */
extern const char *const attach_names[];

/* Writes what failed, and what helps against error r here. Returns r. */
int tracer_failed(int r, const char *operation, struct source_error *err);

#endif
