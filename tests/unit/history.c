/* SPDX-License-Identifier: Apache-2.0 */
#include "history.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "random.h"

const char *const history_calls[CALLS] = { "read", "getpid", "poll" };

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
				.call = syscall_by_name(history_calls[call]),
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

void history_step(struct history *h)
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

void history_begin(struct history *h, struct fake_clock *clock, uint64_t seed, unsigned int by)
{
	static const struct source_ops ops = { .read = read_history };

	h->random = seed;
	h->options = (struct fold_options){ TOP, 120 * SECOND, 300 * SECOND };
	h->source.ops = &ops;
	h->source.info.by = by;
	fake_clock_init(clock);
	clock->tick_ns = 0;
	for (size_t comm = 0; comm < COMMS; comm++)
		(void)snprintf(h->label[comm], sizeof(h->label[comm]), "c%zu",
			       by & BY_CONTAINER ? comm % OF_A_CONTAINER : comm);
}
