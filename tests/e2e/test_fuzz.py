# SPDX-License-Identifier: Apache-2.0
"""Requests that were good or bad, and then changed at random. Whatever comes, the server lives, and
after an answer that is an error of the request there is no second one."""
import os
import random
import socket

from harness import DEADLINE, Exporter, equal, test_without_bpf, true
from test_malformed import END, GET, HOST, NEXT, rows, statuses
from test_once import example

# as many in `make soak` as it takes minutes
REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "5000"))
SPLICES = [b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b"%", b"%00", b"HTTP/1.1", b"Host: a\r\n",
           b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"GET ", b"/", b"\xff", END + END]
# an answer after which libmicrohttpd or we close the connection
CLOSING = {400, 413, 414, 431, 505}


def change(rand, text):
    text = bytearray(text)
    for _ in range(rand.randint(1, 4)):
        at = rand.randrange(len(text) + 1)
        kind = rand.randrange(4)
        if kind == 0:
            text[at:at] = rand.choice(SPLICES)
        elif kind == 1:
            del text[at:at + rand.randint(1, 8)]
        elif kind == 2:
            text[at:at + 1] = bytes([rand.randrange(256)])
        else:
            begin = rand.randrange(len(text) + 1)
            text[at:at] = text[begin:begin + rand.randint(1, 40)]
    return bytes(text)


def ask(port, request):
    """The statuses of all answers, until the server closes the connection."""
    got = b""
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as client:
        try:
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
            while data := client.recv(65536):
                got += data
        except (BrokenPipeError, ConnectionResetError, OSError) as error:
            true(not isinstance(error, TimeoutError), f"the connection is not closed: {request!r}")
    return statuses(got)


@test_without_bpf
def requests_changed_at_random_have_no_answer_after_an_error():
    exporter = Exporter("--replay", example())
    rand = random.Random(1)
    seeds = [request for request, _ in rows() if len(request) < 1000] + [GET + HOST + END] * 50
    seen = {}
    for _ in range(REQUESTS):
        request = change(rand, rand.choice(seeds)) + NEXT
        got = ask(exporter.port, request)
        for status in got[:-1]:
            true(status not in CLOSING, f"{got} to {request!r}")
        for status in got:
            seen[status] = seen.get(status, 0) + 1
    true(seen.get(200) and seen.get(400) and seen.get(505), f"answers of each kind: {seen}")
    equal(ask(exporter.port, NEXT)[:1], [200], "a good one, at the end")
    equal(exporter.end(), 0, "exit status")
