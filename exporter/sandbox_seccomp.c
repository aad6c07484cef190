/* SPDX-License-Identifier: Apache-2.0 */
/* The last stage: the filter on the whole process. */
#include <errno.h>

#include "sandbox.h"
#include "sandbox_calls.h"
#include "sandbox_filter.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BUILD_NEEDS SANDBOX_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BUILD_NEEDS SANDBOX_SANITIZER
#endif
#endif
#ifndef BUILD_NEEDS
#define BUILD_NEEDS 0
#endif

void sandbox_seccomp(unsigned int needs, struct sandbox_report *report)
{
	int r = sandbox_filter_install(sandbox_calls, sandbox_calls_n, needs | BUILD_NEEDS);

	report->seccomp = r == 0;
	if (r == -ENOSYS || r == -EINVAL)
		sandbox_keep(report, "system calls (seccomp)", "not in this kernel");
	else if (r == -ESRCH)
		sandbox_keep(report, "system calls (seccomp)", "a thread has a filter of its own");
	else if (r < 0)
		sandbox_keep(report, "system calls (seccomp)", "the kernel refused");
}
