/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which tuples of the labels of --by have series of their own, and which are counted together under
 * the one in which each of these labels is LABEL_OTHER. Comms and containers are what users of the
 * machine can make, so the page is bounded here: --comm.top tuples have a place. --by none has one
 * tuple and no places.
 *
 * What a row has counted since the read before is added, once and for ever, to the series that owns
 * the row at that moment: its tuple's own, or those of all others. Nothing moves from one series to
 * another. So each series only grows, and over any time the sum over tuples of what the series grew
 * by is what was counted.
 *
 * A tuple that is new while there is a place has series of its own from its first call. One that
 * was counted with the others before gets a place by its share of the calls or of the time (see
 * fold_places.c): its series are shown unchanged for `linger` before they grow, and the series of
 * one that loses its place for as long after they last grew. So a scraper that comes at least once
 * in that time sees both edges.
 *
 * Knows snapshot; nothing of metrics. Used by one thread at a time.
 */
#ifndef FOLD_H
#define FOLD_H

#include <stdint.h>

#include "clock.h"
#include "snapshot.h"
#include "source.h"

struct rewrites;

struct fold_options {
	uint64_t top; /* tuples with series of their own; 0: all */
	uint64_t linger_ns;
	uint64_t idle_ns; /* a tuple that made no call for so long gives its place back; 0: never */
};

struct fold;

/* `rewrites` (rewrite.h) is borrowed; NULL: comms keep their names. NULL without memory. */
struct fold *fold_new(const struct fold_options *options, struct rewrites *rewrites);

/* Other options and rules, from the next read on, which finds the owner of each row anew: what a
 * row counted stays where it is, what it counts from then on goes to its new owner. A comm whose
 * rows all went to others hands its place to one of them, if it has none; where `top` is less than
 * there are places, the lowest are taken away. `rewrites` is borrowed as in fold_new(); the old
 * ones are not used any more. */
void fold_set(struct fold *fold, const struct fold_options *options, struct rewrites *rewrites);

/* NULL is fine. */
void fold_free(struct fold *fold);

/* Takes what the rows of a snapshot that is up have counted since the snapshot before (all, of rows
 * that are new), and fills in all that it shows: tuples, series, gaps, calls in flight,
 * observations, overflow and evicted. A row keeps the name with which it came first. Snapshots come
 * in the order in which they were taken, all by the same labels. Returns 0, or -ENOMEM: nothing was
 * added, the next one brings it all. */
int fold_apply(struct fold *fold, struct snapshot *snapshot);

/* snapshot_take() and fold_apply(): what a scrape shows. Returns as snapshot_take() does. */
int fold_take(struct fold *fold, struct source *source, const struct clock *clock,
	      struct snapshot **ret);

#endif
