/* SPDX-License-Identifier: Apache-2.0 */
/* Runs all suites, each test in a process of its own, so that a crash is one failed test. Check
 * prints a failed test's name and message (CK_VERBOSITY=verbose: of all; CK_RUN_SUITE=NAME: one
 * suite alone); the last line is the totals. */
#include <stdio.h>
#include <stdlib.h>

#include "suites.h"

/* Sanitizers make the slowest tests twenty times slower. */
#define TIMEOUT_SECONDS 120

static int skipped;

void suite_skip(const char *test, const char *reason)
{
	printf("skipped %s: %s\n", test, reason);
	skipped++;
}

void suite_add(Suite *suite, const char *name, const struct test *tests, size_t n)
{
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, TIMEOUT_SECONDS);
	for (size_t i = 0; i < n; i++) {
		if (tests[i].rows)
			tcase_add_loop_test(tcase, tests[i].test, 0, (int)tests[i].rows);
		else
			tcase_add_test(tcase, tests[i].test);
	}
	suite_add_tcase(suite, tcase);
}

Suite *suite_make(const char *name, const struct test *tests, size_t n)
{
	Suite *suite = suite_create(name);

	suite_add(suite, name, tests, n);
	return suite;
}

/* From the lowest layer up: the first failure is the most basic one. */
static Suite *(*const suites[])(void) = {
	slot_suite,
	label_suite,
	container_suite,
	cgroup_list_suite,
	cgroup_list_faults_suite,
	cgroups_suite,
	cgroups_again_suite,
	cgroups_hierarchy_suite,
	buf_suite,
	bounds_suite,
	values_suite,
	process_text_suite,
	process_suite,
	syscalls_suite,
	by_suite,
	sandbox_suite,
	sandbox_filter_suite,
	select_suite,
	config_suite,
	config_value_suite,
	config_file_suite,
	config_file_errors_suite,
	flags_suite,
	log_suite,
	kernel_symbol_suite,
	kernel_config_suite,
	self_test_suite,
	arrays_suite,
	arrays_by_suite,
	reclaim_suite,
	memory_limit_suite,
	memory_need_suite,
	snapshot_suite,
	snapshot_in_flight_suite,
	snapshot_gaps_suite,
	source_file_suite,
	source_file_by_suite,
	source_file_errors_suite,
	source_file_gaps_suite,
	encode_suite,
	encode_protobuf_suite,
	families_suite,
	page_suite,
	filter_suite,
	fold_suite,
	fold_in_flight_suite,
	fold_by_suite,
	fold_set_suite,
	fold_history_suite,
	folded_suite,
	compress_suite,
	query_suite,
	negotiate_suite,
	app_suite,
	app_tick_suite,
	app_process_suite,
	stream_suite,
	body_suite,
	rewrite_suite,
	reload_suite,
	landing_suite,
	routes_suite,
	routes_scrape_suite,
	listen_suite,
	systemd_suite,
	head_suite,
	conns_suite,
	http_suite,
	http_faults_suite,
	http_start_suite,
	guard_suite,
	http_web_suite,
	probe_suite,
	auth_suite,
	auth_thread_suite,
	siphash_suite,
	rate_limit_suite,
	tls_priority_suite,
	opener_suite,
	web_files_suite,
	web_config_suite,
	web_config_http_suite,
	web_config_tls_suite,
	preflight_suite,
	version_suite,
	kernel_offsets_suite,
};

int main(void)
{
	SRunner *runner = srunner_create(NULL);
	int run, failed;

	for (size_t i = 0; i < COUNT(suites); i++)
		srunner_add_suite(runner, suites[i]());
	srunner_set_fork_status(runner, CK_FORK);
	(void)fflush(stdout);
	srunner_run_all(runner, CK_ENV);
	run = srunner_ntests_run(runner);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	printf("unit: %d passed, %d failed, %d skipped\n", run - failed, failed, skipped);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
