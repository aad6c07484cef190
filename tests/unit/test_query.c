/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "query.h"
#include "suites.h"

/* "name[]=ior_up&x" as a server has taken it apart. */
static void parse(const char *text, struct query *ret)
{
	static char copy[1024];
	char *save = NULL;

	ret->n = 0;
	ck_assert_uint_lt(strlen(text), sizeof(copy));
	memcpy(copy, text, strlen(text) + 1);
	for (char *at = strtok_r(copy, "&", &save); at; at = strtok_r(NULL, "&", &save)) {
		char *value = strchr(at, '=');

		if (value)
			*value++ = '\0';
		ret->item[ret->n++] =
			(struct query_parameter){ at, value, value ? strlen(value) : 0 };
	}
}

/* Names of the families that are asked for, in order, a space behind each. */
static void list(const struct filter *filter, char *ret, size_t size)
{
	ret[0] = '\0';
	for (size_t i = 0; i < families_n; i++) {
		if (!filter->families[i])
			continue;
		ck_assert_uint_lt(strlen(ret) + strlen(families[i].name) + 2, size);
		(void)strcat(strcat(ret, families[i].name), " ");
	}
}

#define BPF                                                                  \
	"ior_bpf_map_memory_bytes ior_bpf_program_recursion_misses_total "   \
	"ior_bpf_program_run_time_seconds_total ior_bpf_program_runs_total " \
	"ior_bpf_stats_enabled "
#define IN_FLIGHT "ior_syscall_in_flight_oldest_seconds ior_syscalls_in_flight "
#define PROCESS                                                       \
	"process_cpu_seconds_total process_max_fds process_open_fds " \
	"process_resident_memory_bytes process_start_time_seconds "   \
	"process_virtual_memory_bytes process_virtual_memory_max_bytes "
#define SYSCALL                                                                                \
	"ior_syscall_duration_seconds ior_syscall_errors_total ior_syscall_gap_seconds_total " \
	"ior_syscall_info ior_syscall_noreturn_total ior_syscall_read_bytes_total "            \
	"ior_syscall_transferred_bytes_total ior_syscall_written_bytes_total "

static const struct {
	const char *query, *families;
} asked[] = {
	{ "name[]=ior_up", "ior_up " },
	{ "name[]=ior_up&name[]=ior_rows&name[]=ior_up", "ior_rows ior_up " },
	{ "name[]=ior_rows&x=1&name[]=nothing", "ior_rows " },
	{ "name[]=nothing", "" },
	{ "name[]=", "" },
	{ "name[]", "" },
	{ "name[]=ior_", "" },
	{ "name[]=ior_syscall_duration_seconds_bucket", "" }, /* a sample's, not a family's */
	{ "collect[]=bpf", BPF },
	{ "collect[]=errno", "ior_syscall_errors_by_errno_total " },
	{ "collect[]=gap", "ior_gap_seconds " },
	{ "collect[]=in-flight", IN_FLIGHT },
	{ "collect[]=process", PROCESS },
	{ "collect[]=process&name[]=process_open_fds&name[]=ior_up", "process_open_fds " },
	{ "collect[]=syscall", SYSCALL },
	{ "collect[]=gap&collect[]=errno", "ior_gap_seconds ior_syscall_errors_by_errno_total " },
	{ "exclude[]=exporter&exclude[]=syscall&exclude[]=bpf",
	  "ior_gap_seconds ior_syscall_errors_by_errno_total " IN_FLIGHT PROCESS },
	{ "collect[]=bpf&name[]=ior_bpf_stats_enabled&name[]=ior_up", "ior_bpf_stats_enabled " },
	{ "name[]=ior_bpf_stats_enabled&exclude[]=bpf&name[]=ior_up", "ior_up " },
};

START_TEST(families_are_those_asked_for)
{
	struct filter filter;
	struct query query;
	char got[4096], err[256] = "";

	parse(asked[_i].query, &query);
	ck_assert_int_eq(query_filter(&query, &filter, err, sizeof(err)), 0);
	ck_assert_str_eq(err, "");
	ck_assert(filter.filters);
	list(&filter, got, sizeof(got));
	ck_assert_str_eq(got, asked[_i].families);
}

static const char *const all[] = { "", "x=1", "name=ior_up", "collect=bpf", "x[]=collect[]" };

START_TEST(without_filter_it_is_all)
{
	struct filter filter;
	struct query query;
	char err[256];

	parse(all[_i], &query);
	ck_assert_int_eq(query_filter(&query, &filter, err, sizeof(err)), 0);
	ck_assert(!filter.filters);
	for (size_t i = 0; i < families_n; i++)
		ck_assert(filter.families[i]);
}

/* What a collector has, and what all others have, is everything, and nothing twice. */
START_TEST(collectors_part_the_families)
{
	static const char *const names[] = { "bpf",	  "errno",   "exporter", "gap",
					     "in-flight", "process", "syscall" };
	struct query collect = { { { "collect[]", names[_i], strlen(names[_i]) } }, 1 };
	struct query exclude = { { { "exclude[]", names[_i], strlen(names[_i]) } }, 1 };
	struct filter with, without;
	char err[256];

	ck_assert_int_eq(query_filter(&collect, &with, err, sizeof(err)), 0);
	ck_assert_int_eq(query_filter(&exclude, &without, err, sizeof(err)), 0);
	for (size_t i = 0; i < families_n; i++) {
		ck_assert(with.families[i] != without.families[i]);
		ck_assert(with.families[i] == !strcmp(query_collector(&families[i]), names[_i]));
	}
}

#define THERE_ARE " (there are bpf, errno, exporter, gap, in-flight, process, syscall).\n"
static const struct {
	const char *query, *err;
} refused[] = {
	{ "collect[]=x", "collect[]: there is no collector 'x'" THERE_ARE },
	{ "collect[]=bpf&collect[]=Bpf", "collect[]: there is no collector 'Bpf'" THERE_ARE },
	{ "collect[]=", "collect[]: there is no collector ''" THERE_ARE },
	{ "collect[]", "collect[]: there is no collector ''" THERE_ARE },
	{ "exclude[]=cpu", "exclude[]: there is no collector 'cpu'" THERE_ARE },
	{ "exclude[]=a\x1b[2J\x80", "exclude[]: there is no collector 'a?[2J?'" THERE_ARE },
	{ "collect[]=0123456789012345678901234567890123456789...",
	  "collect[]: there is no collector '0123456789012345678901234567890123456789'" THERE_ARE },
	{ "collect[]=bpf&exclude[]=gap",
	  "collect[] and exclude[] cannot be asked for together.\n" },
	{ "exclude[]=gap&name[]=x&collect[]=gap",
	  "collect[] and exclude[] cannot be asked for together.\n" },
};

START_TEST(what_is_not_understood_is_refused)
{
	struct filter filter;
	struct query query;
	char err[256] = "";

	parse(refused[_i].query, &query);
	ck_assert_int_eq(query_filter(&query, &filter, err, sizeof(err)), -EINVAL);
	ck_assert_str_eq(err, refused[_i].err);
}

static const struct {
	const char *name;
	int r;
} hidden[] = { { "collect[]", -EINVAL }, { "name[]", -EINVAL }, { "x", 0 } };

START_TEST(zero_byte_ends_no_value)
{
	const struct query query = { { { hidden[_i].name, "bpf\0", 4 } }, 1 };
	struct filter filter;
	char err[256];

	ck_assert_int_eq(query_filter(&query, &filter, err, sizeof(err)), hidden[_i].r);
}

START_TEST(length_and_number_have_limits)
{
	static char value[130];
	struct query query = { .n = QUERY_PARAMETERS_MAX };
	struct filter filter;
	char err[256] = "";

	for (size_t i = 0; i < query.n; i++)
		query.item[i] = (struct query_parameter){ "name[]", "ior_up", 6 };
	ck_assert_int_eq(query_filter(&query, &filter, err, sizeof(err)), 0);
	memset(value, 'a', 128);
	query.item[1] = (struct query_parameter){ "name[]", value, 128 };
	ck_assert_int_eq(query_filter(&query, &filter, err, sizeof(err)), 0);
	value[128] = 'a';
	query.item[1].value_len++;
	ck_assert_int_eq(query_filter(&query, &filter, err, sizeof(err)), -EINVAL);
	query.item[1] = query.item[0];
	query.n++;
	ck_assert_int_eq(query_filter(&query, &filter, err, sizeof(err)), -EINVAL);
	ck_assert_str_eq(err, "More than 64 parameters.\n");
}

Suite *query_suite(void)
{
	const struct test tests[] = {
		{ families_are_those_asked_for, COUNT(asked) },
		{ without_filter_it_is_all, COUNT(all) },
		{ collectors_part_the_families, 7 },
		{ what_is_not_understood_is_refused, COUNT(refused) },
		{ zero_byte_ends_no_value, COUNT(hidden) },
		{ length_and_number_have_limits, 0 },
	};

	return suite_make("query", tests, COUNT(tests));
}
