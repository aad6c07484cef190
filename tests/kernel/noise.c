/* SPDX-License-Identifier: Apache-2.0 */
#include "noise.h"

#include <bpf/bpf.h>
#include <stdint.h>

#include "kernel.h"

#define ENTRIES 2048u
#define CHURNED 64u

static void update(int map, uint32_t key)
{
	const uint64_t value = key;

	must(bpf_map_update_elem(map, &key, &value, BPF_ANY) == 0);
}

/* The map has room for all, so that a batch always ends with the map. */
static void round_trip(int map)
{
	static uint32_t keys[ENTRIES + CHURNED];
	static uint64_t values[ENTRIES + CHURNED];
	uint32_t n = ENTRIES + CHURNED, last;

	(void)bpf_map_lookup_batch(map, NULL, &last, keys, values, &n, NULL);
	must(n == ENTRIES);
	for (uint32_t key = ENTRIES; key < ENTRIES + CHURNED; key++) {
		update(map, key);
		must(bpf_map_delete_elem(map, &key) == 0);
	}
}

static void make_noise(void *arg)
{
	int map = bpf_map_create(BPF_MAP_TYPE_HASH, "noise", sizeof(uint32_t), sizeof(uint64_t),
				 ENTRIES + CHURNED, NULL);

	must(map >= 0);
	for (uint32_t key = 0; key < ENTRIES; key++)
		update(map, key);
	round_trip(map);
	gate_pass(arg);
	for (;;)
		round_trip(map);
}

void noise_start(struct noise *noise, unsigned int n)
{
	struct gate gate;

	must(n <= NOISE_MAX);
	gate_open(&gate);
	for (noise->n = 0; noise->n < n; noise->n++)
		noise->pid[noise->n] = child_start("noise", make_noise, &gate);
	for (unsigned int i = 0; i < n; i++)
		gate_wait(&gate);
	gate_close(&gate);
}

void noise_stop(struct noise *noise)
{
	while (noise->n)
		child_kill(noise->pid[--noise->n]);
}
