/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures what the exporter adds to a system call, against the least that any program that
 * measures latency must add, against the usual design, and against other tools.
 *
 * usage: overhead [-c SESSIONS] [-r ROUNDS] [-s SEED] [-x OBJECT]...
 *
 * With -x it measures nothing but other builds of the BPF object beside the exporter's, to judge a
 * change: it is worth it if it gains more than 25 ns, or the same again with another seed.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "contest.h"
#include "row.h"

/* Those that are held against each other take turns within seconds, for the machine's pace changes
 * by the minute: so there are two parts. The first has ours, as it comes, and what it is held
 * against; the second, in half as many sessions, the variants and the filters. */
enum {
	NONE,
	FLOOR,
	UNSELECTED,
	BOTH_PARTS,
	EMPTY = BOTH_PARTS,
	OURS,
	USUAL,
	SYSCOUNT,
	BPFTRACE,
	VARIANTS,
	SHARED = VARIANTS,
	COPY,
	COPIES_2,
	COPIES_4,
	OUT_PID,
	OUT_UID,
	OUT_COMM,
	OUT_CGROUP,
	IN,
	BY_BOTH,
	BY_CONTAINER,
	BY_NONE,
	FIXED
};

#define OTHERS_MAX 8 /* -x */

static struct contender contenders[FIXED + OTHERS_MAX] = {
	[NONE] = { .name = "none", .design = DESIGN_NONE, .all_works = true },
	[FLOOR] = { .name = "floor", .design = DESIGN_FLOOR, .all_works = true },
	[UNSELECTED] = { .name = "not selected", .design = DESIGN_UNSELECTED },
	[EMPTY] = { .name = "empty", .design = DESIGN_EMPTY },
	[OURS] = { .name = "ours", .design = DESIGN_OURS, .all_works = true },
	[USUAL] = { .name = "usual", .design = DESIGN_USUAL },
	[SYSCOUNT] = { .name = "syscount", .is_peer = true, .peer = PEER_SYSCOUNT },
	[BPFTRACE] = { .name = "bpftrace", .is_peer = true, .peer = PEER_BPFTRACE },
	[SHARED] = { .name = "ours, shared rows", .design = DESIGN_SHARED },
	[COPY] = { .name = "ours, 1 copy", .design = DESIGN_COPY },
	[COPIES_2] = { .name = "ours, 2 copies", .design = DESIGN_COPIES_2 },
	[COPIES_4] = { .name = "ours, 4 copies", .design = DESIGN_COPIES_4 },
	[OUT_PID] = { .name = "filtered out by pid", .design = DESIGN_OUT_PID },
	[OUT_UID] = { .name = "filtered out by uid", .design = DESIGN_OUT_UID },
	[OUT_COMM] = { .name = "filtered out by comm", .design = DESIGN_OUT_COMM },
	[OUT_CGROUP] = { .name = "filtered out by cgroup", .design = DESIGN_OUT_CGROUP },
	[IN] = { .name = "let in by uid and comm", .design = DESIGN_IN },
	[BY_BOTH] = { .name = "--by comm,container", .design = DESIGN_BY_BOTH },
	[BY_CONTAINER] = { .name = "--by container", .design = DESIGN_BY_CONTAINER },
	[BY_NONE] = { .name = "--by none", .design = DESIGN_BY_NONE },
};

static struct contest parts[2] = { { contenders, FIXED, 15, 5, 1, NULL } };

/* That the contender has its figures from. */
static const struct contest *contest_of(size_t who)
{
	return &parts[who >= VARIANTS && who < FIXED];
}

static const enum work limited[] = { WORK_GETPPID, WORK_READ, WORK_GETPPID_2CPUS };
#define LIMITED (sizeof(limited) / sizeof(limited[0]))

/* What `who` adds is at most the larger one of what `base` adds * factor, and that + ns; less than
 * it if there is nothing to multiply or add. */
struct limit {
	const char *title;
	size_t who, base;
	double factor, ns, goal;
};

static const struct limit limits[] = {
	{ "added to a call", OURS, FLOOR, 1.35, 80, 1.15 },
	{ "added if not selected", UNSELECTED, EMPTY, 1.15, 30, 0 },
	{ "filtered out by pid", OUT_PID, UNSELECTED, 0, 50, 0 },
	{ "filtered out by uid", OUT_UID, UNSELECTED, 0, 50, 0 },
	{ "filtered out by comm", OUT_COMM, UNSELECTED, 0, 50, 0 },
	{ "filtered out by cgroup", OUT_CGROUP, UNSELECTED, 0, 50, 0 },
	{ "against the usual design", OURS, USUAL, 0.75, 0, 0 },
	{ "against bcc's syscount -L", OURS, SYSCOUNT, 1, 0, 0 },
	{ "against bpftrace's hist()", OURS, BPFTRACE, 1, 0, 0 },
};

/* "318 ns, floor 270: 1.18 [1.15..1.21] x". False if there are no samples. */
static bool compare(size_t who, size_t base, enum work work, struct comparison *ret,
		    const char **ret_text)
{
	const struct contest *contest = contest_of(who);
	struct estimate our, theirs;

	if (!contest_estimate(contest, who, work, &our) ||
	    !contest_estimate(contest, base, work, &theirs) ||
	    !contest_compare(contest, who, base, work, ret))
		return false;
	*ret_text = text("%.0f ns, %s %.0f: %.2f [%.2f..%.2f] x, %+.0f ns", our.ns,
			 contenders[base].name, theirs.ns, ret->ratio, ret->low, ret->high,
			 ret->more_ns);
	return true;
}

static void row_missing(const char *title, const struct limit *limit, enum work work)
{
	const char *why = contest_why(contest_of(limit->who), limit->base);

	if (!work_possible(work))
		row_print(title, "there is one CPU only", "", SKIP);
	else
		row_print(title, *why ? why : "no sample: another tracer is running", "",
			  contenders[limit->base].is_peer ? SKIP : FAIL);
}

static void row_limit(const struct limit *limit, enum work work)
{
	const char *title = text("%s, %s", limit->title, work_name(work));
	const char *bound, *found;
	struct comparison got;

	if (!compare(limit->who, limit->base, work, &got, &found)) {
		row_missing(title, limit, work);
		return;
	}
	bound = limit->factor > 0 ? text("%.2f x", limit->factor) : "";
	if (limit->ns > 0)
		bound = text("%s%s+%.0f ns", bound, *bound ? " or " : "", limit->ns);
	if (limit->goal > 0)
		bound = text("%s, goal %.2f x", bound, limit->goal);
	row_print(title, found, bound,
		  got.ratio < limit->factor || (limit->ns > 0 && got.more_ns < limit->ns) ? PASS :
											    FAIL);
}

static void row_inform(const char *title, size_t who, enum work work)
{
	struct comparison got;
	struct estimate none;
	const char *found;

	if (!compare(who, FLOOR, work, &got, &found) ||
	    !contest_estimate(contest_of(who), NONE, work, &none))
		return;
	row_print(text("%s, %s", title, work_name(work)), found,
		  text("(untraced %.0f ns)", none.ns), INFO);
}

static void report_builds(void)
{
	for (enum work work = 0; work < WORKS; work++) {
		row_inform(contenders[OURS].name, OURS, work);
		for (size_t c = FIXED; c < parts[0].nr; c++)
			row_inform(contenders[c].name, c, work);
	}
}

static void report_limits(void)
{
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		for (size_t w = 0; w < LIMITED; w++)
			row_limit(&limits[i], limited[w]);
	for (size_t c = SHARED; c <= COPIES_4; c++)
		for (size_t w = 0; w < LIMITED; w++)
			row_inform(contenders[c].name, c, limited[w]);
	for (size_t c = IN; c <= BY_NONE; c++)
		for (size_t w = 0; w < LIMITED; w++)
			row_inform(contenders[c].name, c, limited[w]);
	for (enum work work = WORK_RENAME; work < WORKS; work++)
		row_inform("added to a call", OURS, work);
}

static void report_method(void)
{
	const struct contest *contest = &parts[0];
	unsigned int visits, disturbed = contest_disturbed(contest, &visits);

	if (parts[1].results) {
		unsigned int more;

		disturbed += contest_disturbed(&parts[1], &more);
		visits += more;
	}

	printf("# Nanoseconds added to a call (entry and exit): %u sessions with a copy of each"
	       " design (half as many\n"
	       "# for filters and variants), %u rounds in shuffled order, seed %u; a session's value is the"
	       " 10th percentile of its\n"
	       "# samples of thread CPU time less that of no program; shown is the median of the"
	       " sessions, and that of\n# their ratios [lower..upper quartile] and differences.\n",
	       contest->sessions, contest->rounds, contest->seed);
	for (size_t w = 0; w < LIMITED; w++) {
		struct estimate none;

		if (contest_estimate(contest, NONE, limited[w], &none))
			printf("# Untraced %s: %.0f [%.0f..%.0f] ns.\n", work_name(limited[w]),
			       none.ns, none.low, none.high);
	}
	if (disturbed)
		printf("# %u of %u visits were thrown away: others traced system calls too.\n",
		       disturbed, visits);
}

static unsigned int number(const char *arg, unsigned long max)
{
	char *end;
	unsigned long value = strtoul(arg, &end, 10);

	if (*end || !value || value > max) {
		fprintf(stderr, "overhead: not a number from 1 to %lu: %s\n", max, arg);
		exit(2);
	}
	return (unsigned int)value;
}

static void add_build(const char *path)
{
	struct contender *build = &contenders[parts[0].nr];

	if (parts[0].nr == FIXED + OTHERS_MAX) {
		fprintf(stderr, "overhead: more than %d times -x\n", OTHERS_MAX);
		exit(2);
	}
	*build = (struct contender){
		.name = path, .design = DESIGN_OURS, .path = path, .all_works = true
	};
	parts[0].nr++;
}

static void choose(size_t part)
{
	for (size_t c = BOTH_PARTS; c < FIXED; c++)
		contenders[c].left_out = contest_of(c) != &parts[part];
}

/* Nothing but other builds of ours. */
static void choose_builds(void)
{
	for (size_t c = 0; c < FIXED; c++)
		contenders[c].left_out = c != NONE && c != FLOOR && c != OURS;
}

static int run(struct contest *contest)
{
	int r = contest_run(contest);

	if (!r)
		return 0;
	fprintf(stderr, "overhead: %s\n", strerror(-r));
	for (size_t c = 0; c < contest->nr; c++)
		if (*contest_why(contest, c))
			fprintf(stderr, "overhead: %s: %s\n", contenders[c].name,
				contest_why(contest, c));
	return r;
}

static int print_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, format, args) : 0;
}

int main(int argc, char **argv)
{
	int option, r;

	while ((option = getopt(argc, argv, "c:r:s:x:")) != -1) {
		if (option == 'c') {
			parts[0].sessions = number(optarg, SESSIONS_MAX);
		} else if (option == 'r') {
			parts[0].rounds = number(optarg, 1000);
		} else if (option == 's') {
			parts[0].seed = number(optarg, 1000000000);
		} else if (option == 'x') {
			add_build(optarg);
		} else {
			fputs("usage: overhead [-c SESSIONS] [-r ROUNDS] [-s SEED] [-x OBJECT]..."
			      "\n",
			      stderr);
			return 2;
		}
	}
	libbpf_set_print(print_libbpf);
	if (parts[0].nr > FIXED) {
		choose_builds();
		r = run(&parts[0]);
		if (!r)
			report_builds();
	} else {
		parts[1] = parts[0];
		parts[1].sessions = (parts[0].sessions + 1) / 2;
		choose(0);
		r = run(&parts[0]);
		choose(1);
		r = r ?: run(&parts[1]);
		if (!r)
			report_limits();
	}
	if (!r)
		report_method();
	contest_close(&parts[0]);
	contest_close(&parts[1]);
	return r ? 1 : 0;
}
