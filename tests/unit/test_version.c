/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "capture.h"
#include "http.h"
#include "source.h"
#include "suites.h"
#include "version.h"

START_TEST(version_is_printed_with_all_that_it_was_built_of)
{
	char *text = capture_print(version_print);
	struct buf expected = { 0 };
	struct build build;

	version_describe(&build);
	buf_add_fmt(&expected,
		    "ior_exporter, version %s (revision: %s)\n  arch:          %s\n"
		    "  compiler:      %s\n  libbpf:        %s\n  libmicrohttpd: %s\n"
		    "  TLS:           %s\n",
		    build.version, build.revision, build.arch, build.compiler, build.libbpf,
		    build.libmicrohttpd, build.tls ? "yes" : "no");
	buf_add(&expected, "", 1);
	ck_assert_str_eq(text, expected.data);
	buf_free(&expected);
	free(text);
}

START_TEST(libraries_are_those_of_run_time)
{
	struct build build;

	version_describe(&build);
	ck_assert_str_eq(build.libbpf, source_bpf_library());
	ck_assert_str_eq(build.libmicrohttpd, http_library());
	ck_assert_int_eq(build.tls, http_has_tls());
}

/* They are values of labels. */
START_TEST(no_part_is_empty_or_begins_or_ends_with_a_blank)
{
	struct build build;
	const char *const parts[] = { build.version,  build.revision, build.arch,
				      build.compiler, build.libbpf,   build.libmicrohttpd };

	version_describe(&build);
	for (size_t i = 0; i < COUNT(parts); i++) {
		ck_assert_str_ne(parts[i], "");
		ck_assert_int_ne(parts[i][0], ' ');
		ck_assert_msg(parts[i][strlen(parts[i]) - 1] != ' ', "'%s'", parts[i]);
	}
}

Suite *version_suite(void)
{
	const struct test tests[] = {
		{ version_is_printed_with_all_that_it_was_built_of, 0 },
		{ libraries_are_those_of_run_time, 0 },
		{ no_part_is_empty_or_begins_or_ends_with_a_blank, 0 },
	};

	return suite_make("version", tests, COUNT(tests));
}
