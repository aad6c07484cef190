/* SPDX-License-Identifier: Apache-2.0 */
/* A load whose size is known, alone and beside other users of BPF, and what was counted of it.
 * Prints a line of each for the table of `make check-kernels`:
 *
 *	vm: made N counted N lost N
 *
 * and fails unless made is counted + lost, and lost is 0 where the source says that it is exact.
 * With -C, for comparison, the line begins with "vm: copies N, noise N: " and nothing has to hold:
 * what a single pair lost at both ends is known only where every call is traced.
 *
 * usage: load [-t THREADS] [-c CALLS] [-p CPUS] [-C COPIES]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../kernel/kernel.h"
#include "../kernel/noise.h"

#define TIMEOUT_SECONDS 120

struct load {
	unsigned int threads, calls; /* of each thread */
	unsigned int cpus;	     /* to pin the threads to; 0: none */
	unsigned int copies; /* of the programs; 0: as the exporter chooses; 1 is not judged */
	unsigned int noise;  /* processes of it, the second time */
};

static struct load load = { .threads = 4, .calls = 10000, .cpus = 2, .noise = 2 };

static void call_getppid(void *arg)
{
	(void)arg;
	call(SYS_getppid, load.calls);
}

static void run_threads(void *arg)
{
	threads_run(load.threads, load.cpus, call_getppid, arg);
}

static uint64_t lost(const struct trace *trace)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < IOR_LOST_REASONS; i++)
		sum += trace->snapshot->status.lost[i];
	return sum;
}

static void run_beside(struct trace *trace, const char *tag, unsigned int processes)
{
	const uint64_t made = (uint64_t)load.threads * load.calls;
	struct noise noise = { .n = 0 };
	uint64_t counted, before;
	char comm[COMM_SIZE];

	comm_make(comm, tag);
	trace_read(trace);
	before = lost(trace);
	noise_start(&noise, processes);
	child_run(comm, run_threads, NULL);
	noise_stop(&noise);
	trace_read(trace);
	counted = trace_calls(trace, comm, "getppid");
	if (load.copies)
		printf("vm: copies %u, noise %u: ", load.copies, processes);
	else
		printf("vm: ");
	printf("made %" PRIu64 " counted %" PRIu64 " lost %" PRIu64 "\n", made, counted,
	       lost(trace) - before);
	if (load.copies != 1)
		ck_assert_uint_eq(counted + lost(trace) - before, made);
	if (load.copies != 1 && trace->source->info.exact)
		ck_assert_uint_eq(counted, made);
}

START_TEST(made_is_counted_or_lost)
{
	/* nobody else makes this call, so what is lost is of this load */
	const struct trace_options options = { .syscalls = "getppid", .copies = load.copies };
	struct trace trace;

	trace_open(&trace, &options);
	run_beside(&trace, "load", 0);
	run_beside(&trace, "loud", load.noise);
	trace_close(&trace);
}
END_TEST

static void usage(void)
{
	fprintf(stderr, "usage: load [-t THREADS] [-c CALLS] [-p CPUS] [-C COPIES] [-n NOISE]\n");
	exit(2);
}

static void parse(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "t:c:p:C:n:")) != -1) {
		unsigned int value = optarg ? (unsigned int)strtoul(optarg, NULL, 10) : 0;

		switch (option) {
		case 't':
			load.threads = value;
			break;
		case 'c':
			load.calls = value;
			break;
		case 'p':
			load.cpus = value;
			break;
		case 'C':
			load.copies = value;
			break;
		case 'n':
			load.noise = value;
			break;
		default:
			usage();
		}
	}
	if (optind != argc)
		usage();
}

int main(int argc, char **argv)
{
	TCase *tcase = tcase_create("load");
	Suite *suite = suite_create("load");
	SRunner *runner = srunner_create(suite);
	int failed;

	parse(argc, argv);
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	tcase_set_timeout(tcase, TIMEOUT_SECONDS);
	tcase_add_test(tcase, made_is_counted_or_lost);
	suite_add_tcase(suite, tcase);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
