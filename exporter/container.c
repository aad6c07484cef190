/* SPDX-License-Identifier: Apache-2.0 */
#include "container.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "label.h"

#define ID_LEN 64
#define NONE "none"

const struct container container_host = { "host", NONE };
const struct container container_unknown = { "unknown", NONE };
const struct container container_other = { LABEL_OTHER, LABEL_OTHER };

/* A component of a path. */
struct part {
	const char *at;
	size_t n;
};

/* ---- units ---- */

static const struct unit_type {
	const char *suffix;
	bool has_processes;
	bool may_be_container;
} unit_types[] = {
	{ ".scope", true, true },
	/* <id>.service is a health check of Podman or nerdctl, which runs outside of it */
	{ ".service", true, false },
	/* var-lib-docker-containers-<id>-mounts-shm.mount */
	{ ".mount", true, false },
	{ ".socket", true, false },
	{ ".swap", true, false },
	/* machine-libpod_pod_<id>.slice is a pod of Podman */
	{ ".slice", false, false },
};

/* NULL: it is no unit. */
static const struct unit_type *find_type(const struct part *part)
{
	for (size_t i = 0; i < sizeof(unit_types) / sizeof(unit_types[0]); i++) {
		const char *suffix = unit_types[i].suffix;
		size_t n = strlen(suffix);

		if (part->n > n && !memcmp(part->at + part->n - n, suffix, n))
			return &unit_types[i];
	}
	return NULL;
}

/* ---- containers ---- */

static bool is_small_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Does what is before the id make it the scope of the container's monitor? */
static bool is_monitor(const struct part *part, const char *id)
{
	static const char monitor[] = "conmon-";
	const size_t n = sizeof(monitor) - 1;

	return (size_t)(id - part->at) >= n && !memcmp(id - n, monitor, n);
}

/* The last 64 digits that stand alone; NULL: there are none. */
static const char *find_id(const struct part *part)
{
	const char *end = part->at + part->n, *found = NULL;

	for (const char *at = part->at; at < end; at++) {
		const char *begin = at;
		size_t small = 0;

		for (; at < end && isxdigit((unsigned char)*at); at++)
			small += is_small_hex(*at);
		if (at - begin == ID_LEN && small == ID_LEN && !is_monitor(part, begin))
			found = begin;
	}
	return found;
}

/* ---- pods ---- */

/* h: a digit. A static pod has a hash for its UID. */
static const char *const uid_forms[] = {
	"hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh",
	"hhhhhhhh_hhhh_hhhh_hhhh_hhhhhhhhhhhh", /* in slices, where a - would mean a parent */
	"hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh",
};

/* Do the n bytes begin with a UID, at the end of the component or before ".slice"? */
static bool has_form(const char *form, const char *at, size_t n)
{
	size_t len = strlen(form);

	if (n < len || (n > len && at[len] != '.'))
		return false;
	for (size_t i = 0; i < len; i++)
		if (form[i] == 'h' ? !is_small_hex(at[i]) : form[i] != at[i])
			return false;
	return true;
}

static bool read_uid(const char *at, size_t n, char ret[POD_UID_SIZE])
{
	for (size_t i = 0; i < sizeof(uid_forms) / sizeof(uid_forms[0]); i++) {
		if (!has_form(uid_forms[i], at, n))
			continue;
		n = strlen(uid_forms[i]);
		for (size_t j = 0; j < n; j++)
			ret[j] = (char)(at[j] == '_' ? '-' : at[j]);
		ret[n] = '\0';
		return true;
	}
	return false;
}

/* "pod<uid>" or "...-pod<uid>.slice...". Leaves ret as it is if the component is no pod. */
static void find_pod(const struct part *part, char ret[POD_UID_SIZE])
{
	static const char pod[] = "pod";
	const size_t n = sizeof(pod) - 1;

	for (size_t i = 0; i + n < part->n; i++) {
		const char *at = part->at + i;

		if ((!i || at[-1] == '-') && !memcmp(at, pod, n) &&
		    read_uid(at + n, part->n - i - n, ret))
			return;
	}
}

/* ---- paths ---- */

static bool next_part(const char **path, struct part *ret)
{
	*path += strspn(*path, "/");
	*ret = (struct part){ *path, strcspn(*path, "/") };
	*path += ret->n;
	return ret->n;
}

void container_from_path(const char *path, struct container *ret)
{
	struct part part, unit = { NULL, 0 };
	const char *id = NULL;

	*ret = container_host;
	while (next_part(&path, &part)) {
		const struct unit_type *type = find_type(&part);
		const char *found = !type || type->may_be_container ? find_id(&part) : NULL;

		if (found)
			id = found;
		if (type && type->has_processes && !unit.n)
			unit = part;
		find_pod(&part, ret->pod_uid);
	}
	if (id)
		(void)memcpy(ret->id, id, ID_LEN);
	else if (unit.n)
		(void)label_from_text(ret->id, sizeof(ret->id), unit.at, unit.n);
}
