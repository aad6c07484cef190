/* SPDX-License-Identifier: Apache-2.0 */
#include "process_text.h"

#include <string.h>

#include "values.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

bool process_parse_stat(char *text, struct process_stat *ret)
{
	struct process_stat stat = { 0 };
	/* by their numbers in proc(5) */
	uint64_t *const wanted[] = {
		[14] = &stat.user_ticks,    [15] = &stat.system_ticks,	 [22] = &stat.start_ticks,
		[23] = &stat.virtual_bytes, [24] = &stat.resident_pages,
	};
	/* the comm, field 2, may hold any byte; of what is behind it nothing is a parenthesis */
	char *behind = strrchr(text, ')'), *state = NULL;
	char *word = behind ? strtok_r(behind + 1, " \n", &state) : NULL;

	for (size_t field = 3; word && field < COUNT(wanted); field++) {
		if (wanted[field] && !value_parse_number(word, wanted[field]))
			return false;
		word = strtok_r(NULL, " \n", &state);
	}
	if (!word)
		return false; /* more follows what is wanted, so that none of it is cut off */
	*ret = stat;
	return true;
}

bool process_parse_limit(const char *text, const char *name, uint64_t *ret)
{
	const size_t name_n = strlen(name);
	char word[24];
	size_t n;

	while (strncmp(text, name, name_n) != 0 || text[name_n] != ' ') {
		text += strcspn(text, "\n");
		if (!*text++)
			return false;
	}
	text += name_n;
	text += strspn(text, " ");
	n = strcspn(text, " \n");
	if (text[n] != ' ' || n >= sizeof(word))
		return false; /* the hard limit follows */
	memcpy(word, text, n);
	word[n] = '\0';
	if (!strcmp(word, "unlimited")) {
		*ret = UINT64_MAX;
		return true;
	}
	return value_parse_number(word, ret);
}

bool process_parse_boot(const char *line, uint64_t *ret_wall_ns)
{
	static const char name[] = "btime ";
	uint64_t seconds;
	char word[24];
	size_t n;

	if (strncmp(line, name, strlen(name)) != 0)
		return false;
	line += strlen(name);
	n = strcspn(line, "\n");
	if (!line[n] || n >= sizeof(word))
		return false;
	memcpy(word, line, n);
	word[n] = '\0';
	if (!value_parse_number(word, &seconds) || !seconds || seconds > UINT64_MAX / 1000000000)
		return false;
	*ret_wall_ns = seconds * 1000000000;
	return true;
}
