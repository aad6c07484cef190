/* SPDX-License-Identifier: Apache-2.0 */
#include "head.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#define DIGITS "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

/* RFC 3986, 3.2.2 and 3.2.3, loosely: nothing that would end it. */
#define HOST DIGITS LETTERS "-._~!$&'()*+,;=:[]"

/* Where a URI's host begins; NULL: it is none of ours. */
static const char *host_in(const char *target)
{
	static const char *const schemes[] = { "http://", "https://" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (!strncasecmp(target, schemes[i], strlen(schemes[i])))
			return target + strlen(schemes[i]);
	return NULL;
}

const char *head_path(const char *target)
{
	const char *host = host_in(target), *path = host ? host + strcspn(host, "/?") : target;

	return host && *path != '/' ? "/" : path;
}

const char *head_target_fault(const char *target)
{
	const char *host = host_in(target);

	if (!strcmp(target, "*")) /* of OPTIONS: no page has it */
		return NULL;
	if (!host && *target != '/')
		return "the target is no path";
	/* escapes are undone before anybody looks for its end again */
	if (host && (strchr(":/?", *host) || strspn(host, HOST) != strcspn(host, "/?")))
		return "the target has no host";
	for (; *target; target++) {
		if (is_control(*target) || *target == ' ' || *target == '#')
			return "the target has a character that is none of a path or query";
		if (*target != '%')
			continue;
		if (!isxdigit((unsigned char)target[1]) || !isxdigit((unsigned char)target[2]))
			return "the target has a % without two digits";
		if (target[1] == '0' && target[2] == '0')
			return "the target has a zero byte";
	}
	return NULL;
}

/* RFC 9110, 5.6.2 */
static bool is_token(const char *text)
{
	return *text && !text[strspn(text, DIGITS LETTERS "!#$%&'*+-.^_`|~")];
}

/* Empty is allowed. */
static bool is_host(const char *text)
{
	return !text[strspn(text, HOST "%")];
}

/* Seconds with a fraction, as Go and Python write them. What is none does not count. */
static uint64_t parse_timeout(const char *text)
{
	const size_t whole = strspn(text, DIGITS);
	const char *fraction = text + whole + (text[whole] == '.');
	const size_t part = fraction > text + whole ? strspn(fraction, DIGITS) : 0;
	uint64_t ret = 0, unit = 1000000000;

	/* a day and more is no limit */
	if (!whole || whole > 5 || text[whole + (fraction > text + whole) + part])
		return UINT64_MAX;
	for (size_t i = 0; i < whole; i++)
		ret = ret * 10 + (uint64_t)(text[i] - '0') * 1000000000;
	for (size_t i = 0; i < part; i++)
		ret += (uint64_t)(fraction[i] - '0') * (unit /= 10);
	return ret ? ret : UINT64_MAX;
}

static void fail(struct head *head, const char *fault)
{
	if (!head->fault)
		head->fault = fault;
}

void head_add(struct head *head, const char *name, const char *value)
{
	const char *at = value;

	if (!is_token(name))
		fail(head, "a header's name is none");
	while (*at && (!is_control(*at) || *at == '\t'))
		at++;
	if (*at)
		fail(head, "a header has a control character");
	if (!strcasecmp(name, "Host")) {
		if (head->host)
			fail(head, "there is more than one Host");
		if (!is_host(value))
			fail(head, "Host is none");
		head->host = true;
	} else if (!strcasecmp(name, "Transfer-Encoding")) {
		fail(head, "a request has no body here");
	} else if (!strcasecmp(name, "Content-Length")) {
		if (strcmp(value, "0") != 0)
			fail(head, "a request has no body here");
	} else if (!strcasecmp(name, "X-Prometheus-Scrape-Timeout-Seconds")) {
		head->timeout_ns = parse_timeout(value);
	}
}

const char *head_fault(const struct head *head, const char *version)
{
	if (!head->fault && !head->host && strcmp(version, "HTTP/1.0") != 0)
		return "there is no Host";
	return head->fault;
}
