/* SPDX-License-Identifier: Apache-2.0 */
#include "failing.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

static atomic_size_t failing_n; /* 0: off */
static atomic_size_t seen_n;
static _Thread_local bool spared;

void failing_arm(size_t n)
{
	atomic_store(&seen_n, 0);
	atomic_store(&failing_n, n);
}

void failing_arm_elsewhere(size_t n)
{
	spared = true;
	failing_arm(n);
}

bool failing_disarm(void)
{
	size_t n = atomic_exchange(&failing_n, 0);

	spared = false;
	return n && atomic_load(&seen_n) >= n;
}

static bool fails(void)
{
	size_t n = atomic_load(&failing_n);

	if (!n || spared || atomic_fetch_add(&seen_n, 1) + 1 != n)
		return false;
	errno = ENOMEM;
	return true;
}

/* The names that ld --wrap asks for. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t n, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t n);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t n, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t n);

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

void *__wrap_reallocarray(void *old, size_t n, size_t size)
{
	return fails() ? NULL : __real_reallocarray(old, n, size);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t n)
{
	return fails() ? NULL : __real_strndup(text, n);
}
