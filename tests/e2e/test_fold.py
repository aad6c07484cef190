# SPDX-License-Identifier: Apache-2.0
"""More comms than have places: the page is bounded, and no call is lost from its sums."""
import os
import pathlib
import random
import re
import time

from harness import Exporter, comm, equal, test, true, work
from page import DURATION, Page

ROUNDS = 60
PAUSE = float(os.environ.get("IOR_TEST_PAUSE", 0))  # seconds between them, for a real-time run
SEED = 20261124


def counted(page):
    """Calls by comm and syscall."""
    return {(labels["comm"], labels["syscall"]): value
            for name in (DURATION + "_count", "ior_syscall_noreturn_total")
            for labels, value in page.of(name)}


def increase(last, now, syscall=None):
    """As Prometheus has it: what is lower than before was begun anew."""
    return sum(value - (last.get(key, 0) if value >= last.get(key, 0) else 0)
               for key, value in now.items() if syscall in (None, key[1]))


def check_increase(last, now, made, what):
    """Of the test's own call, which nobody else makes, and of all calls."""
    equal(increase(counted(last), counted(now), "kcmp"), made, what)
    equal(increase(counted(last), counted(now)),
          now.value("ior_observations_total") - last.value("ior_observations_total"), what)


def resident(pid):
    """Most memory that the process ever held, in bytes."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024


@test
def in_a_churn_of_comms_each_scrape_has_all_calls_made_since_the_last():
    names = [comm(f"{i:03d}") for i in range(200)]
    choose = random.Random(SEED)
    exporter = Exporter("--comm.top=10", "--series.linger=200ms", "--series.idle=1s")
    last, ever = Page(exporter.page()), set()
    for i in range(ROUNDS):
        # some of a crowd that changes, at paces that differ a lot
        calls = {name: choose.randrange(1, 2 ** choose.randrange(2, 13))
                 for name in choose.sample(names[i * 2:i * 2 + 80], 15)}
        work(comm("churn"), *(word for name, n in calls.items()
                              for word in (f"as={name}", f"kcmp={n}")))
        time.sleep(PAUSE)
        page = Page(exporter.page())
        page.check(raw_sums=False)
        check_increase(last, page, sum(calls.values()), f"round {i} of seed {SEED}: {calls}")
        shown = {labels["comm"] for labels, _ in page.of(DURATION + "_count")}
        true(len(shown) <= 2 * 10 + 1, f"{len(shown)} comms shown")
        ever |= shown & set(names)
        last = page
    evicted = page.value("ior_series_evicted_total", reason="displaced")
    true(evicted and len(ever) > 10, f"{len(ever)} comms had a place, {evicted} series lost theirs")
    print(f"churn: seed {SEED}, {ROUNDS} rounds, {len(ever)} of 200 comms had one of 10 places, "
          f"{evicted:.0f} series displaced", flush=True)


@test
def a_flood_of_comms_is_bounded_and_exact():
    flood = 1_000_000
    exporter = Exporter("--comm.top=16", "--trace-syscalls=kcmp")  # a row a comm
    before = resident(exporter.pid)
    last = Page(exporter.page())
    work(comm("flood"), f"flood={flood}")
    text = exporter.page()
    page = Page(text)
    page.check()
    check_increase(last, page, flood, "calls")
    equal(page.value("ior_rows"), 8192, "rows")
    equal(page.value("ior_rows_overflow_total"), flood - 8192, "overflow")
    shown = {labels["comm"] for labels, _ in page.of(DURATION + "_count")}
    equal(len(shown), 16 + 1, "comms shown")
    grown = resident(exporter.pid) - before
    true(grown < 12 << 20, f"resident memory grew by {grown} bytes")
    print(f"flood: {flood} comms, {len(shown)} shown, page {len(text)} bytes, resident memory "
          f"+{grown / 1e6:.1f} MB", flush=True)


@test
def short_lived_processes_are_all_counted():
    brief = 100_000
    exporter = Exporter("--comm.top=16", "--trace-syscalls=kcmp,exit_group")
    last = Page(exporter.page())
    work(comm("brief"), f"brief={brief}")
    page = Page(exporter.page())
    page.check()
    check_increase(last, page, brief, "calls")
    for reason in ("died", "no_entry", "no_exit", "no_memory", "recursion", "clock"):
        equal(page.value("ior_observations_lost_total", reason=reason), 0, f"lost: {reason}")


@test
def rules_that_make_all_comms_one_lose_no_call():
    """To one name, to an empty one, and to that of all others; of names that are all of these."""
    names = (b"__other__", b"", b'"\\\n\xff', b"all", comm("one").encode())
    for rule, label in ((".*=>all", "all"), (".*=>", "\\0"), (".*=>__other__", "\\x5f_other__")):
        for top in (0, 1):
            exporter = Exporter("--trace-syscalls=kcmp", f"--comm.rewrite={rule}", top=top)
            last = Page(exporter.page())
            for calls, name in enumerate(names, 100):
                work(name, f"kcmp={calls}")
            page = Page(exporter.page())
            page.check()
            made = sum(range(100, 100 + len(names)))
            equal({(labels["comm"], value) for labels, value in page.of(DURATION + "_count")},
                  {(label, made)}, f"calls under {rule}, top {top}")
            check_increase(last, page, made, rule)
            exporter.end()
