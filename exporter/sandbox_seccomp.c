/* SPDX-License-Identifier: Apache-2.0 */
/* The last stage: the filter on the whole process. */
#include <errno.h>

#include "sandbox.h"
#include "sandbox_calls.h"
#include "sandbox_filter.h"

void sandbox_seccomp(unsigned int needs, struct sandbox_report *report)
{
	int r = sandbox_filter_install(sandbox_calls, sandbox_calls_n, needs | SANDBOX_BUILD);

	report->seccomp = r == 0;
	if (r == -ENOSYS || r == -EINVAL)
		sandbox_keep(report, "system calls (seccomp)", "not in this kernel");
	else if (r == -ESRCH)
		sandbox_keep(report, "system calls (seccomp)", "a thread has a filter of its own");
	else if (r < 0)
		sandbox_keep(report, "system calls (seccomp)", "the kernel refused");
}
