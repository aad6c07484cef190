/* SPDX-License-Identifier: Apache-2.0 */
/* That no thread is left with capabilities. What gives them up is a child of its own. */
#include <errno.h>
#include <linux/capability.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox.h"
#include "suites.h"

#define NONE_FAILED "none"

static bool has_capabilities(pid_t thread)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, thread };
	struct __user_cap_data_struct data[2] = { { 0 } };

	(void)syscall(SYS_capget, &head, data);
	return data[0].permitted || data[1].permitted;
}

static pid_t main_thread;

/* Ends when the main thread has given its own up. */
static void *outlive(void *arg)
{
	while (has_capabilities(main_thread))
		(void)usleep(1000);
	return NULL;
}

static void *stay(void *arg)
{
	for (;;)
		(void)pause();
	return NULL;
}

/* What sandbox_process() returns beside such a thread, and which stage it says failed. */
static int give_up_beside(void *(*thread)(void *), char ret_failed[32])
{
	struct {
		int r;
		char failed[32];
	} result = { .r = 1 };
	int fds[2], status;
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	if (!pid) {
		const struct sandbox sandbox = { .level = SANDBOX_CAPS };
		struct sandbox_report report;
		const char *failed = NONE_FAILED;
		pthread_t other;

		main_thread = getpid();
		if (pthread_create(&other, NULL, thread, NULL))
			_exit(1);
		result.r = sandbox_process(&sandbox, &report, &failed);
		(void)snprintf(result.failed, sizeof(result.failed), "%s",
			       result.r ? failed : NONE_FAILED);
		_exit(write(fds[1], &result, sizeof(result)) != sizeof(result));
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq((int)read(fds[0], &result, sizeof(result)), (int)sizeof(result));
	(void)close(fds[0]);
	(void)close(fds[1]);
	memcpy(ret_failed, result.failed, sizeof(result.failed));
	return result.r;
}

START_TEST(a_thread_that_ends_is_waited_for)
{
	char failed[32];

	ck_assert_int_eq(give_up_beside(outlive, failed), 0);
	ck_assert_str_eq(failed, NONE_FAILED);
}
END_TEST

/* Without capabilities there are none to be left with. */
START_TEST(a_thread_that_keeps_capabilities_is_found)
{
	const bool capable = has_capabilities(0);
	char failed[32];

	ck_assert_int_eq(give_up_beside(stay, failed), capable ? -EUCLEAN : 0);
	ck_assert_str_eq(failed, capable ? "capabilities of another thread" : NONE_FAILED);
}
END_TEST

Suite *sandbox_suite(void)
{
	Suite *suite = suite_create("sandbox");
	TCase *tcase = tcase_create("sandbox");

	tcase_add_test(tcase, a_thread_that_ends_is_waited_for);
	tcase_add_test(tcase, a_thread_that_keeps_capabilities_is_found);
	suite_add_tcase(suite, tcase);
	return suite;
}
