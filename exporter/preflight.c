/* SPDX-License-Identifier: Apache-2.0 */
#include "preflight.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#define BTF_PATH "/sys/kernel/btf/vmlinux"
#define LOCKDOWN_PATH "/sys/kernel/security/lockdown"
#define REMEDY_MEMORY "raise the memory limit, or lower --series.max or --series.memory"

/* A number of /proc/self/status, 0 if it is not there. */
static uint64_t status_value(const char *name, int base)
{
	char line[256];
	uint64_t value = 0;
	FILE *file = fopen("/proc/self/status", "re");

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)))
			value = strtoull(line + strlen(name), NULL, base);
	if (file)
		(void)fclose(file);
	return value;
}

static bool has_capability(unsigned int cap)
{
	return status_value("CapEff:", 16) >> cap & 1;
}

static bool has_seccomp_filter(void)
{
	return status_value("Seccomp:", 10) == 2; /* SECCOMP_MODE_FILTER */
}

/* CAP_SYS_ADMIN stands for both, as before Linux 5.8. */
static const char *missing_capabilities(void)
{
	bool admin = has_capability(CAP_SYS_ADMIN);
	bool bpf = admin || has_capability(CAP_BPF);
	bool perfmon = admin || has_capability(CAP_PERFMON);

	if (!bpf && !perfmon)
		return "CAP_BPF and CAP_PERFMON";
	if (!bpf)
		return "CAP_BPF";
	return perfmon ? NULL : "CAP_PERFMON";
}

/* What a process may do in a user namespace of its own is not what the kernel asks for. Outside,
 * all numbers of users are what they are, "0 0 4294967295"; inside, there may be none at all. */
static bool in_user_namespace(void)
{
	char line[64] = "", *at = line;
	FILE *file = fopen("/proc/self/uid_map", "re");
	unsigned long inside, outside, n;

	if (!file)
		return false;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	(void)fclose(file);
	inside = strtoul(at, &at, 10);
	outside = strtoul(at, &at, 10);
	n = strtoul(at, &at, 10);
	return inside || outside || n != UINT32_MAX;
}

static bool locked_down(void)
{
	char line[128] = "";
	FILE *file = fopen(LOCKDOWN_PATH, "re");

	if (file) {
		if (!fgets(line, sizeof(line), file))
			line[0] = '\0';
		(void)fclose(file);
	}
	return strstr(line, "[confidentiality]");
}

/* Each check writes what it found, and a remedy if that is not enough, or a note if it is, but less
 * than there could be. */
struct finding {
	char text[160];
	char remedy[160];
	char note[160];
};

static void check_capabilities(struct finding *ret)
{
	const char *missing = missing_capabilities();

	(void)snprintf(ret->text, sizeof(ret->text), "%s",
		       missing ? missing : "CAP_BPF and CAP_PERFMON");
	if (missing)
		(void)snprintf(ret->remedy, sizeof(ret->remedy),
			       "run as root, or: setcap cap_bpf,cap_perfmon=ep ior_exporter");
	else if (in_user_namespace())
		(void)snprintf(ret->remedy, sizeof(ret->remedy),
			       "these are of a user namespace: run outside of it");
}

static void check_kernel(struct finding *ret)
{
	struct utsname name;
	unsigned long major, minor;
	char *rest;

	(void)uname(&name);
	major = strtoul(name.release, &rest, 10);
	minor = *rest == '.' ? strtoul(rest + 1, NULL, 10) : 0;
	(void)snprintf(ret->text, sizeof(ret->text), "Linux 5.8 or newer (this is %s)",
		       name.release);
	if (major < 5 || (major == 5 && minor < 8))
		(void)snprintf(ret->remedy, sizeof(ret->remedy), "use a newer kernel");
	else if (major == 5 && minor < 13)
		(void)snprintf(ret->note, sizeof(ret->note),
			       "before 5.13 it is mode raw_tp, without calls in flight");
}

static void check_btf(struct finding *ret)
{
	(void)snprintf(ret->text, sizeof(ret->text), "BTF in %s", BTF_PATH);
	if (access(BTF_PATH, R_OK) < 0)
		(void)snprintf(ret->note, sizeof(ret->note),
			       "without it is mode raw_tp, with comm of threads and no calls in "
			       "flight; in a container, let it see /sys/kernel/btf");
}

/* Programs, maps, links, sockets and the rest, with 4 copies: 48 were counted. */
#define FILES_NEEDED 64

static void check_files(struct finding *ret)
{
	struct rlimit limit;

	(void)snprintf(ret->text, sizeof(ret->text), "%d open files", FILES_NEEDED);
	if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < FILES_NEEDED)
		(void)snprintf(ret->remedy, sizeof(ret->remedy),
			       "raise the limit of open files, which is %llu (ulimit -n)",
			       (unsigned long long)limit.rlim_cur);
}

static void (*const checks[])(struct finding *) = {
	check_files, /* without them the others see nothing */
	check_capabilities,
	check_kernel,
	check_btf,
};

/* Mode tracepoint finds its events there. No check either: the other modes do without. */
static bool tracefs_is_readable(void)
{
	static const char *const folders[] = { "/sys/kernel/tracing/events/raw_syscalls",
					       "/sys/kernel/debug/tracing/events/raw_syscalls" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (!faccessat(AT_FDCWD, folders[i], X_OK, AT_EACCESS))
			return true;
	return false;
}

/* Mode tracepoint opens perf events. Debian's kernels, and those made of them, know a level above
 * the kernel's own three, at which CAP_PERFMON is not enough; it is their default. */
static int perf_level(void)
{
	char line[16] = "";
	FILE *file = fopen("/proc/sys/kernel/perf_event_paranoid", "re");

	if (file) {
		if (!fgets(line, sizeof(line), file))
			line[0] = '\0';
		(void)fclose(file);
	}
	return (int)strtol(line, NULL, 10);
}

void preflight_remedy(int r, char *ret, size_t size)
{
	const size_t n = sizeof(checks) / sizeof(checks[0]);

	*ret = '\0';
	if (r == -ENOMEM) {
		(void)snprintf(ret, size, REMEDY_MEMORY);
		return;
	}
	if ((r == -ENOENT || r == -EACCES) && !tracefs_is_readable()) {
		(void)snprintf(ret, size, "mode tracepoint needs tracefs: %s",
			       r == -ENOENT ? "mount -t tracefs tracefs /sys/kernel/tracing" :
					      "run as root, or add CAP_DAC_READ_SEARCH");
		return;
	}
	if (r == -EACCES && perf_level() > 2 && !has_capability(CAP_SYS_ADMIN)) {
		(void)snprintf(ret, size,
			       "mode tracepoint needs CAP_SYS_ADMIN while the sysctl "
			       "kernel.perf_event_paranoid is %d: add it, or set that to 2",
			       perf_level());
		return;
	}
	if (r == -EOVERFLOW) {
		(void)snprintf(
			ret, size,
			"one set of --series.max rows is larger than --series.memory: raise the "
			"one or lower the other");
		return;
	}
	for (size_t i = 0; i < n && !*ret; i++) {
		struct finding finding = { .remedy = "" };

		checks[i](&finding);
		if (finding.remedy[0])
			(void)snprintf(ret, size, "missing: %s; %s", finding.text, finding.remedy);
		else if (finding.note[0] && r != -EPERM) /* a mode that this machine lacks */
			(void)snprintf(ret, size, "not here: %s; %s", finding.text, finding.note);
	}
	/* Not a check: most filters let it pass. */
	if (!*ret && r == -EPERM && has_seccomp_filter())
		(void)snprintf(ret, size,
			       "a seccomp filter may deny bpf(2): container runtimes allow it with "
			       "CAP_BPF from 2022 on");
	/* Not a check: the programs of all modes but raw_tp read kernel memory by typed loads only,
	 * which lockdown allows on every kernel tried. But if all else is there, it is the first
	 * suspect. */
	if (!*ret && locked_down())
		(void)snprintf(ret, size,
			       "the kernel is in lockdown=confidentiality: boot with "
			       "lockdown=integrity or without");
}

int preflight_print(FILE *out)
{
	int missing = 0;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		struct finding finding = { .remedy = "" };

		checks[i](&finding);
		if (finding.remedy[0])
			fprintf(out, "missing  %s: %s\n", finding.text, finding.remedy);
		else if (finding.note[0])
			fprintf(out, "note     %s: %s\n", finding.text, finding.note);
		else
			fprintf(out, "ok       %s\n", finding.text);
		missing += finding.remedy[0] != '\0';
	}
	return missing;
}
