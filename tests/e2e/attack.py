# SPDX-License-Identifier: Apache-2.0
"""Clients that mean no good, by the thousand, from one thread: they drip their request a byte a
second, or read their answer a byte a second, and come again as soon as they are thrown out.

usage: attack.py PORT DRIPS READERS SECONDS; prints how often they had to come again.
"""
import contextlib
import resource
import select
import socket
import sys
import time

DRIP = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Drip: " + b"x" * 4000
ASK = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Prometheus-Scrape-Timeout-Seconds: 3600\r\n\r\n"
PERIOD = 1.0  # seconds between a client's bytes
AGAIN = 0.1   # seconds after which one that was thrown out comes again


class Client:
    def __init__(self, port, drips):
        self.port, self.drips, self.sock, self.sent, self.at = port, drips, None, 0, 0.0

    def connect(self):
        self.sock = socket.socket()
        self.sock.setblocking(False)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.sock.connect_ex(("127.0.0.1", self.port))
        self.sent = 0

    def step(self):
        """A byte. False: it was thrown out."""
        try:
            if self.drips:
                self.sent += self.sock.send(DRIP[self.sent:self.sent + 1])
            elif not self.sent:
                self.sent = self.sock.send(ASK)
            with contextlib.suppress(BlockingIOError):
                return self.sock.recv(1) != b""
        except BlockingIOError:
            pass
        except OSError:
            return False
        return True


def attack(port, drips, readers, seconds):
    clients = [Client(port, True) for _ in range(drips)] + \
              [Client(port, False) for _ in range(readers)]
    begin = time.monotonic()
    for number, client in enumerate(clients):
        client.at = begin + PERIOD * number / len(clients)
    again = 0
    while time.monotonic() < begin + seconds:
        now = time.monotonic()
        for client in clients:
            if client.at > now:
                continue
            client.at = now + PERIOD
            if client.sock is None:
                client.connect()
                client.at = now  # its first byte comes at once
            elif not client.step():
                client.sock.close()
                client.sock = None
                client.at = now + AGAIN
                again += 1
        select.select([], [], [], 0.01)
    return again


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(attack(*map(int, sys.argv[1:4]), float(sys.argv[4])))
