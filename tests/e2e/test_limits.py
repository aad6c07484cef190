# SPDX-License-Identifier: Apache-2.0
"""Clients that are many, slow, or both; and a process that is short of descriptors."""
import http.client
import os
import re
import resource
import socket
import subprocess
import sys
import time

from attack import PERIOD
from crowd import crowd, percentile
from harness import DEADLINE, HERE, Exporter, Process, equal, folder, test_without_bpf, true, wait_for
from page import Page

ASK = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"


def dump(comms):
    """Of about 3 kB of page each."""
    path = folder() / f"dump{comms}"
    rows = "".join(f"row\tcomm{i}\tread\t1\t1\t0\t0\t{i % 32}:1\n" for i in range(comms))
    path.write_text(f"ior_exporter dump 1\n{rows}rows\t{comms}\t8192\nend\n")
    return path


def rss_anon(pid):
    """In MB."""
    status = open(f"/proc/{pid}/status").read()
    return int(re.search(r"^RssAnon:\s+(\d+) kB$", status, re.M).group(1)) / 1000


def asleep(pid):
    """All threads: one that spins runs, or is about to."""
    states = [open(f"/proc/{pid}/task/{tid}/stat").read().rsplit(")", 1)[1].split()[0]
              for tid in os.listdir(f"/proc/{pid}/task")]
    return set(states) == {"S"}


def narrow(port):
    """Has asked for the page, and takes little of it."""
    client = socket.socket()
    client.settimeout(DEADLINE)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    client.sendall(ASK)
    return client


# ---- scrapes at a time

@test_without_bpf
def scrapes_above_the_limit_are_told_to_come_again():
    exporter = Exporter("--comm.top=0", "--max-age=1h", "--web.max-requests=3", "--replay", dump(5000))
    clients = [narrow(exporter.port) for _ in range(3)]
    for client in clients:
        equal(client.recv(13), b"HTTP/1.1 200 ", "begin of a page")
    status, headers, body = exporter.request()
    equal((status, headers["Retry-After"], headers["Content-Type"], body),
          (503, "1", "text/plain; charset=utf-8",
           b"Limit of concurrent requests reached (3), try again later.\n"), "the fourth")
    equal(exporter.request(path="/-/healthy")[0], 200, "what is no scrape")
    for client in clients:
        client.close()
    wait_for(lambda: exporter.request()[0] == 200, "a page when they are gone")


@test_without_bpf
def five_hundred_scrapes_at_once_all_get_their_page():
    exporter = Exporter("--comm.top=0", "--max-age=1h", "--web.max-requests=0", "--replay", dump(700))
    page = exporter.page()
    true(len(page) > 1 << 20, "a page of some size")
    took = crowd(exporter.port, 500)
    equal(len(took), 500, "whole pages")
    print(f"500 scrapes of {len(page) / 1e6:.1f} MB at once: p99 {percentile(took, 0.99) * 1000:.0f} ms,"
          f" RssAnon {rss_anon(exporter.pid):.1f} MB", flush=True)
    Page(exporter.page()).check()


# ---- clients that mean no good

def healthy(port, seconds):
    """Scrapes, each on a connection of its own. Returns when each began, its status, how long it took."""
    rows = []
    begin = time.monotonic()
    while time.monotonic() < begin + seconds:
        start = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
        try:
            connection.request("GET", "/metrics")
            response = connection.getresponse()
            response.read()
            status = response.status
        except (http.client.HTTPException, OSError):
            status = 0  # ended, for there was no place
        connection.close()
        rows.append((start - begin, status, time.monotonic() - start))
    return rows


@test_without_bpf
def a_thousand_drips_and_slow_readers_keep_no_scrape_out():
    """As the machine is shared, the time is bounded loosely; make soak states it."""
    exporter = Exporter("--comm.top=0", "--max-age=100ms", "--replay", dump(200))
    attack = subprocess.Popen([sys.executable, HERE / "attack.py", str(exporter.port), "1000", "1000", "9"],
                              stdout=subprocess.PIPE)
    rows = [row for row in healthy(exporter.port, 8 * PERIOD) if row[0] >= 5]
    attack.communicate()
    equal(attack.returncode, 0, "exit status of the attack")
    equal([row for row in rows if row[1] != 200], [], "scrapes that were refused")
    took = sorted(row[2] for row in rows)
    print(f"scrapes beside 1,000 drips and 1,000 slow readers: p99 {percentile(took, 0.99) * 1000:.0f} ms,"
          f" RssAnon {rss_anon(exporter.pid):.1f} MB", flush=True)
    true(percentile(took, 0.5) < 0.5, f"median of {percentile(took, 0.5):.3f} s")
    equal(exporter.end(), 0, "exit status")


# ---- descriptors

@test_without_bpf
def without_descriptors_it_does_not_spin_and_lives():
    """More clients than it may have descriptors; the other address has none to end."""
    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
    exporter = Exporter("--replay", dump(1), address="localhost:0", addresses=2, preexec_fn=limit)
    clients = []
    for _ in range(100):
        client = socket.socket()
        client.connect(("127.0.0.1", exporter.port))
        clients.append(client)
    for host in ("127.0.0.1", "::1"):
        equal(exporter.request(path="/-/healthy", host=host)[0], 200, f"a request to {host} beside them")
    wait_for(lambda: all(asleep(exporter.pid) for _ in range(500)),
             "all threads to sleep, each of 500 times, while nobody asks for anything")
    for client in clients:
        client.close()
    Page(exporter.page()).check()
    equal(exporter.end(), 0, "exit status")


# ---- for long

def soak(exporter, scrapes, connection=None):
    """Scrapes in a row, half of them on one connection. Each counter must be monotone."""
    before = {}
    kept = http.client.HTTPConnection("127.0.0.1", exporter.port, timeout=DEADLINE)
    for number in range(scrapes):
        if number % 2:
            kept.request("GET", "/metrics")
            text = kept.getresponse().read().decode()
        else:
            text = exporter.page()
        now = dict(re.findall(r"^(\w+_(?:total|count|sum|bucket)(?:\{.*\})?) (\S+)$", text, re.M))
        for name in before.keys() & now.keys():
            if float(now[name]) < float(before[name]):
                raise AssertionError(f"{name} went from {before[name]} to {now[name]}")
        true(now.keys() >= before.keys(), "series that are gone")
        before = now
    kept.close()


def count_fds(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def check_soak(scrapes):
    exporter = Exporter("--replay", dump(3), "--max-age=0")
    soak(exporter, 1000)
    memory, fds = rss_anon(exporter.pid), count_fds(exporter.pid)
    soak(exporter, scrapes)
    wait_for(lambda: count_fds(exporter.pid) <= fds, "the descriptors to be closed")
    grown = rss_anon(exporter.pid) - memory
    print(f"{scrapes} scrapes after 1,000: RssAnon {memory:.1f} MB, grown by {grown:.2f} MB,"
          f" {fds} descriptors", flush=True)
    true(grown < 0.5, f"memory grew by {grown:.2f} MB")
    equal(exporter.end(), 0, "exit status")


@test_without_bpf
def scrapes_in_a_row_take_no_memory_and_no_descriptor():
    check_soak(int(os.environ.get("SOAK_SCRAPES", "2000")))
