/* SPDX-License-Identifier: Apache-2.0 */
#include "config_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config_set.h"
#include "opener.h"

#define FILE_SIZE_MAX (1 << 20)
#define LINE_BYTES_MAX 8192 /* all names of system calls are half of it */
#define WHERE_SIZE (PATH_MAX + 32)
#define BLANKS " \t\r"
#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* what some editors begin UTF-8 with */

#define fail(...) snprintf(err, err_size, __VA_ARGS__)

/* ---- the text ---- */

static int read_text(int fd, struct config_file *ret)
{
	while (ret->n <= FILE_SIZE_MAX) {
		ssize_t n = read(fd, ret->text + ret->n, FILE_SIZE_MAX + 1 - ret->n);

		if (n <= 0)
			return n < 0 ? -errno : 0;
		ret->n += (size_t)n;
	}
	return -EFBIG;
}

static void drop_byte_order_mark(struct config_file *file)
{
	const size_t n = strlen(BYTE_ORDER_MARK);

	if (file->n < n || memcmp(file->text, BYTE_ORDER_MARK, n) != 0)
		return;
	file->n -= n;
	memmove(file->text, file->text + n, file->n);
}

static int read_regular(int fd, struct config_file *ret)
{
	int r;

	ret->text = malloc(FILE_SIZE_MAX + 1);
	if (!ret->text)
		return -ENOMEM;
	r = read_text(fd, ret);
	if (r < 0)
		config_file_free(ret);
	else
		drop_byte_order_mark(ret);
	return r;
}

int config_file_read(const char *path, struct config_file *ret, char *err, size_t err_size)
{
	int fd = opener_open(path, true), r; /* a pipe has nothing left when it is read again */

	*ret = (struct config_file){ .path = path };
	r = fd < 0 ? fd : read_regular(fd, ret);
	if (fd >= 0)
		(void)close(fd);
	if (r == -ESPIPE)
		(void)fail("--config.file: %s is not a regular file", path);
	else if (r == -EFBIG)
		(void)fail("--config.file: %s is larger than 1 MiB", path);
	else if (r < 0)
		(void)fail("--config.file: read %s: %s", path, strerror(-r));
	return r;
}

void config_file_free(struct config_file *file)
{
	free(file->text);
	file->text = NULL;
	file->n = 0;
}

/* ---- lines ---- */

struct line {
	unsigned int number; /* 0: before the first */
	size_t next;	     /* where the one after it begins */
	char text[LINE_BYTES_MAX + 1];
	const char *written; /* without blanks around; "" if the line says nothing */
	const char *name;    /* in it, behind dashes */
	size_t name_n;
	const char *value; /* NULL: none */
};

static void split(struct line *line)
{
	char *at = line->text + strspn(line->text, BLANKS), *end = at + strlen(at);

	while (end > at && strchr(BLANKS, end[-1]))
		end--;
	*end = '\0';
	if (*at == '#')
		*at = '\0';
	line->written = at;
	at += at[0] == '-' ? 1 + (at[1] == '-') : 0;
	line->name = at;
	line->name_n = strcspn(at, "=" BLANKS);
	at += line->name_n;
	at += strspn(at, BLANKS);
	line->value = *at ? at : NULL;
	if (*at == '=')
		line->value = at + 1 + strspn(at + 1, BLANKS);
}

/* Takes the next line apart. Returns NULL, or what is wrong with it; past the last one the number
 * stays as it is. */
static const char *next_line(const struct config_file *file, struct line *line)
{
	const char *from = file->text + line->next;
	const char *end = memchr(from, '\n', file->n - line->next);
	size_t n = end ? (size_t)(end - from) : file->n - line->next;

	if (line->next == file->n)
		return NULL;
	line->number++;
	line->next += n + (end != NULL);
	if (n > LINE_BYTES_MAX)
		return "is longer than 8192 bytes";
	if (memchr(from, '\0', n))
		return "has a NUL byte";
	memcpy(line->text, from, n);
	line->text[n] = '\0';
	split(line);
	return NULL;
}

/* The next line that says something; NULL and *ret NULL at the end. */
static const char *next_setting(const struct config_file *file, struct line *line,
				const struct line **ret)
{
	const char *fault;
	unsigned int before;

	do {
		before = line->number;
		fault = next_line(file, line);
	} while (!fault && line->number != before && !*line->written);
	*ret = line->number != before ? line : NULL;
	return fault;
}

/* ---- what they say ---- */

/* Returns the flag, or NULL with a message. */
static const struct flag *check_line(const struct line *line, const char **value,
				     const unsigned int *numbers, struct origin *origin)
{
	const struct flag *flag = flag_find(line->name, line->name_n, value);

	if (!flag) {
		(void)flag_unknown(line->written, line->name, line->name_n, origin);
		return NULL;
	}
	(void)snprintf(origin->name, sizeof(origin->name), "--%s", flag->name);
	if (flag->not_in_file)
		(void)origin_fail(origin, "%s: can be given on the command line only",
				  origin->name);
	else if (flag->type != FLAG_STRINGS && numbers[flag - config_flags])
		(void)origin_fail(origin, "%s: is given twice, here and in line %u", origin->name,
				  numbers[flag - config_flags]);
	else if (!*value && !flag_alone(flag))
		(void)origin_fail(origin, "%s: needs a value (%s)", origin->name, flag->metavar);
	else
		return flag;
	return NULL;
}

int config_file_apply(const struct config_file *file, struct config *config, bool *given, char *err,
		      size_t err_size)
{
	struct line line = { .number = 0 };
	char where[WHERE_SIZE];
	struct origin origin = { .where = where, .err = err, .err_size = err_size };
	unsigned int numbers[FLAGS_MAX] = { 0 }; /* of the line of each flag */
	const struct line *setting;

	for (;;) {
		const char *fault = next_setting(file, &line, &setting), *value;
		const struct flag *flag;
		int r = 0;

		(void)snprintf(where, sizeof(where), "%s:%u: ", file->path, line.number);
		if (fault)
			return origin_fail(&origin, "the line %s", fault);
		if (!setting)
			break;
		value = line.value;
		flag = check_line(&line, &value, numbers, &origin);
		if (!flag)
			return -EINVAL;
		numbers[flag - config_flags] = line.number;
		if (!given[flag - config_flags])
			r = flag_set(config, flag, value ?: flag_alone(flag), &origin);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < config_flags_n; i++)
		given[i] = given[i] || numbers[i];
	return 0;
}

/* ---- whose fault it is ---- */

/* Does the word "filter.pid" or "filter.*" of n bytes mean the flag? */
static bool names_flag(const char *word, size_t n, const struct flag *flag)
{
	if (n && word[n - 1] == '*')
		return !strncmp(flag->name, word, n - 1);
	return strlen(flag->name) == n && !memcmp(flag->name, word, n);
}

/* The line that sets a flag named by the word: the one whose value the message quotes, else the
 * last. 0: none. */
static unsigned int line_to_blame(const struct config_file *file, const bool *from_file,
				  const char *word, size_t n)
{
	struct line line = { .number = 0 };
	const struct line *setting;
	unsigned int last = 0;

	while (!next_setting(file, &line, &setting) && setting) {
		const char *value = line.value;
		const struct flag *flag = flag_find(line.name, line.name_n, &value);
		size_t value_n = value ? strlen(value) : 0;

		if (!flag || !from_file[flag - config_flags] || !names_flag(word, n, flag))
			continue;
		last = line.number;
		if (value_n && !strncmp(word + n, ": '", 3) &&
		    !strncmp(word + n + 3, value, value_n) && word[n + 3 + value_n] == '\'')
			break;
	}
	return last;
}

void config_file_blame(const struct config_file *file, const bool *from_file, char *err,
		       size_t err_size)
{
	unsigned int number = 0;
	char *message;

	for (const char *at = err; !number && (at = strstr(at, "--"));) {
		size_t n = strspn(at += 2, "abcdefghijklmnopqrstuvwxyz.-*");

		number = line_to_blame(file, from_file, at, n);
		at += n;
	}
	message = number ? strdup(err) : NULL;
	if (message)
		(void)snprintf(err, err_size, "%s:%u: %s", file->path, number, message);
	free(message);
}
