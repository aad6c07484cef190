/* SPDX-License-Identifier: Apache-2.0 */
/* What the opener tells somebody who broke into the exporter. */
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "opener_process.h"
#include "suites.h"

static const char files[1][PATH_MAX] = { "/dev/null" };

/* Of an opener that knows one file. The descriptor is -1 without one. */
static struct opener_answer ask(const struct opener_question *question, int *fd)
{
	struct opener_answer answer = { .error = 0 };
	int socket = opener_process_start(files, 1);

	ck_assert_int_ge(socket, 0);
	ck_assert_int_eq(send(socket, question, sizeof(*question), 0), sizeof(*question));
	ck_assert_int_eq(opener_receive(socket, &answer, sizeof(answer), fd), sizeof(answer));
	ck_assert_int_eq(close(socket), 0);
	return answer;
}

START_TEST(only_files_that_it_knows_are_opened_and_only_for_reading)
{
	struct opener_question question = { .kind = OPENER_ANY, .path = "/etc/passwd" };
	int fd;

	ck_assert_int_eq(ask(&question, &fd).error, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	(void)close(fd);
	question.kind = OPENER_REGULAR;
	ck_assert_int_eq(ask(&question, &fd).error, -ESPIPE);
	ck_assert_int_eq(fd, -1);
	question.file = 1;
	ck_assert_int_eq(ask(&question, &fd).error, -EINVAL);
	ck_assert_int_eq(fd, -1);
}

START_TEST(of_what_is_no_cgroup_nothing_is_told)
{
	static const char *const others[] = { "/",
					      "/proc",
					      "/dev/null",
					      "/nowhere",
					      "/dev/null/x",
					      "",
					      "/proc/../sys/fs/cgroup",
					      "/nowhere/../sys/fs/cgroup",
					      "/sys/fs/cgroup/.." };
	struct opener_question question = { .kind = OPENER_CGROUP };
	struct opener_answer answer;
	int fd;

	for (size_t i = 0; i < COUNT(others); i++) {
		(void)snprintf(question.path, sizeof(question.path), "%s", others[i]);
		answer = ask(&question, &fd);
		ck_assert_msg(answer.error == -ENOTTY && answer.number == 0 && fd == -1, "%s: %d",
			      others[i], (int)answer.error);
	}
}

/* The folder of a mounted hierarchy of version 2; "" without one. */
static char hierarchy[PATH_MAX];

static void find_hierarchy(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	struct mntent *mount;

	while (mounts && (mount = getmntent(mounts)))
		if (!strcmp(mount->mnt_type, "cgroup2"))
			(void)snprintf(hierarchy, sizeof(hierarchy), "%s", mount->mnt_dir);
	if (mounts)
		(void)endmntent(mounts);
}

START_TEST(of_a_cgroup_the_number_is_told)
{
	struct opener_question question = { .kind = OPENER_CGROUP };
	struct opener_answer answer;
	struct stat st;
	int fd;

	(void)snprintf(question.path, sizeof(question.path), "%s", hierarchy);
	answer = ask(&question, &fd);
	ck_assert_int_eq(stat(question.path, &st), 0);
	ck_assert_int_eq(answer.error, 0);
	ck_assert_uint_eq(answer.number, st.st_ino);
	ck_assert_int_eq(fd, -1);
}

Suite *opener_suite(void)
{
	const struct test tests[] = {
		{ only_files_that_it_knows_are_opened_and_only_for_reading, 0 },
		{ of_what_is_no_cgroup_nothing_is_told, 0 },
	};
	const struct test cgroup_tests[] = { { of_a_cgroup_the_number_is_told, 0 } };
	Suite *suite = suite_make("opener", tests, COUNT(tests));

	find_hierarchy();
	if (*hierarchy)
		suite_add(suite, "opener_cgroup", cgroup_tests, COUNT(cgroup_tests));
	else
		suite_skip("of_a_cgroup_the_number_is_told",
			   "no hierarchy of version 2 is mounted");
	return suite;
}
