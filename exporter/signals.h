/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signals that end the program or make it read its configuration again. They are waited for,
 * not handled: a thread that is made later has them blocked, too. Below serve; knows nothing.
 *
 * SIGHUP has two meanings: a daemon reads its configuration again, and whoever's terminal is gone
 * ends. So while an exporter serves it reloads if there is a file to reload, ends one that has none
 * and was started from a terminal, and is only noted by one that was not, or that nohup started.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

/* The first thing in main(): from now on SIGHUP waits, so that one that comes during the start is
 * neither lost nor the end. Returns whether it means that our terminal is gone: we have one, and
 * nobody made us ignore its end (nohup). */
bool signals_hold_hangup(void);

/* Where nothing is served SIGHUP is what it was at the start, as a rule the end. */
void signals_release_hangup(void);

/* Blocks SIGTERM and SIGINT, before any thread is made; from now on SIGPIPE is an error of write().
 */
void signals_block(void);

/* Where nothing waits for signals, for input or a reader of output is waited for, those that end
 * the program do so at once; with `hangup` SIGHUP is one of them. */
void signals_let_end(bool hangup);
void signals_let_end_no_more(bool hangup);

/* Waits for SIGTERM, SIGINT and, with `hangup`, SIGHUP. Returns its number, or 0 after so long. */
int signals_wait(uint64_t timeout_ns, bool hangup);

/* "SIGTERM"; of those above. */
const char *signals_name(int number);

#endif
