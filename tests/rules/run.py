#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of dashboards/prometheus. Ends with "rules: N passed, N failed, N skipped".

usage: BUILD=build /usr/bin/python3 tests/rules/run.py [PART-OF-A-TEST'S-NAME...]
"""
import importlib
import importlib.util
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
E2E = HERE.parent / "e2e"


def main():
    os.chdir(HERE.parent.parent)
    sys.path.append(str(E2E))  # behind our own folder
    harness = importlib.import_module("harness")
    spec = importlib.util.spec_from_file_location("e2e_run", E2E / "run.py")
    e2e = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(e2e)

    for path in sorted(HERE.glob("test_*.py")):
        importlib.import_module(path.stem)
    e2e.lock_machine("rules")
    without_bpf = e2e.reason_without_bpf()
    if without_bpf:
        print(f"rules: {without_bpf}")
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for function, needs_bpf in harness.tests:
        if len(sys.argv) < 2 or any(part in function.__name__ for part in sys.argv[1:]):
            counts[e2e.run_test(function, needs_bpf, without_bpf)] += 1
    print(", ".join(f"{n} {verdict}" for verdict, n in counts.items()).join(["rules: ", ""]))
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
