/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The suites of the unit tests, one a module, and how they are made. A test is a sentence; a test
 * that runs once a row of a table takes the row from Check's _i.
 */
#ifndef SUITES_H
#define SUITES_H

#include <check.h>
#include <stddef.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct test {
	const TTest *test;
	size_t rows; /* of its table; 0: it runs once */
};

/* One suite of these tests. */
Suite *suite_make(const char *name, const struct test *tests, size_t n);

/* Adds more, under a name of their own. */
void suite_add(Suite *suite, const char *name, const struct test *tests, size_t n);

/* Says that a test is left out on this machine, and why; counted in the last line. */
void suite_skip(const char *test, const char *reason);

Suite *app_suite(void);
Suite *app_process_suite(void);
Suite *app_tick_suite(void);
Suite *arrays_suite(void);
Suite *arrays_by_suite(void);
Suite *reclaim_suite(void);
Suite *bounds_suite(void);
Suite *body_suite(void);
Suite *buf_suite(void);
Suite *cgroup_list_suite(void);
Suite *cgroup_list_faults_suite(void);
Suite *cgroups_suite(void);
Suite *cgroups_again_suite(void);
Suite *cgroups_hierarchy_suite(void);
Suite *by_suite(void);
Suite *compress_suite(void);
Suite *config_suite(void);
Suite *conns_suite(void);
Suite *config_file_suite(void);
Suite *config_file_errors_suite(void);
Suite *config_value_suite(void);
Suite *container_suite(void);
Suite *encode_suite(void);
Suite *encode_protobuf_suite(void);
Suite *families_suite(void);
Suite *flags_suite(void);
Suite *filter_suite(void);
Suite *fold_suite(void);
Suite *fold_in_flight_suite(void);
Suite *fold_by_suite(void);
Suite *fold_history_suite(void);
Suite *fold_set_suite(void);
Suite *folded_suite(void);
Suite *guard_suite(void);
Suite *head_suite(void);
Suite *http_suite(void);
Suite *http_faults_suite(void);
Suite *http_start_suite(void);
Suite *http_web_suite(void);
Suite *kernel_config_suite(void);
Suite *kernel_offsets_suite(void);
Suite *kernel_symbol_suite(void);
Suite *label_suite(void);
Suite *landing_suite(void);
Suite *listen_suite(void);
Suite *log_suite(void);
Suite *memory_limit_suite(void);
Suite *memory_need_suite(void);
Suite *negotiate_suite(void);
Suite *page_suite(void);
Suite *preflight_suite(void);
Suite *probe_suite(void);
Suite *process_suite(void);
Suite *process_text_suite(void);
Suite *query_suite(void);
Suite *reload_suite(void);
Suite *rewrite_suite(void);
Suite *routes_suite(void);
Suite *routes_scrape_suite(void);
Suite *sandbox_suite(void);
Suite *sandbox_filter_suite(void);
Suite *select_suite(void);
Suite *self_test_suite(void);
Suite *slot_suite(void);
Suite *snapshot_suite(void);
Suite *snapshot_gaps_suite(void);
Suite *snapshot_in_flight_suite(void);
Suite *source_file_suite(void);
Suite *source_file_by_suite(void);
Suite *source_file_errors_suite(void);
Suite *source_file_gaps_suite(void);
Suite *stream_suite(void);
Suite *syscalls_suite(void);
Suite *systemd_suite(void);
Suite *values_suite(void);
Suite *version_suite(void);
Suite *auth_suite(void);
Suite *auth_thread_suite(void);
Suite *siphash_suite(void);
Suite *rate_limit_suite(void);
Suite *tls_priority_suite(void);
Suite *opener_suite(void);
Suite *web_files_suite(void);
Suite *web_config_suite(void);
Suite *web_config_http_suite(void);
Suite *web_config_tls_suite(void);

#endif
