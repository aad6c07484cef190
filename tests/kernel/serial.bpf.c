// SPDX-License-Identifier: GPL-2.0-or-later
/* The programs with another clock: see test_serial.c. */
#define bpf_ktime_get_ns()                  \
	({                                  \
		__u64 args[5];              \
                                            \
		kernel_args(regs, 0, args); \
		args[0];                    \
	})
#include "ior.bpf.c"
