#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the whole program, from outside. Ends with "e2e: N passed, N failed, N skipped".

usage: BUILD=build /usr/bin/python3 tests/e2e/run.py [-l] [PART-OF-A-TEST'S-NAME...]
"""
import fcntl
import importlib
import os
import pathlib
import signal
import subprocess
import sys
import time
import traceback

import harness


def lock_machine(suite="e2e"):
    """Shared with the kernel suite: each would see the other's programs and calls."""
    fd = os.open("/sys/kernel", os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(f"{suite}: waiting for another suite to end", flush=True)
        fcntl.flock(fd, fcntl.LOCK_EX)
    os.set_inheritable(fd, False)


def build_workload():
    harness.WORKLOAD.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([os.environ.get("CC") or "cc", "-std=gnu11", "-O2", "-Wall", "-Wextra",
                    "-D_GNU_SOURCE", str(harness.HERE / "workload.c"), "-o",
                    str(harness.WORKLOAD)], check=True)


def reason_without_bpf():
    """Why programs can't be loaded here; None if they can, or if the exporter knows no reason (the
    tests then show the defect)."""
    status, _, err = harness.exporter_once("--once", "--duration=0s")
    if status == 0 or harness.exporter_once("--check")[0] == 0:
        return None
    return err.strip()


def run_test(function, needs_bpf, without_bpf):
    """Returns 'passed', 'failed' or 'skipped'."""
    name = function.__name__
    begin = time.monotonic()
    try:
        if needs_bpf and without_bpf:
            print(f"skipped {name}: no BPF", flush=True)
            return "skipped"
        function()
        verdict = "passed"
    except harness.Skip as why:
        print(f"skipped {name}: {why}", flush=True)
        return "skipped"
    except Exception:  # whatever it is, it is this test's failure
        print(f"FAILED {name}\n{traceback.format_exc()}{harness.said()}\n", flush=True)
        verdict = "failed"
    finally:
        harness.reset()
    if os.environ.get("VERBOSE"):
        print(f"{verdict} {name} ({time.monotonic() - begin:.1f} s)", flush=True)
    return verdict


def main():
    os.chdir(harness.HERE.parent.parent)
    for path in sorted(pathlib.Path(harness.HERE).glob("test_*.py")):
        importlib.import_module(path.stem)
    wanted = [t for t in harness.tests
              if len(sys.argv) < 2 or any(part in t[0].__name__ for part in sys.argv[1:])]
    if "-l" in sys.argv[1:]:
        print("\n".join(function.__name__ for function, _ in harness.tests))
        return 0
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:  # by nohup; what is started would have it, too
        signal.signal(signal.SIGHUP, lambda *_: None)
    build_workload()
    lock_machine()
    without_bpf = reason_without_bpf()
    if without_bpf:
        print(f"e2e: {without_bpf}")
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for function, needs_bpf in wanted:
        counts[run_test(function, needs_bpf, without_bpf)] += 1
    print(", ".join(f"{n} {verdict}" for verdict, n in counts.items()).join(["e2e: ", ""]))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
