/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf_wait.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdint.h>
#include <unistd.h>

int bpf_wait_open(struct bpf_wait *ret)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts);
	int r;

	ret->outer = -1;
	ret->inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, "wait_inner", sizeof(uint32_t),
				    sizeof(uint32_t), 1, NULL);
	if (ret->inner < 0)
		return -errno;
	opts.inner_map_fd = (uint32_t)ret->inner;
	ret->outer = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "wait", sizeof(uint32_t),
				    sizeof(uint32_t), 1, &opts);
	if (ret->outer >= 0)
		return 0;
	r = -errno;
	bpf_wait_close(ret);
	return r;
}

void bpf_wait_close(struct bpf_wait *wait)
{
	if (wait->outer >= 0)
		(void)close(wait->outer);
	if (wait->inner >= 0)
		(void)close(wait->inner);
	*wait = (struct bpf_wait){ -1, -1 };
}

int bpf_wait(const struct bpf_wait *wait)
{
	const uint32_t first = 0;

	return bpf_map_update_elem(wait->outer, &first, &wait->inner, BPF_ANY) ? -errno : 0;
}
