/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system calls that may still be made, as data: for the filter (sandbox_filter.c), the document
 * and the tests.
 */
#ifndef SANDBOX_CALLS_H
#define SANDBOX_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Who needs a call; of several any. */
enum sandbox_need {
	SANDBOX_ALWAYS = 0,
	SANDBOX_BPF = 1 << 0,	    /* the kernel as a source: rows are given back, filters set */
	SANDBOX_IN_FLIGHT = 1 << 1, /* --collector.in-flight */
	SANDBOX_PROGRAMS = 1 << 2,  /* --collector.bpf, and what the kernel kept from the copies */
	SANDBOX_CGROUPS = 1 << 3,   /* --by container */
	SANDBOX_WEB = 1 << 4,	    /* --web.config.file, which is read again */
	SANDBOX_PROCESS = 1 << 5,   /* --collector.process */
	SANDBOX_SANITIZER = 1 << 6, /* builds with SAN= */
};

/* What this build needs. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANDBOX_BUILD SANDBOX_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANDBOX_BUILD SANDBOX_SANITIZER
#endif
#endif
#ifndef SANDBOX_BUILD
#define SANDBOX_BUILD 0
#endif

/* What an argument must be. The kernel takes 32 bits of each of those. */
enum sandbox_test {
	SANDBOX_ANY,
	SANDBOX_IS,	 /* equal to value */
	SANDBOX_WITHOUT, /* no bit of value */
	SANDBOX_OWN_PID, /* our process */
};

struct sandbox_call {
	const char *name;
	int nr; /* -1: this machine has none */
	unsigned int need;
	enum sandbox_test test;
	unsigned int arg; /* its number */
	uint32_t value;
	unsigned int and_arg; /* another one, which must be and_value; 0: none */
	uint32_t and_value;
	const char *condition; /* in words */
	const char *why;
};

/* Of the exporter. */
extern const struct sandbox_call sandbox_calls[];
extern const size_t sandbox_calls_n;

/* A Markdown table of them. */
void sandbox_calls_markdown(FILE *out);

/* The name of the right that sandbox_capabilities() may keep. */
extern const char sandbox_right_bpf[];

#endif
