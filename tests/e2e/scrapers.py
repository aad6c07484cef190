# SPDX-License-Identifier: Apache-2.0
"""Many scrapes at a time by one thread."""
import http.client
import io
import pathlib
import re
import selectors
import socket
import time


class _Bytes(io.BytesIO):
    """What http.client reads from, instead of a socket."""

    def makefile(self, *_):
        return self


def large_dump(path, rows):
    """Writes a dump whose page has about 34 lines, or 3 kB, for each row."""
    row = "".join(f"row\tworker-{i}\tread\t{i * 997}\t{i}\t1\t{i * 31}\t" +
                  ",".join(f"{slot}:{i * slot + 1}" for slot in range(4, 20)) + "\n" for i in range(rows))
    path.write_text(f"ior_exporter dump 1\n{row}rows\t{rows}\t8192\nend\n")
    return path


def anonymous_kb(pid):
    return int(re.search(r"RssAnon:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])


def scrape(port, n, together, coding, pid):
    """Makes n scrapes, so many at a time; returns (sorted seconds, the different (status, body), most kB
    of anonymous memory that the process had)."""
    request = (f"GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: {coding}\r\n"
               "Connection: close\r\n\r\n").encode()
    selector = selectors.DefaultSelector()
    seconds, bodies, peak, begun = [], {}, 0, 0
    while len(seconds) < n:
        while begun < n and begun - len(seconds) < together:
            client = socket.create_connection(("127.0.0.1", port))
            client.sendall(request)
            selector.register(client, selectors.EVENT_READ, [time.monotonic(), []])
            begun += 1
        peak = max(peak, anonymous_kb(pid))
        for key, _ in selector.select():
            begin, parts = key.data
            part = key.fileobj.recv(1 << 20)
            parts.append(part)
            if part:
                continue
            seconds.append(time.monotonic() - begin)
            selector.unregister(key.fileobj)
            key.fileobj.close()
            answer = http.client.HTTPResponse(_Bytes(b"".join(parts)))
            answer.begin()
            bodies[(answer.status, answer.read())] = True  # raises if it is cut short
    return sorted(seconds), set(bodies), peak
