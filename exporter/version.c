/* SPDX-License-Identifier: Apache-2.0 */
#include "version.h"

#include "http.h"
#include "source.h"
#include "version.inc"

#if defined(__x86_64__)
#define ARCH "x86_64"
#elif defined(__aarch64__)
#define ARCH "aarch64"
#else
#error "no syscall table for this architecture"
#endif

#ifdef __clang__
#define COMPILER "clang %d.%d.%d", __clang_major__, __clang_minor__, __clang_patchlevel__
#else
#define COMPILER "gcc %s", __VERSION__
#endif

void version_describe(struct build *ret)
{
	(void)snprintf(ret->version, sizeof(ret->version), "%s", VERSION);
	(void)snprintf(ret->revision, sizeof(ret->revision), "%s", REVISION);
	(void)snprintf(ret->arch, sizeof(ret->arch), "%s", ARCH);
	(void)snprintf(ret->compiler, sizeof(ret->compiler), COMPILER);
	(void)snprintf(ret->libbpf, sizeof(ret->libbpf), "%s", source_bpf_library());
	(void)snprintf(ret->libmicrohttpd, sizeof(ret->libmicrohttpd), "%s", http_library());
	ret->tls = http_has_tls();
}

void version_print(FILE *out)
{
	struct build build;

	version_describe(&build);
	fprintf(out,
		"ior_exporter, version %s (revision: %s)\n  arch:          %s\n"
		"  compiler:      %s\n  libbpf:        %s\n  libmicrohttpd: %s\n"
		"  TLS:           %s\n",
		build.version, build.revision, build.arch, build.compiler, build.libbpf,
		build.libmicrohttpd, build.tls ? "yes" : "no");
}
