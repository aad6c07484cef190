/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a name to a row: what is shared with user space, and the rows' names. Part of each object;
 * what differs between them stands in kernel.h or kernel_raw.h, and in row_take().
 */
#ifndef IOR_NAMES_BPF_H
#define IOR_NAMES_BPF_H

const volatile struct ior_settings settings SEC(".rodata.settings") = {};
struct ior_config config SEC(".data.config") = {};
struct ior_control control SEC(".data.control") = { .next_row = IOR_ROWS_RESERVED };
struct ior_passes passes[IOR_PASSES] SEC(".data.passes") = {};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, IOR_ROWS_RESERVED); /* set before load: rows_per_shard */
	__type(key, __u32);
	__type(value, struct ior_key);
} keys SEC(".maps");

/* As in struct ior_key. */
struct intern_key {
	__u64 comm[2];
	__u64 cgroup;
	__u64 nr;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* set before load: the rows that are not reserved */
	__type(key, struct intern_key);
	__type(value, __u32);
} intern SEC(".maps");

/* Rows to take before those that never were taken: user space gave them back. A queue, so that what
 * was given back comes last. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1); /* set before load: the rows that are not reserved */
	__uint(value_size, sizeof(__u32));
} free_rows SEC(".maps");

/* RARE, from the objects: what stands out of line, being rare. A function of its own to the
 * verifier, which so walks it once and not on each way to it; but only from Linux 5.13 on, if it
 * takes a pointer. Such a pointer may be NULL, as far as the verifier knows. */

/* A row that nobody has, or one >= rows_per_shard if there is none left; key->state = IOR_ROW_USED
 * behind all stores to the key before; and key->state before all loads from the key behind. */
static __u32 row_take(void);
static void row_publish(struct ior_key *key);
static __u32 row_state(struct ior_key *key);

static __always_inline __u8 call_of(__u32 nr)
{
	/* The mask as assembly: clang knows that nr is small and would drop it, the verifier does
	 * not know and needs it. */
	asm volatile("%0 &= 1023" : "+r"(nr));
	return config.call[nr];
}

/* Zeroes what follows the first NUL: kernels before 6.x left the tail of an older, longer name
 * there, and the same name must be the same key. */
static __always_inline void trim_comm(__u64 comm[2])
{
	const __u64 ones = 0x0101010101010101ull, highs = 0x8080808080808080ull;
	__u64 nul = (comm[0] - ones) & ~comm[0] & highs;

	if (nul) {
		/* the lowest set bit belongs to the first NUL; keep the bytes below it */
		comm[0] &= ((nul & -nul) >> 7) - 1;
		comm[1] = 0;
		return;
	}
	nul = (comm[1] - ones) & ~comm[1] & highs;
	if (nul)
		comm[1] &= ((nul & -nul) >> 7) - 1;
}

static __always_inline void write_name(struct ior_key *key, const struct intern_key *name)
{
	key->comm[0] = name->comm[0];
	key->comm[1] = name->comm[1];
	key->cgroup = name->cgroup;
	key->nr = name->nr;
}

/* What `intern` says may be old: the row may be retired since, or have another name by now. */
static __always_inline int is_row_of(__u32 row, const struct intern_key *name)
{
	struct ior_key *key = bpf_map_lookup_elem(&keys, &row);

	return key && row_state(key) == IOR_ROW_USED && key->comm[0] == name->comm[0] &&
	       key->comm[1] == name->comm[1] && key->cgroup == name->cgroup && key->nr == name->nr;
}

/* The name that a row had before it was given back, if no other row has it now. (One that gets it
 * just now is forgotten: then there will be two of the name.) */
static __always_inline void forget_name(__u32 row, const struct ior_key *key)
{
	struct intern_key name = {};
	__u32 *found;

	name.comm[0] = key->comm[0];
	name.comm[1] = key->comm[1];
	name.cgroup = key->cgroup;
	name.nr = key->nr;
	found = bpf_map_lookup_elem(&intern, &name);
	if (found && *found == row)
		(void)bpf_map_delete_elem(&intern, &name);
}

/* The row of that name, made if there is none; the reserved one of nr when no row is left. Global,
 * as everywhere can be what only takes numbers: see RARE. */
__noinline __u32 intern_row(__u64 comm0, __u64 comm1, __u64 cgroup, __u32 nr)
{
	struct intern_key name = {};
	struct ior_key *key;
	__u32 *found, row;
	int known;

	if (nr < IOR_NR_MAX && !(call_of(nr) & IOR_CALL_KNOWN))
		nr = IOR_NR_UNKNOWN;
	if (!settings.by)
		return nr;
	if (settings.by & IOR_BY_COMM) {
		name.comm[0] = comm0;
		name.comm[1] = comm1;
		trim_comm(name.comm);
	}
	if (settings.by & IOR_BY_CGROUP)
		name.cgroup = cgroup;
	name.nr = nr;
	found = bpf_map_lookup_elem(&intern, &name);
	known = !!found;
	if (found) {
		row = *found;
		if (is_row_of(row, &name))
			return row;
	}
	row = row_take();
	key = bpf_map_lookup_elem(&keys, &row);
	if (!key)
		return nr;
	forget_name(row, key);
	write_name(key, &name);
	row_publish(key);
	if (bpf_map_update_elem(&intern, &name, &row, known ? BPF_ANY : BPF_NOEXIST)) {
		/* Another CPU was first, or no memory. The row stays without use: only user space
		 * gives rows back, for it may be at this one already. */
		found = bpf_map_lookup_elem(&intern, &name);
		if (!found)
			return nr;
		row = *found;
		return is_row_of(row, &name) ? row : nr;
	}
	return row;
}

#endif
