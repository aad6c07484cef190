/* SPDX-License-Identifier: Apache-2.0 */
/* The names in the lines of a dump: what the labels of --by are. As all of the file, they may come
 * from anybody. */
#include "source_file.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

/* More than the kernel has rows is no dump; each of them would be memory. */
#define CONTAINERS_MAX IOR_ROWS_MAX

int source_file_take_by(struct source_file *file, char **field, size_t n)
{
	if (n != 2 || file->named)
		return -EINVAL;
	for (unsigned int by = BY_NONE; by <= BY_ALL; by++) {
		if (strcmp(by_text(by), field[1]) != 0)
			continue;
		file->source.info.by = by;
		file->named = true;
		return 0;
	}
	return -EINVAL;
}

size_t source_file_names(const struct source_file *file)
{
	const unsigned int by = file->source.info.by;

	return (by & BY_COMM ? 1 : 0) + (by & BY_CONTAINER ? 2 : 0);
}

/* Is it a label of at most size - 1 bytes? */
static bool is_label(const char *text, size_t size)
{
	return *text && strlen(text) < size && label_is_printable(text);
}

static int compare_containers(const void *a, const void *b)
{
	const struct container *x = a, *y = b;
	int r = strcmp(x->id, y->id);

	return r ? r : strcmp(x->pod_uid, y->pod_uid);
}

/* The file's own of these labels, made if need be. */
static int take_container(struct source_file *file, const char *id, const char *pod_uid,
			  const struct container **ret)
{
	struct container key = { "", "" }, *const * found, *made;

	memcpy(key.id, id, strlen(id) + 1);
	memcpy(key.pod_uid, pod_uid, strlen(pod_uid) + 1);
	found = tfind(&key, &file->containers, compare_containers);
	if (found) {
		*ret = *found;
		return 0;
	}
	if (file->containers_n == CONTAINERS_MAX)
		return -EINVAL;
	made = malloc(sizeof(*made));
	if (!made)
		return -ENOMEM;
	*made = key;
	if (!tsearch(made, &file->containers, compare_containers)) {
		free(made);
		return -ENOMEM;
	}
	file->containers_n++;
	*ret = made;
	return 0;
}

/* All labels of a name are LABEL_OTHER, or none of them is. */
static bool is_whole(char **field, size_t n)
{
	size_t others = 0;

	for (size_t i = 0; i < n; i++)
		others += !strcmp(field[i], LABEL_OTHER);
	return !others || others == n;
}

int source_file_take_name(struct source_file *file, char **field, struct tuple *ret)
{
	const unsigned int by = file->source.info.by;
	const struct container *container = NULL;
	const char *comm = "";
	int r;

	if (!is_whole(field, source_file_names(file)))
		return -EINVAL;
	if (by & BY_COMM) {
		comm = *field++;
		if (!label_is_valid(comm))
			return -EINVAL;
	}
	if (by & BY_CONTAINER) {
		if (!is_label(field[0], CONTAINER_ID_SIZE) || !is_label(field[1], POD_UID_SIZE))
			return -EINVAL;
		r = take_container(file, field[0], field[1], &container);
		if (r < 0)
			return r;
	}
	tuple_set(ret, by, comm, container);
	file->named = true;
	return 0;
}

void source_file_free_names(struct source_file *file)
{
	tdestroy(file->containers, free);
	file->containers = NULL;
}
