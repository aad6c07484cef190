/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "sandbox_calls.h"

#define ENDING_MS 1000 /* far above what a thread takes that has ended */

void sandbox_keep(struct sandbox_report *report, const char *right, const char *reason)
{
	if (report->kept_n < sizeof(report->kept) / sizeof(report->kept[0]))
		report->kept[report->kept_n++] = (struct sandbox_kept){ right, reason, false };
}

static bool keeps_bpf(const struct sandbox_report *report)
{
	for (size_t i = 0; i < report->kept_n; i++)
		if (report->kept[i].right == sandbox_right_bpf)
			return true;
	return false;
}

int sandbox_thread(const struct sandbox *sandbox, struct sandbox_report *ret, const char **failed)
{
	int r;

	*ret = (struct sandbox_report){ 0 };
	if (sandbox->level < SANDBOX_CAPS)
		return 0;
	*failed = "no_new_privs";
	r = sandbox_no_new_privs();
	if (r < 0)
		return r;
	sandbox_bounding_set(ret);
	sandbox_user(ret);
	*failed = "capabilities";
	r = sandbox_capabilities(sandbox->needs & SANDBOX_BPF, ret);
	if (r == 0 && sandbox->level >= SANDBOX_LANDLOCK)
		sandbox_landlock(sandbox->listed_folder, ret);
	return r;
}

/* The kernel wakes who waits for the end of a thread before it forgets the thread, so that one that
 * was joined may be there for a moment more; it will not run again. */
static bool others_are_capable(int tasks, bool bpf)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	for (int tries = 0; tries < ENDING_MS; tries++) {
		if (!sandbox_find_capable(tasks, bpf))
			return false;
		(void)nanosleep(&pause, NULL);
	}
	return true;
}

int sandbox_process(const struct sandbox *sandbox, struct sandbox_report *ret, const char **failed)
{
	int tasks = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = sandbox_thread(sandbox, ret, failed);

	if (r == 0 && sandbox->level >= SANDBOX_CAPS && tasks >= 0 &&
	    others_are_capable(tasks, keeps_bpf(ret))) {
		*failed = "capabilities of another thread";
		r = -EUCLEAN;
	}
	if (tasks >= 0)
		(void)close(tasks);
	if (r == 0 && sandbox->level >= SANDBOX_ALL)
		sandbox_seccomp(sandbox->needs, ret);
	return r;
}
