/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the kernel suite, or says why it can't. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#include "kernel.h"

/* Far above what a test takes with all CPUs taken by others and under a sanitizer. */
#define TIMEOUT_SECONDS 120

static unsigned int tests_n, skipped_n;

/* The suite runs once for each way to attach; each run has a name of its own. */
static const char *suite_name(void)
{
	const char *name = getenv("IOR_TEST_SUITE");

	return name ? name : "kernel";
}

void kernel_skip(unsigned int n, const char *reason)
{
	printf("%s: %u skipped: %s\n", suite_name(), n, reason);
	skipped_n += n;
}

void kernel_add(TCase *tcase, const TTest *test)
{
	tcase_add_test(tcase, test);
	tests_n++;
}

void kernel_add_loop(TCase *tcase, const TTest *test, int n)
{
	tcase_add_loop_test(tcase, test, 0, n);
	tests_n += (unsigned int)n;
}

void kernel_add_unless(TCase *tcase, const TTest *test, const char *lack)
{
	if (!*lack) {
		kernel_add(tcase, test);
		return;
	}
	printf("%s: 1 skipped: %s: %s\n", suite_name(), test->name, lack);
	skipped_n++;
}

static TCase *(*const cases[])(void) = {
	exact_tests,   window_tests,	comm_tests,    exec_tests,	     end_tests,
	stop_tests,    select_tests,	time_tests,    rows_tests,	     number_tests,
	signal_tests,  restart_tests,	handler_tests, handler_return_tests, errors_tests,
	bytes_tests,   in_flight_tests, gap_tests,     attach_tests,	     compat_tests,
	thread_tests,  seats_tests,	filter_tests,  filter_change_tests,  container_tests,
	reclaim_tests, serial_tests,
};

static SRunner *make_runner(void)
{
	Suite *suite = suite_create(suite_name());
	SRunner *runner;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		TCase *tcase = cases[i]();

		tcase_set_timeout(tcase, TIMEOUT_SECONDS);
		suite_add_tcase(suite, tcase);
	}
	runner = srunner_create(suite);
	/* a test's own process is what the tracer leaves out */
	srunner_set_fork_status(runner, CK_FORK);
	return runner;
}

/* Two suites at once would make each other's rare calls. Any folder that all of them see does. */
static void lock_machine(void)
{
	int fd = open("/sys/kernel", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || !flock(fd, LOCK_EX | LOCK_NB))
		return;
	fprintf(stderr, "kernel: waiting for another run of this suite to end\n");
	(void)flock(fd, LOCK_EX);
}

/* Can programs be loaded here? A failure that the exporter has no remedy for is a defect, and no
 * reason to skip. */
static bool can_trace(bool *defect)
{
	struct source_error err = { .operation = "" };
	int r = trace_share(&err);

	if (r < 0)
		printf("%s: %s: %s%s%s\n", suite_name(), err.operation, strerror(-r),
		       err.remedy[0] ? ": " : "", err.remedy);
	*defect = r < 0 && !err.remedy[0];
	return r == 0;
}

int main(void)
{
	SRunner *runner;
	unsigned int failed, run;
	bool defect, able;

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	lock_machine();
	able = can_trace(&defect);
	runner = make_runner();
	if (!able) {
		srunner_free(runner);
		printf("%s: 0 passed, %u failed, %u skipped\n", suite_name(), defect,
		       tests_n + skipped_n - defect);
		return defect;
	}
	srunner_run_all(runner, CK_NORMAL);
	trace_unshare();
	failed = (unsigned int)srunner_ntests_failed(runner);
	run = (unsigned int)srunner_ntests_run(runner);
	srunner_free(runner);
	printf("%s: %u passed, %u failed, %u skipped\n", suite_name(), run - failed, failed,
	       skipped_n);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
