/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One loaded copy of a design: attached for a visit and detached again, many times.
 */
#ifndef BENCH_DESIGN_H
#define BENCH_DESIGN_H

struct bpf_object;
struct bpf_link;

enum design {
	DESIGN_NONE,
	DESIGN_EMPTY,
	DESIGN_FLOOR,
	DESIGN_OURS,
	DESIGN_UNSELECTED,
	DESIGN_OUT_PID, /* ours with a filter that nobody passes */
	DESIGN_OUT_UID,
	DESIGN_OUT_COMM,
	DESIGN_OUT_CGROUP,
	DESIGN_IN,	/* ours with filters that everybody passes */
	DESIGN_BY_BOTH, /* ours with another --by */
	DESIGN_BY_CONTAINER,
	DESIGN_BY_NONE,
	DESIGN_USUAL,
	DESIGN_SHARED, /* ours where CPUs share rows */
	DESIGN_COPY,   /* one pair that claims */
	DESIGN_COPIES_2,
	DESIGN_COPIES_4,
};

#define DESIGN_LINKS 9
struct loaded {
	struct bpf_object *object;
	struct bpf_link *links[DESIGN_LINKS];
};

/* path: another build of the exporter's object, NULL for its own. Return 0 or -errno. */
int design_load(struct loaded *loaded, enum design design, const char *path);
int design_attach(struct loaded *loaded, enum design design);
void design_detach(struct loaded *loaded);
void design_unload(struct loaded *loaded);

/* BPF programs on the machine that sit, by a raw tracepoint, at either end of system calls, beside
 * the attached tracer's. */
unsigned int design_others(const struct loaded *loaded);

#endif
