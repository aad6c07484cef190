# SPDX-License-Identifier: Apache-2.0
"""Scrapes by the hundred at once, from one thread.

usage: crowd.py PORT CLIENTS [CODING]; prints how many got a whole page, and the median, the 99th percentile
and the longest in milliseconds.
"""
import re
import resource
import selectors
import socket
import sys
import time

ASK = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: {}\r\nConnection: close\r\n\r\n"


def whole(answer):
    """Is it a page, from its begin to its end?"""
    head, _, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"\r\nContent-Length: (\d+)", head)
    end = len(body) == int(length[1]) if length else body.endswith(b"\n0\r\n\r\n")
    return head.startswith(b"HTTP/1.1 200 ") and end


def crowd(port, clients, coding="identity"):
    """Seconds that each whole page took, in order."""
    ask = ASK.format(coding).encode()
    selector = selectors.DefaultSelector()
    took, page = [], {}
    begin = time.monotonic()
    for _ in range(clients):
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex(("127.0.0.1", port))
        selector.register(sock, selectors.EVENT_WRITE)
        page[sock] = bytearray()
    while page and time.monotonic() < begin + 60:
        for key, events in selector.select(1):
            sock = key.fileobj
            if events & selectors.EVENT_WRITE:
                sock.send(ask)
                selector.modify(sock, selectors.EVENT_READ)
                continue
            try:
                data = sock.recv(1 << 20)
            except ConnectionError:
                data = b""
            page[sock] += data
            if data:
                continue
            got = page.pop(sock)
            if whole(got):
                took.append(time.monotonic() - begin)
            selector.unregister(sock)
            sock.close()
    return sorted(took)


def percentile(values, part):
    return values[min(len(values) - 1, int(len(values) * part))]


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    all_took = crowd(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:4])
    print(len(all_took), *(round(percentile(all_took, part) * 1000, 1) for part in (0.5, 0.99, 1)))
