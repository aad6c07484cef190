/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the state of a thread is. Task storage is a place for each, but a helper finds it, which is
 * a third of what counting costs. So most threads have a seat: an array's element that follows from
 * a random number which each thread has, found without a helper. Whose seat another one has is kept
 * in task storage, for good. Copies keep all threads there. Part of ior.bpf.c.
 */
#ifndef IOR_SEATS_BPF_H
#define IOR_SEATS_BPF_H

#include "call.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct thread);
} threads SEC(".maps");

struct seat {
	__u64 owner; /* the task; 0: nobody */
	struct thread thread;
};

_Static_assert(sizeof(struct seat) == IOR_SEAT_SIZE, "as user space has it");

/* The owners are addresses of the kernel, so the exporter's descriptor can neither be mapped nor
 * read. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_WRONLY);
	__uint(max_entries, 1); /* set before load: settings.seats, or 1 */
	__type(key, __u32);
	__type(value, struct seat);
} seats SEC(".maps");

static __always_inline int there_are_seats(void)
{
	return settings.seats && kernel_has_random();
}

static __always_inline __u32 place_of_seat(struct task_struct *task)
{
	return kernel_random(task) & (settings.seats - 1);
}

/* Takes the seat, if it is nobody's, for the current task. Its state is then that of a new thread.
 */
RARE int take_seat(__u32 at)
{
	struct seat *seat = bpf_map_lookup_elem(&seats, &at);

	if (!seat || __sync_val_compare_and_swap(&seat->owner, 0, bpf_get_current_task()))
		return 0;
	__builtin_memset(&seat->thread, 0, sizeof(seat->thread));
	return 1;
}

static __always_inline struct thread *thread_of(struct task_struct *task, int create)
{
	const __u64 flags = create ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0;
	struct thread *thread;
	struct seat *seat;
	__u32 at;

	if (!there_are_seats())
		return bpf_task_storage_get(&threads, task, 0, flags);
	at = place_of_seat(task);
	seat = bpf_map_lookup_elem(&seats, &at);
	if (!seat)
		return 0;
	if (seat->owner == (__u64)task)
		return &seat->thread;
	thread = bpf_task_storage_get(&threads, task, 0, 0);
	if (thread || !create)
		return thread;
	if (take_seat(at))
		return &seat->thread;
	return bpf_task_storage_get(&threads, task, 0, flags);
}

/* The current task ends; its seat is nobody's from then on. */
static __always_inline int end(void)
{
	struct task_struct *task = kernel_current();
	struct thread *thread = thread_of(task, 0);
	struct seat *seat;
	__u32 at;

	if (thread)
		end_thread(thread);
	if (!there_are_seats())
		return 0;
	at = place_of_seat(task);
	seat = bpf_map_lookup_elem(&seats, &at);
	if (seat && seat->owner == (__u64)task)
		__sync_lock_test_and_set(&seat->owner, 0); /* behind all that was written there */
	return 0;
}

/* What has been read as the state of that task was it: its seat may have been given on meanwhile.
 */
static __always_inline int has_state_still(struct task_struct *task)
{
	kernel_order();
	return thread_of(task, 0) != 0;
}

#endif
