/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One loaded copy of a design: attached for a visit and detached again, many times.
 */
#ifndef BENCH_TRACER_H
#define BENCH_TRACER_H

struct bpf_object;
struct bpf_link;

enum design {
	DESIGN_NONE,
	DESIGN_EMPTY,
	DESIGN_FLOOR,
	DESIGN_OURS,
	DESIGN_UNSELECTED,
	DESIGN_USUAL
};

#define TRACER_LINKS 3
struct tracer {
	struct bpf_object *object;
	struct bpf_link *links[TRACER_LINKS];
};

/* path: another build of the exporter's object, NULL for its own. Return 0 or -errno. */
int tracer_load(struct tracer *tracer, enum design design, const char *path);
int tracer_attach(struct tracer *tracer, enum design design);
void tracer_detach(struct tracer *tracer);
void tracer_unload(struct tracer *tracer);

/* BPF programs on the machine that sit, by a raw tracepoint, at either end of system calls, beside
 * the attached tracer's. */
unsigned int tracer_others(const struct tracer *tracer);

#endif
