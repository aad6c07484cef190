/* SPDX-License-Identifier: Apache-2.0 */
/* What connections and requests share of the web configuration: immutable and counted. */
#ifndef WEB_STATE_H
#define WEB_STATE_H

#include <stdatomic.h>
#include <stddef.h>

#include "tls_server.h"
#include "web_config.h"

struct web_state {
	atomic_uint holders;
	struct tls_server *tls; /* NULL: none */
	struct web_header header[WEB_HEADERS_MAX];
	size_t headers_n;
};

/* Takes the headers out of the configuration. Returns as tls_server_new() does. */
int web_state_new(struct web_config *config, struct web_state **ret, char *err, size_t err_size);
struct web_state *web_state_ref(struct web_state *state);
void web_state_unref(struct web_state *state); /* NULL is fine */

#endif
