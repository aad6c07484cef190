/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts compared byte by byte with files under tests/golden/, from the root of the tree. In a file
 * @arch@, @compiler@, @libbpf@, @libmicrohttpd@, @revision@ and @version@ stand for what
 * version_describe() says of this build, and @nr:NAME@ for a system call's number on this
 * architecture. With UPDATE_GOLDEN=1 in the environment a test writes its
 * file instead, says so, and fails: what changed is to be reviewed as a diff.
 */
#ifndef GOLDEN_H
#define GOLDEN_H

#include "buf.h"

#define GOLDEN_DIR "tests/golden/"

void golden_check(const char *name, const struct buf *actual);

/* Appends the file as it is. */
void golden_read(const char *name, struct buf *ret);

#endif
