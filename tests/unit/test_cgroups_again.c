/* SPDX-License-Identifier: Apache-2.0 */
/* Cgroups that were not there when the tree was walked: when they are looked for again. Plain
 * folders stand for them, and time is set by hand. */
#include <stdio.h>

#include "cgroups.h"
#include "fake.h"
#include "suites.h"
#include "tree.h"

#define ABSENT (~0ull)
#define S 1000000000ull

static struct tree tree;
static struct cgroups *cgroups;
static struct fake_clock clock;

/* The hierarchy is /cgroup, with what is to come beside it. */
static void make_tree(void)
{
	char path[64];

	tree_make(&tree);
	(void)tree_mkdir(&tree, "/cgroup");
	(void)snprintf(path, sizeof(path), "%s/cgroup", tree.root);
	fake_clock_init(&clock);
	clock.tick_ns = 0;
	cgroups = cgroups_new_by(&clock.clock, path);
	ck_assert_ptr_nonnull(cgroups);
}

static void remove_tree(void)
{
	cgroups_free(cgroups);
	tree_remove(&tree);
}

/* A cgroup that has an id and is not in the tree. */
static uint64_t make_later(const char *name)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/later/%s", name);
	return tree_mkdir(&tree, path);
}

static void come(const char *name)
{
	char from[64], to[64];

	(void)snprintf(from, sizeof(from), "%s/later/%s", tree.root, name);
	(void)snprintf(to, sizeof(to), "%s/cgroup/%s", tree.root, name);
	ck_assert_int_eq(rename(from, to), 0);
}

static void check_row(uint64_t id, const char *container)
{
	ck_assert_str_eq(cgroups_find(cgroups, id)->id, container);
}

/* What a read that asks for one that may come gets, and how often the tree was walked so far. */
static void check_young(uint64_t id, const char *container, size_t walks)
{
	cgroups_begin(cgroups);
	ck_assert_str_eq(cgroups_find_new(cgroups, id)->id, container);
	cgroups_end(cgroups);
	ck_assert_uint_eq(cgroups_walks(cgroups), walks);
}

START_TEST(one_that_may_be_younger_than_the_walk_is_looked_for_again)
{
	uint64_t id;

	make_tree();
	id = make_later("a.service");
	check_young(id, "unknown", 1);
	come("a.service");
	clock.now_ns += S - 1;
	check_young(id, "unknown", 1);
	clock.now_ns++;
	check_young(id, "a.service", 2);
	check_row(id, "a.service");
	check_young(id, "a.service", 2);
	remove_tree();
}

/* An hour of a read each second: walks at 0, 1, 3, 7 ... 1023, and every 600 s then. */
START_TEST(one_that_never_comes_makes_few_walks)
{
	uint64_t next = 0, wait = 1;
	size_t walks = 0;

	make_tree();
	for (uint64_t s = 0; s < 3600; s++, clock.now_ns += S) {
		if (s == next) {
			walks++;
			next += wait;
			wait = wait < 300 ? 2 * wait : 600;
		}
		check_young(ABSENT, "unknown", walks);
	}
	ck_assert_uint_eq(walks, 15);
	ck_assert_uint_eq(cgroups_known(cgroups), 1);
	remove_tree();
}

START_TEST(walk_for_others_finds_one_that_came)
{
	uint64_t id, other;

	make_tree();
	id = make_later("a.service");
	check_young(id, "unknown", 1);
	come("a.service");
	other = tree_mkdir(&tree, "/cgroup/b.service");
	cgroups_begin(cgroups);
	check_row(other, "b.service");
	ck_assert_str_eq(cgroups_find_new(cgroups, id)->id, "a.service");
	ck_assert_uint_eq(cgroups_walks(cgroups), 2);
	remove_tree();
}

/* Counts have to go somewhere: they do not wait. */
START_TEST(row_of_one_that_was_not_there_is_decided_at_once)
{
	uint64_t a, b;

	make_tree();
	a = make_later("a.service");
	b = make_later("b.service");
	cgroups_begin(cgroups);
	ck_assert_str_eq(cgroups_find_new(cgroups, a)->id, "unknown");
	ck_assert_str_eq(cgroups_find_new(cgroups, b)->id, "unknown");
	come("a.service");
	cgroups_begin(cgroups);
	check_row(a, "a.service");
	check_row(b, "unknown");
	ck_assert_uint_eq(cgroups_walks(cgroups), 2);
	come("b.service");
	clock.now_ns += 3600 * S;
	check_young(b, "unknown", 2);
	check_row(b, "unknown");
	ck_assert_uint_eq(cgroups_walks(cgroups), 2);
	remove_tree();
}

Suite *cgroups_again_suite(void)
{
	const struct test tests[] = {
		{ one_that_may_be_younger_than_the_walk_is_looked_for_again, 0 },
		{ one_that_never_comes_makes_few_walks, 0 },
		{ walk_for_others_finds_one_that_came, 0 },
		{ row_of_one_that_was_not_there_is_decided_at_once, 0 },
	};

	return suite_make("cgroups_again", tests, COUNT(tests));
}
