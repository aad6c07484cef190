/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Go's names of versions, cipher suites and curves, as exporter-toolkit's files have them, and the
 * GnuTLS priority string that means the same. Pure: knows neither library.
 */
#ifndef TLS_PRIORITY_H
#define TLS_PRIORITY_H

#include <stdbool.h>
#include <stddef.h>

enum tls_version { TLS_10, TLS_11, TLS_12, TLS_13, TLS_VERSIONS };

#define TLS_SUITES 13
#define TLS_CURVES 4

struct tls_choice {
	unsigned int min, max; /* enum tls_version */
	bool client_chooses;   /* its order of suites counts, not ours */
	size_t suites_n;       /* 0: our own choice of suites */
	size_t curves_n;       /* 0: all */
	unsigned char suite[TLS_SUITES], curve[TLS_CURVES]; /* in order of preference */
	size_t suite_line[TLS_SUITES];			    /* where they are in the file */
};

/* Number of a name, or -1. */
int tls_version_find(const char *name); /* "TLS12" */
int tls_suite_find(const char *name);	/* "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256" */
int tls_curve_find(const char *name);	/* "CurveP256" */

#define TLS_PRIORITY_SIZE 512

/* Returns 0, or -EINVAL with the reason in err and the line of the suite at fault, if there is
 * one, in *line: GnuTLS enables ciphers and key exchanges, not pairs of them. */
int tls_priority(const struct tls_choice *choice, char ret[TLS_PRIORITY_SIZE], size_t *line,
		 char *err, size_t err_size);

#endif
