/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random histories: comms (or comms in containers) come, work, sleep, leave and return, while two
 * scrapers look at other times. What must hold at each of their looks: no series falls as long as
 * it is shown, the page is bounded, and for each system call the sum over comm of what the series
 * grew by since the scraper's look before is what was counted since then, in every counter. A
 * scraper knows only its last page: a series that was not on it counts from its first value, one
 * that is lower was begun anew.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "fold.h"
#include "label.h"
#include "random.h"
#include "suites.h"

#define STEPS 100000 /* of a second */
#define COMMS 40
#define OF_A_CONTAINER 8 /* comms; the same in each */
#define CALLS 3
#define TOP 5
#define SECOND 1000000000ull
#define WORDS (sizeof(struct ior_row) / sizeof(__u64))

static const char *const names[CALLS] = { "read", "getpid", "poll" };
static const struct {
	uint64_t seed;
	unsigned int by;
} runs[] = {
	{ RANDOM_SEED, BY_COMM },
	{ 1, BY_COMM },
	{ 0xfeedfacecafebeef, BY_COMM },
	{ RANDOM_SEED, BY_COMM | BY_CONTAINER },
	{ 0x123456789abcdef, BY_COMM | BY_CONTAINER },
};

struct counts {
	__u64 word[WORDS];
};

/* What was shown: by comm (the last: everybody else) and call. */
struct page {
	bool shown[COMMS + 1][CALLS];
	struct counts counts[COMMS + 1][CALLS];
	uint64_t created[COMMS + 1][CALLS];
};

struct scraper {
	uint64_t every, phase;
	struct page last;
	struct counts made[CALLS]; /* by its last look */
	uint64_t looks;
};

struct history {
	struct source source;
	uint64_t random;
	char label[COMMS][8];
	struct container containers[2][COMMS]; /* of this read; those of the one before are gone */
	uint64_t reads;
	bool alive[COMMS];    /* has rows */
	bool working[COMMS];  /* and makes calls */
	bool unread[COMMS];   /* has counted since the last read: its rows stay */
	uint64_t pace[COMMS]; /* calls a step, at most */
	uint64_t id[COMMS];
	struct counts counts[COMMS][CALLS];
	struct counts made[CALLS]; /* all that was ever counted */
	uint64_t calls, arrivals, departures;
	struct page page;
};

/* Check's own assertions say each time that they were passed, which takes longer than the rest. */
#define hold(condition) ((condition) ? (void)0 : ck_abort_msg("%s", #condition))

static const struct container *container_of(struct history *h, size_t comm)
{
	struct container *container = &h->containers[h->reads % 2][comm];

	if (!(h->source.info.by & BY_CONTAINER))
		return NULL;
	(void)snprintf(container->id, sizeof(container->id), "%zu", comm / OF_A_CONTAINER);
	(void)snprintf(container->pod_uid, sizeof(container->pod_uid), "pod");
	return container;
}

static int read_history(struct source *source, const struct source_visitor *visitor,
			struct source_status *ret)
{
	struct history *h = (struct history *)source;

	(void)ret;
	memset(h->containers, 0, sizeof(h->containers));
	h->reads++;
	for (size_t comm = 0; comm < COMMS; comm++) {
		h->unread[comm] = false;
		for (size_t call = 0; h->alive[comm] && call < CALLS; call++) {
			const struct source_row row = {
				.id = h->id[comm] * CALLS + call,
				.comm = h->label[comm],
				.container = container_of(h, comm),
				.call = syscall_by_name(names[call]),
				.counts = (const struct ior_row *)&h->counts[comm][call],
			};

			hold(visitor->row(visitor->arg, &row) == 0);
		}
	}
	return 0;
}

static void grow(struct history *h, size_t comm, size_t call, size_t word, uint64_t n)
{
	h->counts[comm][call].word[word] += n;
	h->made[call].word[word] += n;
}

static void work(struct history *h, size_t comm)
{
	for (size_t call = 0; call < CALLS; call++) {
		uint64_t n = random_next(&h->random) % (h->pace[comm] + 1);

		if (!n)
			continue;
		h->calls += n;
		h->unread[comm] = true;
		grow(h, comm, call, random_next(&h->random) % IOR_SLOTS, n);
		for (size_t word = IOR_SLOTS; word < WORDS; word++)
			grow(h, comm, call, word, random_next(&h->random) % 1000000);
	}
}

static void step(struct history *h)
{
	size_t comm = random_next(&h->random) % COMMS;

	if (random_next(&h->random) % 8 == 0) {
		h->working[comm] = !h->working[comm];
		h->pace[comm] = 1 + random_next(&h->random) % (1u << random_next(&h->random) % 12);
		if (h->working[comm] && !h->alive[comm]) {
			h->alive[comm] = true;
			h->id[comm] = ++h->arrivals;
		}
	} else if (h->alive[comm] && !h->working[comm] && !h->unread[comm]) {
		/* the source may forget what was read */
		h->alive[comm] = false;
		memset(h->counts[comm], 0, sizeof(h->counts[comm]));
		h->departures++;
	}
	for (comm = 0; comm < COMMS; comm++)
		if (h->working[comm])
			work(h, comm);
}

static size_t comm_index(const struct tuple *tuple)
{
	size_t comm;

	if (tuple_is_other(tuple)) {
		hold(!tuple->container || !strcmp(tuple->container->id, LABEL_OTHER));
		return COMMS;
	}
	comm = (size_t)strtoul(tuple->comm + 1, NULL, 10);
	if (!tuple->container)
		return comm;
	hold(!strcmp(tuple->container->pod_uid, "pod"));
	return comm + OF_A_CONTAINER * (size_t)strtoul(tuple->container->id, NULL, 10);
}

static size_t call_index(const struct syscall *call)
{
	size_t i = 0;

	while (strcmp(names[i], call->name) != 0)
		i++;
	return i;
}

/* The page of a snapshot, held against the one before. */
static void take_page(struct history *h, const struct snapshot *snapshot)
{
	const struct page before = h->page;
	size_t comms = 0;

	memset(&h->page, 0, sizeof(h->page));
	for (size_t i = 0; i < snapshot->series_n; i++) {
		const struct series *series = &snapshot->series[i];
		size_t comm = comm_index(series->tuple), call = call_index(series->call);
		const struct counts *now = (const struct counts *)&series->counts;

		hold(!h->page.shown[comm][call]);
		h->page.shown[comm][call] = true;
		h->page.counts[comm][call] = *now;
		h->page.created[comm][call] = series->created_wall_ns;
		if (!before.shown[comm][call])
			continue;
		hold(series->created_wall_ns == before.created[comm][call]);
		for (size_t word = 0; word < WORDS; word++)
			hold(now->word[word] >= before.counts[comm][call].word[word]);
	}
	for (size_t comm = 0; comm < COMMS; comm++)
		comms += h->page.shown[comm][0] || h->page.shown[comm][1] || h->page.shown[comm][2];
	ck_assert_uint_le(comms, 2 * TOP);
	ck_assert_uint_eq(snapshot->observations, h->calls);
}

static void look(const struct history *h, struct scraper *scraper)
{
	for (size_t call = 0; call < CALLS; call++) {
		struct counts grown = { { 0 } };

		for (size_t comm = 0; comm <= COMMS; comm++) {
			const __u64 *now = h->page.counts[comm][call].word;
			const __u64 *last = scraper->last.counts[comm][call].word;

			/* what is not shown is 0 on a page */
			for (size_t word = 0; h->page.shown[comm][call] && word < WORDS; word++)
				grown.word[word] +=
					now[word] - (now[word] >= last[word] ? last[word] : 0);
		}
		for (size_t word = 0; word < WORDS; word++)
			hold(grown.word[word] ==
			     h->made[call].word[word] - scraper->made[call].word[word]);
		scraper->made[call] = h->made[call];
	}
	scraper->last = h->page;
	scraper->looks++;
}

START_TEST(whatever_happens_the_sum_of_the_increases_is_what_was_made)
{
	static const struct source_ops ops = { .read = read_history };
	static struct history h;
	static struct scraper scrapers[] = { { .every = 15, .phase = 4 },
					     { .every = 30, .phase = 11 } };
	const struct fold_options options = { TOP, 120 * SECOND, 300 * SECOND };
	struct fold *fold = fold_new(&options, NULL);
	uint64_t evicted[EVICTED_REASONS] = { 0 };
	struct fake_clock clock;

	h.random = runs[_i].seed;
	h.source.ops = &ops;
	h.source.info.by = runs[_i].by;
	fake_clock_init(&clock);
	clock.tick_ns = 0;
	for (size_t comm = 0; comm < COMMS; comm++)
		(void)snprintf(h.label[comm], sizeof(h.label[comm]), "c%zu",
			       runs[_i].by & BY_CONTAINER ? comm % OF_A_CONTAINER : comm);
	for (uint64_t at = 0; at < STEPS; at++) {
		const bool first = at % scrapers[0].every == scrapers[0].phase;
		const bool second = at % scrapers[1].every == scrapers[1].phase;
		struct snapshot *snapshot;

		step(&h);
		clock.now_ns += SECOND;
		clock.wall_ns += SECOND;
		if (!first && !second && at % 10)
			continue;
		ck_assert_int_eq(fold_take(fold, &h.source, &clock.clock, &snapshot), 0);
		take_page(&h, snapshot);
		memcpy(evicted, snapshot->evicted, sizeof(evicted));
		snapshot_unref(snapshot);
		if (first)
			look(&h, &scrapers[0]);
		if (second)
			look(&h, &scrapers[1]);
	}
	fold_free(fold);
	printf("fold history by %s: seed %#llx, %d steps, %llu calls, %llu and %llu looks, %llu comms "
	       "came and %llu left, %llu series displaced, %llu idle\n",
	       by_text(runs[_i].by), (unsigned long long)runs[_i].seed, STEPS,
	       (unsigned long long)h.calls, (unsigned long long)scrapers[0].looks,
	       (unsigned long long)scrapers[1].looks, (unsigned long long)h.arrivals,
	       (unsigned long long)h.departures, (unsigned long long)evicted[EVICTED_DISPLACED],
	       (unsigned long long)evicted[EVICTED_IDLE]);
	(void)fflush(stdout);
	ck_assert_uint_gt(evicted[EVICTED_DISPLACED], 100);
	ck_assert_uint_gt(evicted[EVICTED_IDLE], 100);
	ck_assert_uint_gt(h.departures, 1000);
}

Suite *fold_history_suite(void)
{
	const struct test tests[] = {
		{ whatever_happens_the_sum_of_the_increases_is_what_was_made, COUNT(runs) },
	};

	return suite_make("fold_history", tests, COUNT(tests));
}
