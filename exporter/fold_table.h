/* SPDX-License-Identifier: Apache-2.0 */
/* What the fold remembers from one read to the next: tuples, their series, and the rows as they
 * were last read. Private to fold.c, fold_places.c and fold_table.c. */
#ifndef FOLD_TABLE_H
#define FOLD_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fold.h"
#include "label.h"
#include "snapshot.h"
#include "syscalls.h"
#include "tuple.h"

/* One series that is shown; owned by its tuple. */
struct fold_series {
	struct fold_series *next;
	const struct syscall *call; /* NULL: gaps before the calls of a family */
	const char *family;	    /* of the gaps */
	struct ior_row counts;
	uint64_t created_wall_ns;
};

enum place {
	PLACE_NONE,    /* counted with all others; series that it may have do not grow any more */
	PLACE_WAITING, /* its series are shown, but calls are still counted with the others */
	PLACE_OWN,
};

/* What the fold knows of a tuple. */
struct fold_tuple {
	struct tuple labels; /* first, so that these alone are a key of the tree */
	struct fold_tuple *next;
	enum place place;
	bool known;		    /* from a read before this one */
	bool active;		    /* this read saw something of it */
	uint64_t since_ns;	    /* it has this place */
	uint64_t active_ns;	    /* the last read that saw something of it */
	uint64_t added_ns;	    /* the last read that added to its series */
	uint64_t dropped_ns;	    /* its series were dropped; 0: never */
	uint64_t new_calls, new_ns; /* of this read; new_ns without calls that wait */
	double calls, time;	    /* means of these */
	double score;
	uint64_t seen;		 /* the last read that had rows of it */
	struct fold_tuple *heir; /* new rules gave rows of it to this one, in this read; or NULL */
	struct fold_series *series;
	size_t series_n;
	struct container *container; /* of the labels; owned; NULL: they have none */
};

/* A row of this read. */
struct fold_row {
	struct fold_tuple *tuple; /* NULL: the source itself did not keep its names */
	const struct ior_row
		*before;	/* what it had counted by the read before; NULL: it was not there */
	bool grows;		/* it is more now */
	struct fold_series *to; /* where that is added; NULL: it does not grow */
};

struct fold {
	struct fold_options options;
	struct rewrites *rewrites; /* or NULL */
	bool new_rules;		   /* since the last read */
	void *by_labels;	   /* tree of tuples, see tsearch(3) */
	struct fold_tuple *tuples;
	size_t places;		 /* tuples that have one */
	struct fold_tuple other; /* of all that have none; in neither */
	struct fold_series *other_by_call[SYSCALLS];

	struct snapshot_row *rows; /* of the last read, by id */
	struct fold_row *owners;   /* of these */
	size_t rows_n;

	uint64_t reads;
	uint64_t last_wall_ns; /* when the read before was taken; 0: there was none */
	uint64_t scored_ns;
	uint64_t observations;
	uint64_t evicted[EVICTED_REASONS];
};

/* What is known of the tuple with these labels, made if need be; NULL without memory. */
struct fold_tuple *fold_table_tuple(struct fold *fold, const struct tuple *labels);
/* The same, or NULL if there is none. */
struct fold_tuple *fold_table_find(const struct fold *fold, const struct tuple *labels);

/* The tuple's series of this call or family, made with `created` if need be; NULL without memory.
 */
struct fold_series *fold_table_series(struct fold *fold, struct fold_tuple *tuple,
				      const struct snapshot_row *row, uint64_t created);

/* Forgets the tuple's series. */
void fold_table_drop_series(struct fold_tuple *tuple);

/* Forgets tuples without place, series and rows; not before all scrapers saw that its series are
 * gone, for new ones of the same name would look like these. */
void fold_table_sweep(struct fold *fold, uint64_t now_ns);

/* Forgets everything. */
void fold_table_free(struct fold *fold);

/* Sum of the slots. */
uint64_t fold_calls(const struct ior_row *counts);

/* fold_places.c: decides who has a place at `now`, and drops series whose time is over. Returns 0
 * or -ENOMEM; then it is to be done again before anything is added. */
int fold_places_update(struct fold *fold, uint64_t now_ns);

/* A tuple in flight: it is not idle, and if it never returned from a call it gets a place, if one
 * is free. 0 or -ENOMEM. */
int fold_places_offer(struct fold *fold, const struct tuple *labels, uint64_t now_ns);

/* fold_show.c: memory in the snapshot for all that there is to show; 0 or -ENOMEM. Then, without
 * fail, the tuples, copies of their series, and the calls in flight. */
int fold_show_reserve(struct fold *fold, struct snapshot *snapshot);
void fold_show(struct fold *fold, struct snapshot *snapshot);

#endif
