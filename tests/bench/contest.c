/* SPDX-License-Identifier: Apache-2.0 */
#include "contest.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session.h"

static size_t results_size(const struct contest *contest)
{
	return contest->nr * sizeof(struct result);
}

/* 0 or -errno, handed over as the process's exit status. */
static int run_in_child(struct contest *contest, unsigned int index)
{
	const pid_t parent = getpid();
	pid_t child = fork();
	int status;

	if (child < 0)
		return -errno;
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(EINTR);
		_exit(-session_run(contest, index));
	}
	if (waitpid(child, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

int contest_run(struct contest *contest)
{
	int r = 0;

	contest->results = mmap(NULL, results_size(contest), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (contest->results == MAP_FAILED) {
		contest->results = NULL;
		return -errno;
	}
	for (unsigned int i = 0; !r && i < contest->sessions; i++) {
		fprintf(stderr, "\r  session %u of %u ", i + 1, contest->sessions);
		r = run_in_child(contest, i);
	}
	fprintf(stderr, "\r%30s\r", "");
	return r;
}

void contest_close(struct contest *contest)
{
	if (contest->results)
		munmap(contest->results, results_size(contest));
	contest->results = NULL;
}

const char *contest_why(const struct contest *contest, size_t contender)
{
	return contest->results ? contest->results[contender].why : "";
}

unsigned int contest_disturbed(const struct contest *contest, unsigned int *ret_visits)
{
	unsigned int disturbed = 0;

	*ret_visits = 0;
	for (size_t c = 0; c < contest->nr; c++) {
		disturbed += contest->results[c].disturbed;
		*ret_visits += contest->results[c].visits;
	}
	return disturbed;
}

bool contest_compare(const struct contest *contest, size_t who, size_t base, enum work work,
		     struct comparison *ret)
{
	double ratios[SESSIONS_MAX], more[SESSIONS_MAX];
	size_t nr = 0;

	for (unsigned int i = 0; i < contest->sessions; i++) {
		double none = contest->results[0].ns[i][work];
		double ours = contest->results[who].ns[i][work] - none;
		double theirs = contest->results[base].ns[i][work] - none;

		if (none > 0 && ours > 0 && theirs > 0) {
			ratios[nr] = ours / theirs;
			more[nr++] = ours - theirs;
		}
	}
	if (!nr)
		return false;
	*ret = (struct comparison){
		.ratio = quantile(ratios, nr, 0.5),
		.low = quantile(ratios, nr, 0.25),
		.high = quantile(ratios, nr, 0.75),
		.more_ns = quantile(more, nr, 0.5),
	};
	return true;
}

bool contest_estimate(const struct contest *contest, size_t contender, enum work work,
		      struct estimate *ret)
{
	double ns[SESSIONS_MAX];
	size_t nr = 0;

	for (unsigned int i = 0; i < contest->sessions; i++) {
		double value = contest->results[contender].ns[i][work];
		double none = contest->results[0].ns[i][work];

		if (value > 0 && none > 0)
			ns[nr++] = contender ? value - none : none;
	}
	if (!nr)
		return false;
	ret->ns = quantile(ns, nr, 0.5);
	ret->low = quantile(ns, nr, 0.25);
	ret->high = quantile(ns, nr, 0.75);
	return true;
}
