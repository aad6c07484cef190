/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random histories: comms (or comms in containers) come, work, sleep, leave and return, while two
 * scrapers look at other times. What must hold at each of their looks: no series falls as long as
 * it is shown, the page is bounded, and for each system call the sum over comm of what the series
 * grew by since the scraper's look before is what was counted since then, in every counter. A
 * scraper knows only its last page: a series that was not on it counts from its first value, one
 * that is lower was begun anew. All that holds across reloads too, but for a while the page may be
 * larger then.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fold.h"
#include "history.h"
#include "random.h"
#include "rewrite.h"
#include "suites.h"

#define STEPS 100000 /* of a second */
#define RELOADS_EVERY 150

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

/* What reloads choose from. A linger of two looks of the slower scraper is the least that is exact;
 * idle is never below linger. */
static const uint64_t tops[] = { TOP, 1, 3, 12, 0 };
static const uint64_t lingers[] = { 120, 60, 240 };
static const uint64_t idles[] = { 300, 240, 600, 0 };
#define LINGER_MAX 240
#define RULES_MAX 3
static const char *const rules[][RULES_MAX] = {
	{ NULL },
	{ "^c3$=>c4", "^c4$=>c3" },		  /* they change places */
	{ "^c([0-9])[0-9]$=>c$1" },		  /* many to few */
	{ "^c[0-9]$=>c5", "^c2=>c7", "^c1=>c6" }, /* nearly all; below OF_A_CONTAINER */
	{ "^c[0-3]?[02468]$=>c0" },
};

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

	while (strcmp(history_calls[i], call->name) != 0)
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
	if (h->options.top && (!h->reloads || h->at - h->reloaded > LINGER_MAX))
		ck_assert_uint_le(comms, 2 * h->options.top);
	ck_assert_uint_eq(snapshot->observations, h->calls);
	memcpy(h->evicted, snapshot->evicted, sizeof(h->evicted));
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

static uint64_t any(struct history *h, const uint64_t *values, size_t n)
{
	return values[random_next(&h->random) % n];
}

/* Sometimes all at once, sometimes one of them. */
static void reload(struct history *h, struct fold *fold)
{
	const uint64_t what = random_next(&h->random);
	struct rewrites *old = h->rewrites;
	struct strings list = { 0 };
	char err[256] = "";

	if (what & 1)
		h->options.top = any(h, tops, COUNT(tops));
	if (what & 2)
		h->options.linger_ns = any(h, lingers, COUNT(lingers)) * SECOND;
	if (what & 4)
		h->options.idle_ns = any(h, idles, COUNT(idles)) * SECOND;
	if (what & 8) {
		const char *const *chosen = rules[random_next(&h->random) % COUNT(rules)];

		for (size_t i = 0; i < RULES_MAX && chosen[i]; i++)
			hold(strings_add(&list, chosen[i], strlen(chosen[i])) == 0);
		hold(rewrites_parse(&list, &h->rewrites, err, sizeof(err)) == 0);
		strings_free(&list);
	}
	fold_set(fold, &h->options, h->rewrites);
	if (h->rewrites != old)
		rewrites_free(old);
	h->reloaded = h->at;
	h->reloads++;
}

static void report(const struct history *h, uint64_t seed, const struct scraper *scrapers)
{
	printf("fold history by %s: seed %#llx, %d steps, %llu reloads, %llu calls, %llu and %llu looks, "
	       "%llu comms came and %llu left, %llu series displaced, %llu idle\n",
	       by_text(h->source.info.by), (unsigned long long)seed, STEPS,
	       (unsigned long long)h->reloads, (unsigned long long)h->calls,
	       (unsigned long long)scrapers[0].looks, (unsigned long long)scrapers[1].looks,
	       (unsigned long long)h->arrivals, (unsigned long long)h->departures,
	       (unsigned long long)h->evicted[EVICTED_DISPLACED],
	       (unsigned long long)h->evicted[EVICTED_IDLE]);
	(void)fflush(stdout);
}

/* The first rows go without reloads, the others with them. */
START_TEST(whatever_happens_the_sum_of_the_increases_is_what_was_made)
{
	static struct history h;
	static struct scraper scrapers[] = { { .every = 15, .phase = 4 },
					     { .every = 30, .phase = 11 } };
	const bool reloads = (size_t)_i >= COUNT(runs);
	const size_t run = (size_t)_i % COUNT(runs);
	struct fake_clock clock;
	struct fold *fold;

	history_begin(&h, &clock, runs[run].seed, runs[run].by);
	fold = fold_new(&h.options, NULL);
	for (h.at = 0; h.at < STEPS; h.at++) {
		const bool first = h.at % scrapers[0].every == scrapers[0].phase;
		const bool second = h.at % scrapers[1].every == scrapers[1].phase;
		struct snapshot *snapshot;

		history_step(&h);
		if (reloads && random_next(&h.random) % RELOADS_EVERY == 0)
			reload(&h, fold);
		clock.now_ns += SECOND;
		clock.wall_ns += SECOND;
		if (!first && !second && h.at % 10)
			continue;
		ck_assert_int_eq(fold_take(fold, &h.source, &clock.clock, &snapshot), 0);
		take_page(&h, snapshot);
		snapshot_unref(snapshot);
		if (first)
			look(&h, &scrapers[0]);
		if (second)
			look(&h, &scrapers[1]);
	}
	fold_free(fold);
	rewrites_free(h.rewrites);
	report(&h, runs[run].seed, scrapers);
	ck_assert_uint_gt(h.evicted[EVICTED_DISPLACED], 100);
	ck_assert_uint_gt(h.evicted[EVICTED_IDLE], 100);
	ck_assert_uint_gt(h.departures, 1000);
	ck_assert_int_eq(h.reloads > STEPS / RELOADS_EVERY / 2, reloads);
}

Suite *fold_history_suite(void)
{
	const struct test tests[] = {
		{ whatever_happens_the_sum_of_the_increases_is_what_was_made, 2 * COUNT(runs) },
	};

	return suite_make("fold_history", tests, COUNT(tests));
}
