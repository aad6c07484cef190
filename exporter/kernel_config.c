/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel_config.h"

#include <assert.h>
#include <string.h>

/* Calls whose bytes their arguments decide. */
static const struct {
	const char *name;
	uint16_t rule;
} rules[] = {
	{ "recvfrom", IOR_RULE(IOR_RULE_RECVFROM, 3, 2) },
	{ "recvmsg", IOR_RULE(IOR_RULE_RECVMSG, 2, 1) },
	{ "getxattr", IOR_RULE(IOR_RULE_PROBE, 3, 0) },
	{ "lgetxattr", IOR_RULE(IOR_RULE_PROBE, 3, 0) },
	{ "fgetxattr", IOR_RULE(IOR_RULE_PROBE, 3, 0) },
	{ "getxattrat", IOR_RULE(IOR_RULE_PROBE_XATTR_ARGS, 4, 0) },
	{ "listxattr", IOR_RULE(IOR_RULE_PROBE, 2, 0) },
	{ "llistxattr", IOR_RULE(IOR_RULE_PROBE, 2, 0) },
	{ "flistxattr", IOR_RULE(IOR_RULE_PROBE, 2, 0) },
	{ "listxattrat", IOR_RULE(IOR_RULE_PROBE, 4, 0) },
	{ "syslog", IOR_RULE(IOR_RULE_SYSLOG, 0, 0) },
	{ "msgsnd", IOR_RULE(IOR_RULE_SENT, 2, 0) },
	{ "mq_timedsend", IOR_RULE(IOR_RULE_SENT, 2, 0) },
};

static void write_rules(struct ior_config *config)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct syscall *call = syscall_by_name(rules[i].name);

		if (!call || call->nr < 0)
			continue;
		config->rule[call->nr] = rules[i].rule;
		config->call[call->nr] |= IOR_CALL_RULE;
	}
}

/* Calls that come back to another place, by their nature. */
static bool moves(const char *name)
{
	static const char *const movers[] = { "execve", "execveat", "rt_sigreturn", "uprobe",
					      "uretprobe" };

	for (size_t i = 0; i < sizeof(movers) / sizeof(movers[0]); i++)
		if (!strcmp(name, movers[i]))
			return true;
	return false;
}

static const char *families[SYSCALLS_GROUPS];

__attribute__((constructor)) static void name_families(void)
{
	size_t n = syscall_groups(GROUP_FAMILY, families);

	assert(n == IOR_FAMILIES);
}

const char *kernel_config_family(unsigned int family)
{
	assert(family < IOR_FAMILIES);
	return families[family];
}

static unsigned int family_of(const struct syscall *call)
{
	unsigned int family = 0;

	while (strcmp(kernel_config_family(family), call->family) != 0)
		family++;
	return family;
}

static void write_compat(struct ior_config *config)
{
	for (size_t nr = 0; nr < IOR_NR_MAX; nr++)
		config->compat[nr] = IOR_NR_COMPAT;
	for (size_t i = 0; i < SYSCALLS; i++)
		for (size_t j = 0; j < SYSCALL_COMPATS && syscalls[i].compat[j] >= 0; j++)
			if (syscalls[i].nr >= 0)
				config->compat[syscalls[i].compat[j]] = (uint16_t)syscalls[i].nr;
}

void kernel_config_fill(struct ior_config *config, const struct selection *selection, bool gaps)
{
	for (size_t i = 0; i < SYSCALLS; i++) {
		const struct syscall *call = &syscalls[i];
		uint8_t flags = IOR_CALL_KNOWN;

		if (call->nr < 0)
			continue;
		if (selection->on[i])
			flags |= IOR_CALL_SELECTED;
		if (call->bytes != BYTES_NONE)
			flags |= IOR_CALL_BYTES;
		if (call->noreturn)
			flags |= IOR_CALL_NORETURN;
		if (moves(call->name))
			flags |= IOR_CALL_MOVES;
		/* continues calls that may be selected */
		if (!selection->on[i] && !strcmp(call->name, "restart_syscall"))
			flags |= IOR_CALL_SELECTED | IOR_CALL_HIDDEN;
		config->call[call->nr] = flags;
		config->family[call->nr] = (uint8_t)family_of(call);
	}
	write_rules(config);
	write_compat(config);
	/* numbers that no table knows are selected as "unknown" is */
	for (size_t nr = 0; nr < IOR_NR_MAX; nr++) {
		if (config->call[nr] & IOR_CALL_KNOWN)
			continue;
		config->call[nr] = config->call[IOR_NR_UNKNOWN] & IOR_CALL_SELECTED;
		config->family[nr] = config->family[IOR_NR_UNKNOWN];
	}
	for (size_t nr = 0; gaps && nr < IOR_NR_CALLS; nr++)
		config->call[nr] |= IOR_CALL_GAP;
}

bool kernel_config_selects_all(const struct ior_config *config)
{
	for (size_t nr = 0; nr < IOR_NR_CALLS; nr++)
		if ((config->call[nr] & (IOR_CALL_SELECTED | IOR_CALL_HIDDEN)) != IOR_CALL_SELECTED)
			return false;
	return true;
}
