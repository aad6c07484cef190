/* SPDX-License-Identifier: Apache-2.0 */
/* A source in which comms (or comms in containers) come, work, sleep, leave and return at random,
 * and what test_fold_history.c remembers of it. */
#ifndef HISTORY_H
#define HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "container.h"
#include "fake.h"
#include "fold.h"
#include "source.h"

#define COMMS 40
#define OF_A_CONTAINER 8 /* comms; the same in each */
#define CALLS 3
#define TOP 5
#define SECOND 1000000000ull
#define WORDS (sizeof(struct ior_row) / sizeof(__u64))

/* Names of the calls that are made. */
extern const char *const history_calls[CALLS];

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
	struct fold_options options;
	struct rewrites *rewrites;
	uint64_t at, reloaded; /* steps */
	uint64_t reloads;
	uint64_t evicted[EVICTED_REASONS];
};

/* Check's own assertions say each time that they were passed, which takes longer than the rest. */
#define hold(condition) ((condition) ? (void)0 : ck_abort_msg("%s", #condition))

/* Everything is 0 before. */
void history_begin(struct history *h, struct fake_clock *clock, uint64_t seed, unsigned int by);

/* A second goes by. */
void history_step(struct history *h);

#endif
