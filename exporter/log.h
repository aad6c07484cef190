/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines on standard error, as logfmt or JSON. Only main, app and the callbacks of libraries
 * log; everything below returns its errors. The only module with state of its own.
 */
#ifndef LOG_H
#define LOG_H

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_format { LOG_LOGFMT, LOG_JSON };

void log_setup(enum log_level least, enum log_format format);

/* One line: time, level, msg, and pairs of key and value strings ended by NULL. Values are quoted
 * and escaped as the format needs, so hostile text stays inside its quotes. */
void log_event(enum log_level level, const char *msg, ...) __attribute__((sentinel));

#define log_debug(...) log_event(LOG_DEBUG, __VA_ARGS__, (const char *)NULL)
#define log_info(...) log_event(LOG_INFO, __VA_ARGS__, (const char *)NULL)
#define log_warn(...) log_event(LOG_WARN, __VA_ARGS__, (const char *)NULL)
#define log_error(...) log_event(LOG_ERROR, __VA_ARGS__, (const char *)NULL)

#endif
