/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture.h"
#include "preflight.h"
#include "suites.h"

static const struct {
	int r;
	const char *remedy;
} remedies[] = {
	{ -ENOMEM, "raise the memory limit, or lower --series.max or --series.memory" },
	{ -EOVERFLOW,
	  "one set of --series.max rows is larger than --series.memory: raise the one or "
	  "lower the other" },
};

START_TEST(lack_of_memory_has_its_remedy)
{
	char remedy[256], small[10];

	preflight_remedy(remedies[_i].r, remedy, sizeof(remedy));
	ck_assert_str_eq(remedy, remedies[_i].remedy);
	preflight_remedy(remedies[_i].r, small, sizeof(small));
	ck_assert_uint_eq(strlen(small), sizeof(small) - 1);
	ck_assert_mem_eq(small, remedies[_i].remedy, sizeof(small) - 1);
}

/* Takes away capabilities of this process, which ends with the test. */
static void drop(const unsigned int *caps, size_t n)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	ck_assert_int_eq(syscall(SYS_capget, &header, data), 0);
	for (size_t i = 0; i < n; i++)
		data[caps[i] / 32].effective &= ~(1u << caps[i] % 32);
	ck_assert_int_eq(syscall(SYS_capset, &header, data), 0);
}

START_TEST(lack_of_capabilities_has_its_remedy)
{
	static const unsigned int caps[] = { CAP_SYS_ADMIN, CAP_BPF, CAP_PERFMON };
	char remedy[256];

	drop(caps, COUNT(caps));
	preflight_remedy(-EPERM, remedy, sizeof(remedy));
	ck_assert_str_eq(remedy, "missing: CAP_BPF and CAP_PERFMON; run as root, or: setcap "
				 "cap_bpf,cap_perfmon=ep ior_exporter");
}

/* Also where no more file can be opened to look at anything else. */
static const rlim_t few_files[] = { 3, 20, 63 };

START_TEST(lack_of_files_has_its_remedy)
{
	char texts[2][256], expected[256];
	struct rlimit before, few;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = (struct rlimit){ few_files[_i], before.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	preflight_remedy(-EMFILE, texts[0], sizeof(texts[0]));
	preflight_remedy(-EINVAL, texts[1], sizeof(texts[1]));
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0); /* sanitizers open files, too */
	(void)snprintf(expected, sizeof(expected),
		       "missing: 64 open files; raise the limit of open files, which is %u "
		       "(ulimit -n)",
		       (unsigned int)few_files[_i]);
	ck_assert_str_eq(texts[0], expected);
	ck_assert_str_eq(texts[1], expected);
}

/* Root there has every capability, and none that loads programs. (unshare() refuses where a
 * sanitizer has a thread of its own.) */
START_TEST(capabilities_of_a_user_namespace_do_not_do)
{
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
	char remedy[256];
	int status;

	if (!pid) {
		preflight_remedy(-EPERM, remedy, sizeof(remedy));
		_exit(strcmp(remedy, "missing: CAP_BPF and CAP_PERFMON; these are of a user "
				     "namespace: run outside of it") != 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

static int missing;

static void print(FILE *out)
{
	missing = preflight_print(out);
}

START_TEST(capabilities_that_are_missing_are_the_second_line)
{
	static const unsigned int caps[] = { CAP_SYS_ADMIN, CAP_BPF, CAP_PERFMON };
	char *text, *state = NULL;

	drop(caps, COUNT(caps));
	text = capture_print(print);
	(void)strtok_r(text, "\n", &state);
	ck_assert_str_eq(strtok_r(NULL, "\n", &state),
			 "missing  CAP_BPF and CAP_PERFMON: run as root, or: setcap "
			 "cap_bpf,cap_perfmon=ep ior_exporter");
	ck_assert_int_ne(missing, 0);
	free(text);
}

/* "ok       NEED", "note     NEED: WHAT IS DONE WITHOUT" or "missing  NEED: REMEDY", and as many of
 * the last as it returns. */
START_TEST(each_need_is_a_line)
{
	char *text = capture_print(print), *state = NULL;
	int lines = 0, bad = 0;

	for (char *line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
		const bool is_missing = !strncmp(line, "missing  ", 9);

		ck_assert_msg(is_missing || !strncmp(line, "ok       ", 9) ||
				      !strncmp(line, "note     ", 9),
			      "'%s'", line);
		bad += is_missing;
		lines++;
	}
	ck_assert_int_eq(lines, 4);
	ck_assert_int_eq(missing, bad);
	free(text);
}

/* Each kernel that can run the tests is new enough. */
START_TEST(third_line_names_this_kernel)
{
	char *text = capture_print(print), *state = NULL, *line, expected[256];
	struct utsname name;
	int n;

	ck_assert_int_eq(uname(&name), 0);
	n = snprintf(expected, sizeof(expected), "Linux 5.8 or newer (this is %s)", name.release);
	(void)strtok_r(text, "\n", &state);
	(void)strtok_r(NULL, "\n", &state);
	line = strtok_r(NULL, "\n", &state);
	ck_assert_ptr_nonnull(line);
	ck_assert(!strncmp(line, "ok       ", 9) || !strncmp(line, "note     ", 9));
	ck_assert_int_eq(strncmp(line + 9, expected, (size_t)n), 0);
	free(text);
}

Suite *preflight_suite(void)
{
	const struct test tests[] = {
		{ lack_of_memory_has_its_remedy, COUNT(remedies) },
		{ lack_of_capabilities_has_its_remedy, 0 },
		{ lack_of_files_has_its_remedy, COUNT(few_files) },
		{ capabilities_of_a_user_namespace_do_not_do, 0 },
		{ capabilities_that_are_missing_are_the_second_line, 0 },
		{ each_need_is_a_line, 0 },
		{ third_line_names_this_kernel, 0 },
	};

	return suite_make("preflight", tests, COUNT(tests));
}
