/* SPDX-License-Identifier: Apache-2.0 */
/* BTF made here, of kernels that never were. */
#include <bpf/btf.h>

#include "ior.h"
#include "kernel_offsets.h"
#include "suites.h"

/* A member of eight bytes, or of the type. */
struct member {
	const char *name;
	uint32_t offset;
	int type;
};

#define WORD 1 /* the type that each BTF begins with */

static struct btf *btf_make(void)
{
	struct btf *btf = btf__new_empty();

	ck_assert_ptr_nonnull(btf);
	ck_assert_int_eq(btf__add_int(btf, "unsigned long", 8, 0), WORD);
	return btf;
}

static int add_struct(struct btf *btf, const char *name, const struct member *members, size_t n)
{
	int type = btf__add_struct(btf, name, 4096);

	ck_assert_int_gt(type, 0);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(btf__add_field(btf, members[i].name, members[i].type,
						members[i].offset * 8, 0),
				 0);
	return type;
}

static struct ior_settings offsets_of(struct btf *btf)
{
	struct ior_settings settings = { .shards = 7 };

	kernel_offsets_fill(btf, &settings);
	ck_assert_uint_eq(settings.shards, 7);
	btf__free(btf);
	return settings;
}

START_TEST(offsets_are_those_of_the_members)
{
	const struct member info[] = { { "flags", 0, WORD }, { "status", 16, WORD } };
	struct btf *btf = btf_make();
	const struct member task[] = {
		{ "thread_info", 8, add_struct(btf, "thread_info", info, COUNT(info)) },
		{ "sas_ss_sp", 100, WORD },
		{ "sas_ss_size", 108, WORD },
		{ "group_leader", 200, WORD },
		{ "comm", 300, WORD },
	};
	struct ior_settings settings;

	(void)add_struct(btf, "task_struct", task, COUNT(task));
	settings = offsets_of(btf);
	ck_assert_uint_eq(settings.task_status, 24);
	ck_assert_uint_eq(settings.task_sas_ss_sp, 100);
	ck_assert_uint_eq(settings.task_sas_ss_size, 108);
	ck_assert_uint_eq(settings.task_group_leader, 200);
	ck_assert_uint_eq(settings.task_comm, 300);
}

/* As a kernel with shuffled structs has them. */
START_TEST(members_of_anonymous_structs_are_found)
{
	const struct member inner[] = { { "comm", 4, WORD } };
	struct btf *btf = btf_make();
	const struct member outer[] = {
		{ "group_leader", 8, WORD },
		{ "", 20, add_struct(btf, "", inner, COUNT(inner)) },
	};
	const struct member task[] = {
		{ "", 1000, add_struct(btf, "", outer, COUNT(outer)) },
	};
	struct ior_settings settings;

	(void)add_struct(btf, "task_struct", task, COUNT(task));
	settings = offsets_of(btf);
	ck_assert_uint_eq(settings.task_group_leader, 1008);
	ck_assert_uint_eq(settings.task_comm, 1024);
}

START_TEST(members_of_other_structs_are_not)
{
	const struct member inner[] = { { "comm", 4, WORD } };
	struct btf *btf = btf_make();
	const struct member task[] = {
		{ "group_leader", 8, WORD },
		{ "other", 1000, add_struct(btf, "other", inner, COUNT(inner)) },
	};
	struct ior_settings settings;

	(void)add_struct(btf, "task_struct", task, COUNT(task));
	settings = offsets_of(btf);
	ck_assert_uint_eq(settings.task_comm, 0);
}

START_TEST(half_of_a_pair_is_as_good_as_nothing)
{
	struct btf *btf = btf_make();
	const struct member task[] = { { "comm", 8, WORD }, { "sas_ss_sp", 16, WORD } };
	struct ior_settings settings;

	(void)add_struct(btf, "task_struct", task, COUNT(task));
	settings = offsets_of(btf);
	ck_assert_uint_eq(settings.task_comm, 0);
	ck_assert_uint_eq(settings.task_group_leader, 0);
	ck_assert_uint_eq(settings.task_sas_ss_sp, 0);
	ck_assert_uint_eq(settings.task_sas_ss_size, 0);
	ck_assert_uint_eq(settings.task_status, 0);
}

START_TEST(btf_without_tasks_has_no_offsets)
{
	struct ior_settings settings = offsets_of(btf_make());

	ck_assert_uint_eq(settings.task_comm, 0);
	ck_assert_uint_eq(settings.task_status, 0);
}

static const struct {
	bool arm64;
	const char *release;
	uint32_t flags;
} signals[] = {
	{ false, "5.10.0-46-cloud-amd64", 0x80004 },
	{ false, "5.15.0-1-generic", 0x20004 },
	{ false, "6.12.118+deb13-amd64", 0x20004 },
	{ false, "6.17.13", 0x20004 },
	{ false, "6.18.44", 0x20006 },
	{ false, "7.3.4+deb13-amd64", 0x20006 },
	{ true, "5.10.0-32-cloud-arm64", 0xc1 },
	{ true, "7.3.4+deb13-cloud-arm64", 0xc1 },
	{ true, "7.4.0-rc1", 0xc7 },
	{ true, "8.0", 0xc7 },
};

START_TEST(flags_of_signals_are_the_releases)
{
	ck_assert_uint_eq(kernel_signal_flags(signals[_i].arm64, signals[_i].release),
			  signals[_i].flags);
}

Suite *kernel_offsets_suite(void)
{
	const struct test tests[] = {
		{ offsets_are_those_of_the_members, 0 },
		{ members_of_anonymous_structs_are_found, 0 },
		{ members_of_other_structs_are_not, 0 },
		{ half_of_a_pair_is_as_good_as_nothing, 0 },
		{ btf_without_tasks_has_no_offsets, 0 },
		{ flags_of_signals_are_the_releases, COUNT(signals) },
	};

	return suite_make("kernel_offsets", tests, COUNT(tests));
}
