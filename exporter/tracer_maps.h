/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The maps of the BPF programs: their sizes before the load, what user space writes into them
 * before the programs are attached, and the arrays that it reads as memory from then on. Belongs to
 * tracer.c and source_bpf.c.
 */
#ifndef TRACER_MAPS_H
#define TRACER_MAPS_H

#include <stdbool.h>
#include <stddef.h>

#include "ior.h"
#include "source.h"

struct bpf_object;

/* Seats of threads (seats.bpf.h) on a machine of so many possible CPUs, a power of two: threads
 * that make calls are more, the larger it is. */
uint32_t tracer_maps_seats(unsigned int cpus);

/* As many shards as memory allows, one a CPU at most. Sets the sizes in *ret only. Returns 0, or
 * -errno (-EOVERFLOW: not even one). */
int tracer_maps_choose(const struct source_bpf_options *options, struct ior_settings *ret);

/* Between open and load: sizes and settings. threads_max is as in the options, for the object that
 * has a limit. Returns 0 or -errno. */
int tracer_maps_size(const struct bpf_object *object, const struct ior_settings *settings,
		     uint32_t threads_max);

/* Behind the load: puts all rows into free_rows, for the object that takes them only from there.
 * Returns 0 or -errno. */
int tracer_maps_fill(const struct bpf_object *object, const struct ior_settings *settings);

/* The descriptor of a map, which the object keeps; or -ENOENT. */
int tracer_maps_fd(const struct bpf_object *object, const char *name);

/* Maps an array of the object by its name (".data.control" for a section). Returns 0 with address
 * and size, or -errno. */
int tracer_maps_mmap(const struct bpf_object *object, const char *name, bool writable, void **ret,
		     size_t *ret_size);

#endif
