/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures what the exporter adds to a system call, against the least that any program that
 * measures latency must add, against the usual design, and against other tools.
 *
 * usage: overhead [-r ROUNDS] [-s SEED] [-x OBJECT]...
 *
 * With -x it measures nothing but other builds of the BPF object beside the exporter's, to judge a
 * change: it is worth it if it gains more than the copies of one build differ.
 */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "contest.h"
#include "row.h"

enum { NONE, EMPTY, FLOOR, OURS, UNSELECTED, USUAL, SYSCOUNT, BPFTRACE, FIXED };

#define OTHERS_MAX 8 /* -x */

static struct contender contenders[FIXED + OTHERS_MAX] = {
	[NONE] = { .name = "none", .design = DESIGN_NONE, .all_works = true },
	[EMPTY] = { .name = "empty", .design = DESIGN_EMPTY },
	[FLOOR] = { .name = "floor", .design = DESIGN_FLOOR, .all_works = true },
	[OURS] = { .name = "ours", .design = DESIGN_OURS, .all_works = true },
	[UNSELECTED] = { .name = "not selected", .design = DESIGN_UNSELECTED },
	[USUAL] = { .name = "usual design", .design = DESIGN_USUAL },
	[SYSCOUNT] = { .is_peer = true, .peer = PEER_SYSCOUNT },
	[BPFTRACE] = { .is_peer = true, .peer = PEER_BPFTRACE },
};

static const enum work limited[] = { WORK_GETPPID, WORK_READ, WORK_GETPPID_2CPUS };
#define LIMITED (sizeof(limited) / sizeof(limited[0]))

/* Nanoseconds that a contender adds to a call. */
static bool added(int who, enum work work, struct estimate *ret)
{
	struct estimate none;

	if (!contest_estimate(&contenders[NONE], work, &none) ||
	    !contest_estimate(&contenders[who], work, ret))
		return false;
	ret->ns -= none.ns;
	ret->min -= none.ns;
	ret->max -= none.ns;
	return true;
}

/* At most the larger one of base * factor and base + ns; ns < 0: at most base * factor, and less
 * than that if factor is 1. */
struct limit {
	const char *title;
	int who, base;
	double factor, ns, goal;
};

static void row_compare(const struct limit *limit, enum work work)
{
	const char *title = text("%s, %s", limit->title, work_name(work));
	const char *base_name = contenders[limit->base].name;
	struct estimate our, base;
	const char *bound;
	double most;

	if (!work_possible(work)) {
		row_print(title, "one CPU only", "", SKIP);
		return;
	}
	if (!added(limit->who, work, &our) || !added(limit->base, work, &base)) {
		const char *why = contenders[limit->base].why;

		row_print(title, *why ? why : "no undisturbed sample", "",
			  contenders[limit->base].is_peer ? SKIP : FAIL);
		return;
	}
	most = base.ns * limit->factor;
	bound = text("%.2f x", limit->factor);
	if (limit->ns >= 0) {
		most = fmax(most, base.ns + limit->ns);
		bound = text("%.2f x or +%.0f ns", limit->factor, limit->ns);
	}
	if (limit->goal > 0)
		bound = text("%s (goal %.2f)", bound, limit->goal);
	row_print(title,
		  text("%.0f [%.0f..%.0f] ns, %s %.0f [%.0f..%.0f]: %.2f x", our.ns, our.min,
		       our.max, base_name, base.ns, base.min, base.max, our.ns / base.ns),
		  text("%.0f ns: %s", most, bound), our.ns < most ? PASS : FAIL);
}

static const struct limit limits[] = {
	{ "added to a call", OURS, FLOOR, 1.35, 80, 1.15 },
	{ "added if not selected", UNSELECTED, EMPTY, 1.15, 30, 0 },
	{ "against the usual design", OURS, USUAL, 0.75, -1, 0 },
	{ "against syscount-bpfcc -L", OURS, SYSCOUNT, 1, -1, 0 },
	{ "against bpftrace", OURS, BPFTRACE, 1, -1, 0 },
};

static void row_inform(const char *title, int who, enum work work)
{
	struct estimate our, floor, none;

	if (!added(who, work, &our) || !added(FLOOR, work, &floor) ||
	    !contest_estimate(&contenders[NONE], work, &none))
		return;
	row_print(text("%s, %s", title, work_name(work)),
		  text("%.0f [%.0f..%.0f] ns, floor %.0f [%.0f..%.0f]: %.2f x", our.ns, our.min,
		       our.max, floor.ns, floor.min, floor.max, our.ns / floor.ns),
		  text("(untraced %.0f ns)", none.ns), INFO);
}

static void report_builds(const struct contest *contest)
{
	for (enum work work = 0; work < WORKS; work++) {
		row_inform("ours", OURS, work);
		for (size_t c = FIXED; c < contest->nr; c++)
			row_inform(contenders[c].name, (int)c, work);
	}
}

static void report(const struct contest *contest, unsigned int seed)
{
	if (contest->nr > FIXED) {
		report_builds(contest);
	} else {
		for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
			for (size_t w = 0; w < LIMITED; w++)
				row_compare(&limits[i], limited[w]);
		for (enum work work = WORK_RENAME; work < WORKS; work++)
			row_inform("added to a call", OURS, work);
	}
	printf("# Added nanoseconds a call (enter and exit): %d copies of each design, %u rounds in"
	       " shuffled order, seed %u;\n"
	       "# a copy's value is the 10th percentile of its samples of thread CPU time less that"
	       " of no program;\n"
	       "# shown: the copies' median [least..most].\n",
	       COPIES, contest->rounds, seed);
	for (size_t w = 0; w < LIMITED; w++) {
		struct estimate none;

		if (contest_estimate(&contenders[NONE], limited[w], &none))
			printf("# Untraced %s: %.0f [%.0f..%.0f] ns.\n", work_name(limited[w]),
			       none.ns, none.min, none.max);
	}
	if (contest->disturbed)
		printf("# %u of %u visits were thrown away, since others traced system calls.\n",
		       contest->disturbed, contest->visits);
}

static unsigned int number(const char *arg)
{
	char *end;
	unsigned long value = strtoul(arg, &end, 10);

	if (*end || !value || value > 100000) {
		fprintf(stderr, "overhead: not a number from 1 to 100000: %s\n", arg);
		exit(2);
	}
	return (unsigned int)value;
}

static int print_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, format, args) : 0;
}

static int run(struct contest *contest)
{
	unsigned int seed = contest->seed;
	int r = work_open();

	if (r) {
		fprintf(stderr, "overhead: cannot start the workloads: %s\n", strerror(-r));
		return r;
	}
	r = contest_open(contest);
	for (size_t c = 0; r && c < contest->nr; c++)
		if (contenders[c].why[0])
			fprintf(stderr, "overhead: %s: %s\n", contenders[c].name,
				contenders[c].why);
	if (!r)
		r = contest_run(contest);
	if (!r)
		report(contest, seed);
	return r;
}

int main(int argc, char **argv)
{
	struct contest contest = { contenders, FIXED, 20, 1, 0, 0 };
	int option, r;

	while ((option = getopt(argc, argv, "r:s:x:")) != -1) {
		if (option == 'r') {
			contest.rounds = number(optarg);
		} else if (option == 's') {
			contest.seed = number(optarg);
		} else if (option == 'x' && contest.nr < FIXED + OTHERS_MAX) {
			contenders[contest.nr++] = (struct contender){ .name = optarg,
								       .design = DESIGN_OURS,
								       .path = optarg,
								       .all_works = true };
		} else {
			fputs("usage: overhead [-r ROUNDS] [-s SEED] [-x OBJECT]...\n", stderr);
			return 2;
		}
	}
	for (int c = 0; contest.nr > FIXED && c < FIXED; c++)
		if (c != NONE && c != FLOOR && c != OURS)
			snprintf(contenders[c].why, sizeof(contenders[c].why), "left out");
	contenders[SYSCOUNT].name = peer_name(PEER_SYSCOUNT);
	contenders[BPFTRACE].name = peer_name(PEER_BPFTRACE);
	libbpf_set_print(print_libbpf);
	r = run(&contest);
	contest_close(&contest);
	work_close();
	return r ? 1 : 0;
}
