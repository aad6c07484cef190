# SPDX-License-Identifier: Apache-2.0
"""Requests that are none: each has one answer, the connection is closed, and what follows on it is
not taken for a request."""
import re
import socket

from harness import DEADLINE, Exporter, equal, exporter_once, test_without_bpf, true
from test_once import example

GET = b"GET /-/healthy HTTP/1.1\r\n"
HOST = b"Host: localhost\r\n"
END = b"\r\n"
NEXT = b"GET /-/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

BODIES = [b"Content-Length: %s" % value for value in (
    b"1", b"5", b"00", b"+0", b"-0", b"-1", b"0x0", b"5x", b"x", b"", b"0 0", b"0,0", b"0;1", b"1e1",
    b"18446744073709551615", b"18446744073709551616", b"99999999999999999999999")] + [
    b"Transfer-Encoding: %s" % value for value in (
        b"chunked", b"Chunked", b" chunked", b"xchunked", b"identity", b"gzip", b"gzip, chunked",
        b"chunked, identity", b"chunked;q=0", b"", b"\tchunked")]
PAIRS = [b"Content-Length: 5\r\nContent-Length: 6", b"Content-Length: 0\r\nContent-Length: 6",
         b"Content-Length: 6\r\nContent-Length: 0", b"Content-Length: 3\r\nTransfer-Encoding: chunked",
         b"Transfer-Encoding: chunked\r\nContent-Length: 3",
         b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
         b"content-length: 7", b"CONTENT-LENGTH: 7", b"transfer-ENCODING: chunked",
         b"Expect: 100-continue\r\nContent-Length: 3"]
HOSTS = [b"", HOST + HOST, HOST + b"host: other\r\n", b"HOST: a\r\n" + HOST,
         b"Host: localhost\r\nA: b\r\nHost: localhost\r\n"] + [
    b"Host: " + host + END for host in (
        b"a b", b"a/b", b"a\\b", b"me@a", b"a?b", b"a#b", b"\"a\"", b"<a>", b"a^b", b"{a}", b"a|b",
        b"\xc3\xb6", b"a\tb", b"a`b")]
HEADERS = [b"A : b", b"A\t: b", b"A b: c", b"A", b"A;b: c", b"A(: b", b"A[]: b", b"A@: b", b"\"A\": b",
           b"A/b: c", b"A\xff: b", b"A\x01: b", b"A\x7f: b", b"A=: b", b"{A}: b", b"A\\: b", b"A?: b",
           b"<A>: b", b"A,B: c"] + [
    b"A: b%cc" % byte for byte in (*range(1, 9), *range(11, 32), 127)]
FOLDED = [b"A: b\r\n c", b"A: b\r\n\tc", b"A: b\r\n  c: d", b"A: b\r\n c\r\n d", b"A:\r\n b",
          b"A: b\r\n Content-Length: 5", b"Content-Length: 0\r\n 5", b"A: b\r\n c\r\nD: e"]
TARGETS = [b"/-/healthy%00", b"/%00", b"/-/healthy%00.html", b"/?a=%00", b"/%", b"/%4", b"/%zz",
           b"/%-1", b"/%%30%30", b"/-/healthy?%", b"/-/healthy#a", b"/#", b"-/healthy", b"?", b"healthz",
           b"http:///-/healthy", b"http://me@localhost/-/healthy", b"ftp://localhost/-/healthy", b"//localhost/-/healthy#",
           b"localhost:80", b"*a", b"/a b", b"/-/healthy ", b"/\x01", b"/\x7f", b"/a\tb", b"/\x0b",
           b"/-/healthy\x00", b"/-/healthy\x00/metrics", b"\\", b"[::1]", b"\xff", b"/\x1b[31m"]
VERSIONS = [(b"HTTP/1.10", 400), (b"HTTP/01.1", 400), (b"http/1.1", 400), (b"HTTP/1,1", 400),
            (b"HTTP/1.", 400), (b"HTTP/11", 400), (b"HTTP /1.1", 400), (b"HTTP/1.1 ", 400),
            (b"HTTP/x.y", 400), (b"HTTPS/1.1", 400), (b"XTTP/1.1", 400), (b"HTTP/1.1x", 400),
            (b"", 400), (b"HTTP/2.0", 505), (b"HTTP/3.0", 505), (b"HTTP/9.9", 505), (b"HTTP/0.9", 505),
            (b"HTTP/0.0", 505)]
METHODS = [b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"TRACE", b"CONNECT", b"BREW", b"HEAD", b"get"]
TOO_LARGE = [(b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n" + HOST + END, 414),
             (b"GET /?" + b"a=b&" * 20000 + b" HTTP/1.1\r\n" + HOST + END, 414),
             (b"G" * 20000 + b" / HTTP/1.1\r\n" + HOST + END, 414),
             (GET + HOST + b"A: " + b"b" * 20000 + END + END, 431),
             (GET + HOST + b"A" * 20000 + b": b\r\n\r\n", 431),
             (GET + HOST + b"A: b\r\n" * 5000 + END, 431)]
# no request line at all: closed without a word
NOTHING = [b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"hello\r\n",
           b"SSH-2.0-OpenSSH_9.2\r\n"]


def rows():
    """(request, status; None: no answer)"""
    for header in BODIES + PAIRS:
        yield GET + HOST + header + END + END + b"abcde", 400
    for hosts in HOSTS:
        yield GET + hosts + END, 400
    for header in HEADERS + FOLDED:
        yield GET + HOST + header + END + END, 400
    for target in TARGETS:
        yield b"GET " + target + b" HTTP/1.1\r\n" + HOST + END, 400
    for version, status in VERSIONS:
        yield b"GET /-/healthy " + version + END + HOST + END, status
    for method in METHODS:
        yield method + b" /-/healthy HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhello", 400
        yield method + b" /-/healthy HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n", 400
        yield method + b" /-/healthy HTTP/1.1\r\n\r\n", 400
    yield from TOO_LARGE
    for request in NOTHING:
        yield request, None


# libmicrohttpd from 1.0 on does some of it itself. It mends folded headers as RFC 9112 allows it, asks
# for a target without white space to be taken, has a word of its own for codings (1.0.10), and none
# for what is not even a target.
CODINGS = [b"Transfer-Encoding: " + coding for coding in (b"xchunked", b"identity", b"gzip", b"chunked,",
                                                          b"chunked;", b"\r")]
MENDED = [GET + HOST + b"A:" + rest for rest in (b" b\r\n ", b" b\r\n\t", b"\r\n b")]
SPACED = [b"GET " + target for target in (b"/a b", b"/-/healthy  ", b"/a\tb", b"/\x0b")]
SILENT = [b"GET /-/healthy\x00", b"GGGG"]


def of_newer(request, status):
    """The answers that such a library may have; the last 200 is that to the next request."""
    if request.startswith(tuple(MENDED)):
        return [[200, 200]]
    if request.startswith(tuple(SPACED)):
        return [[301]]
    if request.startswith(tuple(SILENT)):
        return [[]]
    if request.startswith(GET) and any(coding in request for coding in CODINGS):
        return [[400], [501]]
    return [[status] if status else []]


def statuses(got):
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d+) ", got)]


def answers(port, request):
    """The statuses of all that comes until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as client:
        got = b""
        try:
            client.sendall(request)
            while True:
                data = client.recv(65536)
                if not data:
                    break
                got += data
        except (BrokenPipeError, ConnectionResetError):
            pass  # closed, while more of the request was on its way
    return statuses(got)


@test_without_bpf
def malformed_requests_have_one_answer_and_no_second():
    exporter = Exporter("--replay", example())
    table = list(rows())
    equal(len(table), 205, "requests")
    equal(len({request for request, _ in table}), len(table), "requests that differ")
    newer = "libmicrohttpd: 0." not in exporter_once("--version")[1]
    for request, status in table:
        got = answers(exporter.port, request + NEXT)
        if newer:
            true(got in of_newer(request, status), f"{request[:200]}: {got}")
        else:
            equal(got, [status] if status else [], request[:200])
    equal(answers(exporter.port, NEXT), [200], "a good one, at the end")
    equal(exporter.end(), 0, "exit status")


@test_without_bpf
def requests_that_are_well_formed_are_answered_and_the_connection_kept():
    exporter = Exporter("--replay", example())
    for request, status in ((GET + HOST + END, 200), (b"\r\n\r\n" + GET + HOST + END, 200),
                            (GET + b"Host:\r\n\r\n", 200), (GET + b"hOST: [::1]:80\r\n\r\n", 200),
                            (GET + HOST + b"Content-Length: 0\r\n\r\n", 200),
                            (GET + HOST + b"A: \xff\tb\r\nEmpty:\r\n\r\n", 200),
                            (b"HEAD /-/healthy HTTP/1.1\r\n" + HOST + END, 200),
                            (b"GET /-/healthy?a=%2F HTTP/1.1\r\n" + HOST + END, 200),
                            (b"GET /%2d/healthy HTTP/1.1\r\n" + HOST + END, 200),
                            (b"GET /nothing HTTP/1.1\r\n" + HOST + END, 404)):
        equal(answers(exporter.port, request + NEXT), [status, 200], request)
