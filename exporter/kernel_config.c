/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel_config.h"

#include <string.h>

/* Calls whose bytes their arguments decide. */
static const struct {
	const char *name;
	enum ior_rule rule;
} rules[] = {
	{ "recvfrom", IOR_RULE_RECVFROM },   { "recvmsg", IOR_RULE_RECVMSG },
	{ "getxattr", IOR_RULE_PROBE_3 },    { "lgetxattr", IOR_RULE_PROBE_3 },
	{ "fgetxattr", IOR_RULE_PROBE_3 },   { "getxattrat", IOR_RULE_PROBE_XATTR_ARGS },
	{ "listxattr", IOR_RULE_PROBE_2 },   { "llistxattr", IOR_RULE_PROBE_2 },
	{ "flistxattr", IOR_RULE_PROBE_2 },  { "listxattrat", IOR_RULE_PROBE_4 },
	{ "syslog", IOR_RULE_SYSLOG },	     { "msgsnd", IOR_RULE_SENT_2 },
	{ "mq_timedsend", IOR_RULE_SENT_2 },
};

static void write_rules(struct ior_config *config)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct syscall *call = syscall_by_name(rules[i].name);

		if (!call || call->nr < 0)
			continue;
		config->rule[call->nr] = (uint8_t)rules[i].rule;
		config->call[call->nr] |= IOR_CALL_RULE;
	}
}

void kernel_config_fill(struct ior_config *config, const struct selection *selection,
			uint32_t self_tgid)
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
		/* continues calls that may be selected */
		if (!selection->on[i] && !strcmp(call->name, "restart_syscall"))
			flags |= IOR_CALL_SELECTED | IOR_CALL_HIDDEN;
		config->call[call->nr] = flags;
	}
	write_rules(config);
	/* numbers that no table knows are selected as "unknown" is */
	for (size_t nr = 0; nr < IOR_NR_MAX; nr++)
		if (!(config->call[nr] & IOR_CALL_KNOWN))
			config->call[nr] = config->call[IOR_NR_UNKNOWN] & IOR_CALL_SELECTED;
	config->self_tgid = self_tgid;
}
