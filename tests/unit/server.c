/* SPDX-License-Identifier: Apache-2.0 */
#include "server.h"

#include <check.h>

#include "buf.h"

void server_listen(struct listeners *ret, const char *one, const char *two)
{
	char *item[] = { (char *)one, (char *)two };
	const struct strings addresses = { item, two ? 2 : 1 };
	char err[512] = "";

	(void)listen_open(&addresses, ret, err, sizeof(err));
	ck_assert_str_eq(err, "");
}

void server_start(struct server *ret, bool attached)
{
	server_start_at(ret, "127.0.0.1:0", attached);
}

void server_start_at(struct server *ret, const char *address, bool attached)
{
	char err[512] = "";

	running_start(&ret->running, "--no-dump", attached);
	server_listen(&ret->listeners, address, NULL);
	(void)http_start(&ret->running.app, &ret->listeners, NULL, &ret->http, err, sizeof(err));
	ck_assert_str_eq(err, "");
	ret->address = ret->listeners.item[0].address;
}

void server_check_page(struct server *server, const struct reply *reply)
{
	struct buf page = { 0 };

	running_page(&server->running, &page);
	reply_check_body(reply, 200, page.data, page.len);
	reply_check_header(reply, "Content-Type",
			   "text/plain; version=0.0.4; charset=utf-8; escaping=underscores");
	buf_free(&page);
}

void server_stop(struct server *server)
{
	http_stop(server->http);
	listen_close(&server->listeners);
	running_stop(&server->running);
}
