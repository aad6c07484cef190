/* SPDX-License-Identifier: Apache-2.0 */
#include "signals.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

static void change_mask(int how, bool stop, bool hangup)
{
	sigset_t set;

	(void)sigemptyset(&set);
	if (stop) {
		(void)sigaddset(&set, SIGTERM);
		(void)sigaddset(&set, SIGINT);
	}
	if (hangup)
		(void)sigaddset(&set, SIGHUP);
	(void)pthread_sigmask(how, &set, NULL);
}

/* Whatever standard input and output are: only a controlling terminal sends SIGHUP. */
static bool has_terminal(void)
{
	int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return false;
	(void)close(fd);
	return true;
}

/* Asked before it is blocked: a terminal that goes in between ends us. */
bool signals_hold_hangup(void)
{
	struct sigaction action;
	bool terminal = has_terminal();

	(void)sigaction(SIGHUP, NULL, &action);
	change_mask(SIG_BLOCK, false, true);
	return terminal && action.sa_handler != SIG_IGN;
}

void signals_release_hangup(void)
{
	change_mask(SIG_UNBLOCK, false, true);
}

void signals_block(void)
{
	change_mask(SIG_BLOCK, true, false);
	(void)signal(SIGPIPE, SIG_IGN);
}

void signals_let_end(bool hangup)
{
	change_mask(SIG_UNBLOCK, true, hangup);
}

void signals_let_end_no_more(bool hangup)
{
	change_mask(SIG_BLOCK, true, hangup);
}

int signals_wait(uint64_t timeout_ns, bool hangup)
{
	const struct timespec timeout = { .tv_sec = (time_t)(timeout_ns / 1000000000),
					  .tv_nsec = (long)(timeout_ns % 1000000000) };
	sigset_t set;
	int number;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	if (hangup)
		(void)sigaddset(&set, SIGHUP);
	number = sigtimedwait(&set, NULL, &timeout);
	return number > 0 ? number : 0;
}

const char *signals_name(int number)
{
	return number == SIGTERM ? "SIGTERM" : number == SIGINT ? "SIGINT" : "SIGHUP";
}
