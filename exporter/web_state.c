/* SPDX-License-Identifier: Apache-2.0 */
#include "web_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int web_state_new(struct web_config *config, struct web_state **ret, char *err, size_t err_size)
{
	struct web_state *state = calloc(1, sizeof(*state));
	int r = 0;

	if (!state)
		return -ENOMEM;
	atomic_init(&state->holders, 1);
	memcpy(state->header, config->header, sizeof(state->header));
	state->headers_n = config->headers_n;
	config->headers_n = 0;
	if (config->tls.on)
		r = tls_server_new(&config->tls, &state->tls, err, err_size);
	if (r < 0)
		web_state_unref(state);
	else
		*ret = state;
	return r;
}

struct web_state *web_state_ref(struct web_state *state)
{
	(void)atomic_fetch_add(&state->holders, 1);
	return state;
}

void web_state_unref(struct web_state *state)
{
	if (!state || atomic_fetch_sub(&state->holders, 1) != 1)
		return;
	tls_server_unref(state->tls);
	for (size_t i = 0; i < state->headers_n; i++)
		free(state->header[i].value);
	free(state);
}
