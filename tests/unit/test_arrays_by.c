/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's rows by container. */
#include <stdlib.h>
#include <string.h>

#include "arrays.h"
#include "buf.h"
#include "cgroups.h"
#include "suites.h"
#include "tree.h"

#define ROWS (IOR_ROWS_RESERVED + 8)
#define ID_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ID_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

struct fixture {
	struct ior_row rows[ROWS];
	struct ior_key keys[ROWS];
	struct row_note notes[ROWS];
	struct arrays arrays;
	struct tree tree;
	struct buf seen; /* a line a visit */
	bool grow;	 /* while the rows are visited, a container and its row come */
};

static struct fixture *setup(unsigned int by)
{
	struct fixture *f = calloc(1, sizeof(*f));

	ck_assert_ptr_nonnull(f);
	tree_make(&f->tree);
	f->arrays = (struct arrays){
		.rows = f->rows,
		.keys = f->keys,
		.notes = f->notes,
		.cgroups = cgroups_new(f->tree.root),
		.by = by,
		.shards = 1,
		.rows_per_shard = ROWS,
	};
	ck_assert_ptr_nonnull(f->arrays.cgroups);
	return f;
}

static void teardown(struct fixture *f)
{
	cgroups_free(f->arrays.cgroups);
	tree_remove(&f->tree);
	free(f);
}

static void name_row(struct fixture *f, size_t at, const char *comm, uint64_t cgroup)
{
	struct ior_key *key = &f->keys[IOR_ROWS_RESERVED + at];

	memcpy(key->comm, comm, strlen(comm));
	key->cgroup = cgroup;
	key->state = IOR_ROW_USED;
	f->rows[IOR_ROWS_RESERVED + at].slot[1] = at + 1;
}

static int see_row(void *arg, const struct source_row *row)
{
	struct fixture *f = arg;

	buf_add_fmt(&f->seen, "%s %.12s %llu\n", row->comm, row->container->id,
		    row->counts->slot[1]);
	if (f->grow)
		name_row(f, 3, "late", tree_mkdir(&f->tree, "/docker/" ID_B));
	f->grow = false;
	return 0;
}

static void check_rows(struct fixture *f, const char *expected)
{
	const struct source_visitor visitor = { .row = see_row, .arg = f };

	ck_assert_int_eq(rows_visit(&f->arrays, ROWS, &visitor), 0);
	buf_add(&f->seen, "", 1);
	ck_assert_str_eq(f->seen.data, expected);
	buf_free(&f->seen);
	f->seen = (struct buf){ 0 };
}

static void fill(struct fixture *f)
{
	(void)tree_mkdir(&f->tree, "/docker");
	f->rows[0].slot[1] = 7;
	name_row(f, 0, "host", 1);
	name_row(f, 1, "in", tree_mkdir(&f->tree, "/docker/" ID_A));
	name_row(f, 2, "gone", 12345678901);
}

START_TEST(container_of_a_row_that_came_meanwhile_is_known_at_the_next_read)
{
	struct fixture *f = setup(BY_COMM | BY_CONTAINER);

	fill(f);
	f->grow = true;
	check_rows(f, "__other__ __other__ 7\nhost host 1\nin aaaaaaaaaaaa 2\ngone unknown 3\n");
	check_rows(f, "__other__ __other__ 7\nhost host 1\nin aaaaaaaaaaaa 2\ngone unknown 3\n"
		      "late bbbbbbbbbbbb 4\n");
	teardown(f);
}

START_TEST(without_comm_only_the_container_is_there)
{
	struct fixture *f = setup(BY_CONTAINER);

	fill(f);
	check_rows(f, " __other__ 7\n host 1\n aaaaaaaaaaaa 2\n unknown 3\n");
	teardown(f);
}

Suite *arrays_by_suite(void)
{
	const struct test tests[] = {
		{ container_of_a_row_that_came_meanwhile_is_known_at_the_next_read, 0 },
		{ without_comm_only_the_container_is_there, 0 },
	};

	return suite_make("arrays_by", tests, COUNT(tests));
}
