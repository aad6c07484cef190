/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "label.h"
#include "suites.h"

#define COMM(text) (text), sizeof(text) - 1

static const struct {
	const char *comm;
	size_t n;
	const char *label;
} escapes[] = {
	/* what stays */
	{ COMM("nginx"), "nginx" },
	{ COMM("a b"), "a b" },
	{ COMM("say \"hi\""), "say \"hi\"" },
	{ COMM("it's {1;2}"), "it's {1;2}" },
	{ COMM("0123456789abcde"), "0123456789abcde" },
	{ COMM("0123456789abcdef"), "0123456789abcdef" },
	{ COMM("\x7e"), "~" },
	{ COMM("gr\xc3\xb6\xc3\x9f"), "gr\xc3\xb6\xc3\x9f" },
	{ COMM("\xc2\xa0"), "\xc2\xa0" },
	{ COMM("\xdf\xbf"), "\xdf\xbf" },
	{ COMM("\xe0\xa0\x80"), "\xe0\xa0\x80" },
	{ COMM("\xed\x9f\xbf"), "\xed\x9f\xbf" },
	{ COMM("\xee\x80\x80"), "\xee\x80\x80" },
	{ COMM("\xef\xbf\xbf"), "\xef\xbf\xbf" },
	{ COMM("\xf0\x90\x80\x80"), "\xf0\x90\x80\x80" },
	{ COMM("\xf4\x8f\xbf\xbf"), "\xf4\x8f\xbf\xbf" },
	/* the escape character */
	{ COMM("\\"), "\\\\" },
	{ COMM("\\0"), "\\\\0" },
	{ COMM("\\x41"), "\\\\x41" },
	/* control characters */
	{ COMM("a\nb"), "a\\x0ab" },
	{ COMM("\x01\t\x1f"), "\\x01\\x09\\x1f" },
	{ COMM("\x7f"), "\\x7f" },
	{ COMM("\xc2\x80"), "\\xc2\\x80" },
	{ COMM("\xc2\x9f"), "\\xc2\\x9f" },
	/* bytes that are no UTF-8 */
	{ COMM("\x80"), "\\x80" },
	{ COMM("\xff\xfe"), "\\xff\\xfe" },
	{ COMM("a\xc3"), "a\\xc3" },
	{ COMM("\xc3(a"), "\\xc3(a" },
	{ COMM("\xe2\x82"), "\\xe2\\x82" },
	{ COMM("\xe2\x82z"), "\\xe2\\x82z" },
	{ COMM("\xf0\x9f\x90"), "\\xf0\\x9f\\x90" },
	{ COMM("\xe2\x82\xac\xac"), "\xe2\x82\xac\\xac" },
	/* overlong forms, surrogates, above U+10FFFF */
	{ COMM("\xc0\xaf"), "\\xc0\\xaf" },
	{ COMM("\xc1\xbf"), "\\xc1\\xbf" },
	{ COMM("\xe0\x9f\xbf"), "\\xe0\\x9f\\xbf" },
	{ COMM("\xf0\x8f\xbf\xbf"), "\\xf0\\x8f\\xbf\\xbf" },
	{ COMM("\xed\xa0\x80"), "\\xed\\xa0\\x80" },
	{ COMM("\xed\xbf\xbf"), "\\xed\\xbf\\xbf" },
	{ COMM("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80" },
	{ COMM("\xf5\x80\x80\x80"), "\\xf5\\x80\\x80\\x80" },
	/* a sequence that the 16th byte cuts */
	{ COMM("0123456789abcde\xc3"), "0123456789abcde\\xc3" },
	{ COMM("0123456789abcd\xc3\xb6"), "0123456789abcd\xc3\xb6" },
	/* what ends at a NUL */
	{ COMM(""), "\\0" },
	{ COMM("\0nothing"), "\\0" },
	{ COMM("sh\0old bytes"), "sh" },
	{ COMM("\xc3\0\xb6"), "\\xc3" },
	/* the collective series, and what only looks like it */
	{ COMM("__other__"), "\\x5f_other__" },
	{ COMM("__other__\0"), "\\x5f_other__" },
	{ COMM("__other_"), "__other_" },
	{ COMM("__other__2"), "__other__2" },
	{ COMM("__Other__"), "__Other__" },
};

START_TEST(comm_becomes_its_label)
{
	char label[LABEL_SIZE];
	size_t n = label_from_comm(label, escapes[_i].comm, escapes[_i].n);

	ck_assert_str_eq(label, escapes[_i].label);
	ck_assert_uint_eq(n, strlen(label));
	ck_assert(label_is_valid(label));
}

START_TEST(sixteen_bytes_without_nul_are_read_and_no_more)
{
	char label[LABEL_SIZE], *comm = malloc(16);

	ck_assert_ptr_nonnull(comm);
	memset(comm, 'x', 16);
	ck_assert_uint_eq(label_from_comm(label, comm, 16), 16);
	ck_assert_str_eq(label, "xxxxxxxxxxxxxxxx");
	free(comm);
}

START_TEST(longest_label_fits)
{
	char comm[16], expected[LABEL_SIZE] = "", label[LABEL_SIZE];

	memset(comm, 0xff, sizeof(comm));
	for (size_t i = 0; i < sizeof(comm); i++)
		memcpy(expected + 4 * i, "\\xff", 5);
	ck_assert_uint_eq(label_from_comm(label, comm, sizeof(comm)), LABEL_SIZE - 1);
	ck_assert_str_eq(label, expected);
	ck_assert(label_is_valid(label));
}

/* Length of a well-formed sequence, by decoding and encoding it again; 0 if there is none. */
static size_t utf8_length(const unsigned char *s)
{
	static const unsigned char leads[] = { 0x00, 0xc0, 0xe0, 0xf0 };
	static const unsigned int least[] = { 0x0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	unsigned int code = s[0] - leads[n - 1];

	for (size_t i = 1; i < n; i++) {
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
		code = code * 64 + s[i] - 0x80;
	}
	if (s[0] > 0xf4 || (s[0] >= 0x80 && s[0] < 0xc0) || code < least[n - 1] ||
	    code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	return n;
}

static void check_label(const char *label)
{
	const unsigned char *s = (const unsigned char *)label;

	if (!label_is_valid(label) || !strcmp(label, LABEL_OTHER))
		ck_abort_msg("'%s' is no valid label of a comm", label);
	while (*s) {
		size_t n = utf8_length(s);

		if (!n || *s < 0x20 || *s == 0x7f)
			ck_abort_msg("'%s' holds byte %02x", label, *s);
		s += n;
	}
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

START_TEST(no_two_short_comms_share_a_label)
{
	const size_t all = 255 + 255 * 255;
	char(*labels)[LABEL_SIZE] = calloc(all, LABEL_SIZE);
	size_t n = 0;

	ck_assert_ptr_nonnull(labels);
	for (int a = 1; a < 256; a++) {
		for (int b = 0; b < 256; b++) {
			const char comm[2] = { (char)a, (char)b };

			(void)label_from_comm(labels[n], comm, sizeof(comm));
			check_label(labels[n++]);
		}
	}
	ck_assert_uint_eq(n, all);
	qsort(labels, n, sizeof(labels[0]), compare);
	for (size_t i = 1; i < n; i++)
		if (!strcmp(labels[i - 1], labels[i]))
			ck_abort_msg("two comms are '%s'", labels[i]);
	free(labels);
}

static const char *const impostors[] = {
	"",   /* an empty comm is \0 */
	"\\", /* an escape that ends early */
	"\\x",
	"\\x4",
	"\\q", /* no escape */
	"\\0a",
	"a\\0",
	"\\xZZ",
	"\\x0A", /* digits are small */
	"\\x41", /* would have stayed */
	"\\x00", /* ends a comm */
	"\n",
	"a\x7f",
	"\xc2\x85",
	"\xff",
	"\xc0\xaf",
	"\\x5f",
	"\\x5f_other_",
	"\\xc3\\xb6",	     /* is valid UTF-8 */
	"0123456789abcdefg", /* 17 bytes */
	"\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff",
};

START_TEST(text_that_no_comm_has_is_no_label)
{
	ck_assert_msg(!label_is_valid(impostors[_i]), "'%s' is no label", impostors[_i]);
}

START_TEST(collective_label_is_valid)
{
	ck_assert(label_is_valid(LABEL_OTHER));
}

/* As labels of 32 bytes, so that they are cut. */
static const struct {
	const char *text;
	size_t n;
	const char *label;
} texts[] = {
	{ COMM(""), "\\0" },
	{ COMM("sshd.service"), "sshd.service" },
	{ COMM("a\\x2db"), "a\\\\x2db" },
	{ COMM("a\0b"), "a\\x00b" },
	{ COMM("\xff\n"), "\\xff\\x0a" },
	{ COMM("__other__"), "\\x5f_other__" },
	{ COMM("__other__.scope"), "__other__.scope" },
	/* the longest that fit */
	{ COMM("0123456789012345678901234567890"), "0123456789012345678901234567890" },
	{ COMM("01234567890123456789012345678\\"), "01234567890123456789012345678\\\\" },
	/* one byte too long; the end matters although it is cut */
	{ COMM("01234567890123456789012345678901"), "0123456789012\\~110104acf687122d" },
	{ COMM("0123456789012345678901234567890x"), "0123456789012\\~11013bacf6876fa2" },
	{ COMM("012345678901234567890123456789\xc3\xb6"), "0123456789012\\~105affacf5fa7287" },
	/* a character and an escape stay whole */
	{ COMM("01234567890\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6"
	       "\xc3\xb6\xc3\xb6"),
	  "01234567890\xc3\xb6\\~69dd7d92a54cd497" },
	{ COMM("012345678901\xc3\xb6"
	       "0123456789012345678"),
	  "012345678901\\~9d688f525405de95" },
	{ COMM("0123456789\1\2\3\4\5\6"), "0123456789\\~177343d3c64f413d" },
	{ COMM("0123456789\\\\0123456789012345678"), "0123456789\\\\\\~49ca911302113567" },
	/* what only looks cut */
	{ COMM("0123456\\~110104acf687122d"), "0123456\\\\~110104acf687122d" },
};

START_TEST(text_becomes_its_label)
{
	char label[33];
	size_t n;

	label[32] = 'x';
	n = label_from_text(label, 32, texts[_i].text, texts[_i].n);
	ck_assert_str_eq(label, texts[_i].label);
	ck_assert_uint_eq(n, strlen(label));
	ck_assert_int_eq(label[32], 'x');
	ck_assert(label_is_printable(label));
}

Suite *label_suite(void)
{
	const struct test tests[] = {
		{ comm_becomes_its_label, COUNT(escapes) },
		{ sixteen_bytes_without_nul_are_read_and_no_more, 0 },
		{ longest_label_fits, 0 },
		{ no_two_short_comms_share_a_label, 0 },
		{ text_that_no_comm_has_is_no_label, COUNT(impostors) },
		{ collective_label_is_valid, 0 },
		{ text_becomes_its_label, COUNT(texts) },
	};

	return suite_make("label", tests, COUNT(tests));
}
