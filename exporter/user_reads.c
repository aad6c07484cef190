/* SPDX-License-Identifier: Apache-2.0 */
#include "user_reads.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define SECTION "tp_btf/"

/* None of our programs calls bpf_probe_read() itself. */
static int put_back(struct bpf_program *program, struct bpf_prog_load_opts *opts, long cookie)
{
	struct bpf_insn *insns = (struct bpf_insn *)bpf_program__insns(program);

	(void)opts;
	(void)cookie;
	for (size_t i = 0; i < bpf_program__insn_cnt(program); i++)
		if (insns[i].code == (BPF_JMP | BPF_CALL) && !insns[i].src_reg &&
		    insns[i].imm == BPF_FUNC_probe_read)
			insns[i].imm = BPF_FUNC_probe_read_user;
	return 0;
}

static int attach(const struct bpf_program *program, long cookie, struct bpf_link **ret)
{
	(void)cookie;
	*ret = bpf_program__attach_trace(program);
	return *ret ? 0 : -errno;
}

int user_reads_register(void)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .prog_prepare_load_fn = put_back,
		    .prog_attach_fn = attach);
	static int handler; /* libbpf's own state is the process's, too */

	if (handler <= 0)
		handler = libbpf_register_prog_handler("tp_btf+", BPF_PROG_TYPE_TRACING,
						       BPF_TRACE_RAW_TP, &opts);
	return handler < 0 ? handler : 0;
}

int user_reads_prepare(const struct bpf_object *object)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
	{
		const char *section = bpf_program__section_name(program);
		int r;

		if (!bpf_program__autoload(program) ||
		    strncmp(section, SECTION, strlen(SECTION)) != 0)
			continue;
		r = bpf_program__set_attach_target(program, 0, section + strlen(SECTION));
		if (r < 0)
			return r;
	}
	return 0;
}
