/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures how long user space takes to read 10,000 rows in use out of the exporter's mapped
 * arrays, against the usual way: get_next_key and lookup on a per-CPU hash of the same rows.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "arrays.h"
#include "ior.h"
#include "ours.h"
#include "row.h"

#define ROWS 10000
#define REPEATS 9
#define LIMIT 50
#define WORDS (sizeof(struct ior_row) / 8)

struct hash_key {
	__u64 comm[2];
	__u64 nr;
};

/* What both ways make of the rows: one sum a word, over all rows. */
struct sums {
	uint64_t word[WORDS];
	size_t rows;
};

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static uint64_t content(uint32_t row, uint32_t shard, size_t word)
{
	return ((uint64_t)row * 7919 + shard * 31 + word) % 1000;
}

static struct hash_key name_of(uint32_t row)
{
	return (struct hash_key){ { row / 64 * 0x9e3779b97f4a7c15ull, 0 }, row % 64 };
}

static void add_row(struct sums *sums, const struct ior_row *row)
{
	const uint64_t *words = (const uint64_t *)row;

	for (size_t i = 0; i < WORDS; i++)
		sums->word[i] += words[i];
}

static int add_source_row(void *arg, const struct source_row *row)
{
	struct sums *sums = arg;

	add_row(sums, row->counts);
	sums->rows++;
	return 0;
}

/* As the exporter does when it is scraped: each row summed over the shards and named. */
static int read_rows_mmap(const struct arrays *arrays, struct sums *sums)
{
	const struct source_visitor visitor = { .row = add_source_row, .arg = sums };

	return rows_visit(arrays, IOR_ROWS_RESERVED + ROWS, &visitor);
}

static int read_rows_hash(int fd, struct ior_row *values, uint32_t cpus, struct sums *sums)
{
	struct hash_key key, *last = NULL;

	while (!bpf_map_get_next_key(fd, last, &key)) {
		if (bpf_map_lookup_elem(fd, &key, values))
			return -errno;
		sums->rows++;
		for (uint32_t cpu = 0; cpu < cpus; cpu++)
			add_row(sums, &values[cpu]);
		last = &key;
	}
	return errno == ENOENT ? 0 : -errno;
}

static void *map_array(struct bpf_object *object, const char *name, size_t size)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);
	void *at = MAP_FAILED;

	if (map)
		at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	return at == MAP_FAILED ? NULL : at;
}

/* Maps the arrays and fills ROWS rows that are not reserved. */
static int fill_arrays(struct bpf_object *object, struct arrays *arrays)
{
	const size_t per_shard = arrays->rows_per_shard;
	struct ior_row *rows =
		map_array(object, "rows", arrays->shards * per_shard * sizeof(*rows));
	struct ior_key *keys = map_array(object, "keys", per_shard * sizeof(*keys));

	arrays->notes = calloc(per_shard, sizeof(*arrays->notes));
	if (!rows || !keys || !arrays->notes)
		return -ENOMEM;
	arrays->rows = rows;
	arrays->keys = keys;
	for (uint32_t i = 0; i < ROWS; i++) {
		const uint32_t row = IOR_ROWS_RESERVED + i;
		struct hash_key name = name_of(i);

		keys[row] = (struct ior_key){
			.comm = { name.comm[0], name.comm[1] },
			.nr = (uint32_t)name.nr,
			.state = IOR_ROW_USED,
		};
		for (uint32_t shard = 0; shard < arrays->shards; shard++) {
			uint64_t *words = (uint64_t *)&rows[shard * per_shard + row];

			for (size_t word = 0; word < WORDS; word++)
				words[word] = content(i, shard, word);
		}
	}
	return 0;
}

static int fill_hash(struct ior_row *values, uint32_t cpus, int *ret)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_PERCPU_HASH, "bench_rows", sizeof(struct hash_key),
				sizeof(struct ior_row), ROWS, NULL);

	if (fd < 0)
		return -errno;
	for (uint32_t i = 0; i < ROWS; i++) {
		struct hash_key name = name_of(i);

		for (uint32_t cpu = 0; cpu < cpus; cpu++)
			for (size_t word = 0; word < WORDS; word++)
				((uint64_t *)&values[cpu])[word] = content(i, cpu, word);
		if (bpf_map_update_elem(fd, &name, values, BPF_NOEXIST))
			return -errno;
	}
	*ret = fd;
	return 0;
}

static int measure(const struct arrays *arrays, int hash, struct ior_row *values)
{
	double mapped = 1e18, hashed = 1e18;

	for (int i = 0; i < REPEATS; i++) {
		struct sums a = {}, b = {};
		double begin = now_us(), middle;
		int r;

		r = read_rows_mmap(arrays, &a);
		middle = now_us();
		r = r ?: read_rows_hash(hash, values, arrays->shards, &b);
		if (r)
			return r;
		hashed = now_us() - middle < hashed ? now_us() - middle : hashed;
		mapped = middle - begin < mapped ? middle - begin : mapped;
		if (a.rows != ROWS || memcmp(&a, &b, sizeof(a)))
			return -EBADMSG;
	}
	row_print(text("reading %d rows", ROWS),
		  text("%.0f us, next_key+lookup %.0f us: %.0f x faster", mapped, hashed,
		       hashed / mapped),
		  text("%d x", LIMIT), hashed >= LIMIT * mapped ? PASS : FAIL);
	printf("# Reading: %u shards, the least of %d repeats, both ways give the same sums.\n",
	       arrays->shards, REPEATS);
	return 0;
}

int main(void)
{
	uint32_t shards = ours_shards();
	struct arrays arrays = { .shards = shards, .rows_per_shard = IOR_ROWS_RESERVED + ROWS };
	struct ior_row *values = calloc(shards, sizeof(*values));
	struct bpf_object *object = NULL;
	int hash = -1, r = values ? 0 : -ENOMEM;

	if (!r)
		r = ours_load(&(struct ours){ .none_selected = true, .rows = ROWS }, NULL, &object);
	if (!r)
		r = fill_arrays(object, &arrays);
	if (!r)
		r = fill_hash(values, shards, &hash);
	if (!r)
		r = measure(&arrays, hash, values);
	if (r)
		fprintf(stderr, "readcost: %s\n", strerror(-r));
	bpf_object__close(object);
	free(values);
	free(arrays.notes);
	return r ? 1 : 0;
}
