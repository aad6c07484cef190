/* SPDX-License-Identifier: Apache-2.0 */
/* What --by may say, and the names that it makes: by.h and tuple.h. */
#include <errno.h>
#include <string.h>

#include "by.h"
#include "parse.h"
#include "suites.h"
#include "tuple.h"

static const struct {
	const char *list;
	unsigned int by;
	const char *text;
} lists[] = {
	{ "none", BY_NONE, "none" },
	{ "comm", BY_COMM, "comm" },
	{ "container", BY_CONTAINER, "container" },
	{ "comm,container", BY_COMM | BY_CONTAINER, "comm,container" },
	{ "container,comm", BY_COMM | BY_CONTAINER, "comm,container" },
};

START_TEST(list_is_a_set_in_any_order)
{
	char err[128] = "";
	unsigned int by = 99;

	ck_assert_int_eq(by_parse(lists[_i].list, &by, err, sizeof(err)), 0);
	ck_assert_str_eq(err, "");
	ck_assert_uint_eq(by, lists[_i].by);
	ck_assert_str_eq(by_text(by), lists[_i].text);
}

#define VALID " (valid: comm, container, both, or none)"

static const struct {
	const char *list, *err;
} refused[] = {
	{ "", "'' is none of comm, container and none" },
	{ "pod", "'pod' is none of comm, container and none" },
	{ "Comm", "'Comm' is none of comm, container and none" },
	{ "com", "'com' is none of comm, container and none" },
	{ "comms", "'comms' is none of comm, container and none" },
	{ "comm,pod", "'pod' is none of comm, container and none" },
	{ "comm,", "'' is none of comm, container and none" },
	{ ",comm", "'' is none of comm, container and none" },
	{ "comm, container", "' container' is none of comm, container and none" },
	{ "comm,comm", "'comm' comes twice" VALID },
	{ "container,comm,container", "'container' comes twice" VALID },
	{ "none,none", "'none' stands alone" VALID },
	{ "comm,none", "'none' stands alone" VALID },
	{ "none,comm", "'none' stands alone" VALID },
};

START_TEST(list_that_is_no_set_is_refused_with_what_is_valid)
{
	unsigned int by = 99;
	char err[128];

	ck_assert_int_eq(by_parse(refused[_i].list, &by, err, sizeof(err)), -EINVAL);
	ck_assert_str_eq(err, refused[_i].err);
	ck_assert_uint_eq(by, 99);
}

static const struct {
	const char *const args[4], *const env[4];
	unsigned int by;
} bys[] = {
	{ { "--by=comm" }, { NULL }, BY_COMM },
	{ { "--by", "container,comm" }, { NULL }, BY_COMM | BY_CONTAINER },
	{ { NULL }, { "IOR_BY=none" }, BY_NONE },
	{ { "-by=container" }, { "IOR_BY=nonsense" }, BY_CONTAINER },
};

START_TEST(labels_are_chosen_by_flag_or_environment)
{
	struct parse p;

	parse(&p, bys[_i].args, bys[_i].env);
	ck_assert_str_eq(p.err, "");
	ck_assert_uint_eq(p.config.by, bys[_i].by);
	ck_assert_ptr_nonnull(p.config.by_list);
	parse_free(&p);
}

START_TEST(flag_with_a_list_that_is_no_set_is_refused)
{
	const char *const args[] = { "--by=comm,pod", NULL };
	struct parse p;

	parse(&p, args, NULL);
	ck_assert_int_eq(p.r, -EINVAL);
	ck_assert_str_eq(p.err, "--by: 'pod' is none of comm, container and none");
	parse_free(&p);
}

static const struct container c1 = { "c1", "p1" }, c1_again = { "c1", "p1" },
			      c1_p2 = { "c1", "p2" }, c2 = { "c2", "p1" };

START_TEST(tuple_has_the_names_of_its_labels_alone)
{
	struct tuple tuple;

	tuple_set(&tuple, BY_COMM | BY_CONTAINER, "sh", &c1);
	ck_assert_str_eq(tuple.comm, "sh");
	ck_assert_ptr_eq(tuple.container, &c1);
	tuple_set(&tuple, BY_COMM, "sh", &c1);
	ck_assert_str_eq(tuple.comm, "sh");
	ck_assert_ptr_null(tuple.container);
	tuple_set(&tuple, BY_CONTAINER, "sh", &c1);
	ck_assert_str_eq(tuple.comm, "");
	ck_assert_ptr_eq(tuple.container, &c1);
	tuple_set(&tuple, BY_NONE, "sh", &c1);
	ck_assert_str_eq(tuple.comm, "");
	ck_assert_ptr_null(tuple.container);
}

START_TEST(each_label_of_the_other_tuple_is_other)
{
	const unsigned int by = (unsigned int)_i;
	struct tuple tuple;

	tuple_set_other(&tuple, by);
	ck_assert_str_eq(tuple.comm, by & BY_COMM ? "__other__" : "");
	ck_assert_ptr_eq(tuple.container, by & BY_CONTAINER ? &container_other : NULL);
	ck_assert_str_eq(container_other.id, "__other__");
	ck_assert_str_eq(container_other.pod_uid, "__other__");
	ck_assert(tuple_is_other(&tuple));
	tuple_set(&tuple, by, "\\x5f_other__", &container_unknown);
	ck_assert_int_eq(tuple_is_other(&tuple), by == BY_NONE);
}

/* In the order of the page. */
static const struct {
	const char *comm;
	const struct container *container;
} ordered[] = {
	{ "", &c1 },	 { "", &c1_p2 }, { "", &c2 },  { "a", &c1 },
	{ "a", &c1_p2 }, { "a", &c2 },	 { "b", &c1 },
};

START_TEST(tuples_are_in_order_of_comm_container_id_pod_uid)
{
	for (size_t i = 0; i < COUNT(ordered); i++)
		for (size_t j = 0; j < COUNT(ordered); j++) {
			struct tuple a, b;
			int r;

			tuple_set(&a, BY_ALL, ordered[i].comm, ordered[i].container);
			tuple_set(&b, BY_ALL, ordered[j].comm, ordered[j].container);
			r = tuple_compare(&a, &b);
			ck_assert_int_eq((r > 0) - (r < 0), (i > j) - (i < j));
		}
}

/* Two reads may have a container in two places. */
START_TEST(tuples_are_the_same_by_their_labels)
{
	struct tuple a, b;

	tuple_set(&a, BY_ALL, "sh", &c1);
	tuple_set(&b, BY_ALL, "sh", &c1_again);
	ck_assert_int_eq(tuple_compare(&a, &b), 0);
	tuple_set(&a, BY_COMM, "sh", &c1);
	tuple_set(&b, BY_COMM, "sh", &c2);
	ck_assert_int_eq(tuple_compare(&a, &b), 0);
}

Suite *by_suite(void)
{
	const struct test tests[] = {
		{ list_is_a_set_in_any_order, COUNT(lists) },
		{ list_that_is_no_set_is_refused_with_what_is_valid, COUNT(refused) },
		{ labels_are_chosen_by_flag_or_environment, COUNT(bys) },
		{ flag_with_a_list_that_is_no_set_is_refused, 0 },
		{ tuple_has_the_names_of_its_labels_alone, 0 },
		{ each_label_of_the_other_tuple_is_other, BY_ALL + 1 },
		{ tuples_are_in_order_of_comm_container_id_pod_uid, 0 },
		{ tuples_are_the_same_by_their_labels, 0 },
	};

	return suite_make("by", tests, COUNT(tests));
}
