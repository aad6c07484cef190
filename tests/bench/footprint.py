# SPDX-License-Identifier: Apache-2.0
"""Measures what a running exporter holds: memory with every row in use, and the time to its first
page. Prints rows for table.sh.

usage: footprint.py IOR_EXPORTER
"""
import ctypes
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request

ROWS = 8192
STARTS = 7
REQUESTS = 50
LIMIT_ANON_KB = 12 * 1024
LIMIT_MAPS_BYTES = (64 + 8) << 20
LIMIT_FIRST_MS = 500
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_NAME = 15
# cheap calls without effect: getpid, getuid, getgid, geteuid, getegid, getppid, getpgrp, gettid
CALLS = (39, 102, 104, 107, 108, 110, 111, 186)


def row(requirement, measured, limit, good):
    print(f"{requirement}\t{measured}\t{limit}\t{'PASS' if good else 'FAIL'}")


def start(binary, *flags):
    """Starts the exporter; returns it, its URL, and the ms from start to the first whole page."""
    began = time.monotonic()
    exporter = subprocess.Popen([binary, "--web.listen-address=127.0.0.1:0", "--max-age=0s", *flags],
                                stderr=subprocess.PIPE, text=True)
    url = None
    while url is None:
        line = exporter.stderr.readline()
        if not line:
            sys.exit(f"{binary} did not start")
        found = re.search(r"msg=listening address=(\S+)", line)
        url = found and f"http://{found[1]}/metrics"
    first_ms = None
    while first_ms is None:
        if b"\nior_up 1\n" in fetch(url):
            first_ms = (time.monotonic() - began) * 1000
    threading.Thread(target=exporter.stderr.read, daemon=True).start()
    return exporter, url, first_ms


def fetch(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read()


def median(values):
    return sorted(values)[len(values) // 2]


def request_us(url):
    """Of a scrape that reads the kernel's counters anew, in the middle."""
    took = []
    for _ in range(REQUESTS):
        began = time.monotonic()
        fetch(url)
        took.append((time.monotonic() - began) * 1e6)
    return median(took)


def sandbox_row(binary):
    """What giving rights up costs, held against keeping them, in turn."""
    starts, requests = {"none": [], "all": []}, {"none": [], "all": []}
    for _ in range(STARTS):
        for level in starts:
            exporter, url, ms = start(binary, f"--sandbox={level}", "--comm.top=0")
            starts[level].append(ms)
            requests[level].append(request_us(url))
            exporter.terminate()
            exporter.wait()
    print(f"--sandbox=all against none\tstart {median(starts['all']):.0f} ms against "
          f"{median(starts['none']):.0f}, a scrape {median(requests['all']):.0f} us against "
          f"{median(requests['none']):.0f}\t\tINFO")


def status_kb(pid, field):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(re.search(rf"{field}:\s+(\d+) kB", status.read())[1])


def maps_bytes(pid):
    total = 0
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        with open(f"/proc/{pid}/fdinfo/{fd}", encoding="ascii") as info:
            text = info.read()
        memlock = re.search(r"^memlock:\s+(\d+)", text, re.M)
        if memlock and "map_type:" in text:
            total += int(memlock[1])
    return total


def fill_rows():
    """A child takes every row: ROWS / 8 names, eight calls each, and some more."""
    pid = os.fork()
    if pid == 0:
        for i in range(ROWS // len(CALLS) + 16):
            LIBC.prctl(PR_SET_NAME, f"fill-{i}".encode(), 0, 0, 0)
            for nr in CALLS:
                LIBC.syscall(nr)
        os._exit(0)
    os.waitpid(pid, 0)


def sample(page, name):
    return int(float(re.search(rb"^" + name + rb" (\S+)$", page, re.M)[1]))


def main():
    binary = sys.argv[1]
    sandbox_row(binary)
    first = []
    for _ in range(STARTS):
        exporter, _, ms = start(binary)
        first.append(ms)
        exporter.terminate()
        exporter.wait()
    row("first whole /metrics after the start", f"{median(first):.0f} ms (median of "
        f"{STARTS}, worst {max(first):.0f})", f"<= {LIMIT_FIRST_MS} ms",
        median(first) <= LIMIT_FIRST_MS)

    exporter, url, _ = start(binary)
    fill_rows()
    page = fetch(url)
    peak = 0
    done = threading.Event()

    def watch():
        nonlocal peak
        while not done.is_set():
            peak = max(peak, status_kb(exporter.pid, "RssAnon"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    for _ in range(5):
        page = fetch(url)
    done.set()
    watcher.join()
    rows = sample(page, b"ior_rows")
    row("memory: rows in use", f"{rows}", f"{ROWS}", rows == ROWS)
    row("memory: RssAnon while serving all rows",
        f"{peak / 1024:.1f} MB (a page of {len(page) / 1e6:.0f} MB)",
        f"<= {LIMIT_ANON_KB >> 10} MB", peak <= LIMIT_ANON_KB)
    taken = maps_bytes(exporter.pid)
    row("memory: kernel maps", f"{taken / (1 << 20):.1f} MB",
        f"<= --series.memory + 8 MB = {LIMIT_MAPS_BYTES >> 20} MB", taken <= LIMIT_MAPS_BYTES)
    exporter.terminate()
    exporter.wait()


main()
