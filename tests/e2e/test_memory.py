# SPDX-License-Identifier: Apache-2.0
"""Starts in a memory cgroup: never ended by the kernel without a word."""
import contextlib
import os
import pathlib
import re

from harness import BINARY, Skip, comm, equal, run, test, true, wait_for
from page import Page
from test_privileges import ONCE, check_failure

MIB = 1 << 20


class Group:
    """A new cgroup with a memory limit in bytes, of whichever version the machine has."""

    # (where a controller may be, the files of limit, peak and usage, what must be there)
    VERSIONS = (("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.max_usage_in_bytes",
                 "memory.usage_in_bytes", "memory.limit_in_bytes"),
                ("/sys/fs/cgroup", "memory.max", "memory.peak", "memory.current",
                 "cgroup.subtree_control"))

    def __init__(self, limit):
        for mount, self.limit_file, self.peak_file, self.usage_file, witness in self.VERSIONS:
            if os.getuid() == 0 and os.access(f"{mount}/{witness}", os.R_OK):
                break
        else:
            raise Skip("needs root and a memory controller")
        self.path = pathlib.Path(mount, comm("memory"))
        if witness == "cgroup.subtree_control":
            with contextlib.suppress(OSError):
                pathlib.Path(mount, witness).write_text("+memory")
        self.path.mkdir()
        if not (self.path / self.limit_file).exists():
            self.path.rmdir()
            raise Skip("no memory controller for a new cgroup")
        (self.path / self.limit_file).write_text(str(limit))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.path.rmdir()

    def run(self, *flags):
        return run("sh", "-c", f'echo $$ >{self.path}/cgroup.procs && exec "$@"', "sh", BINARY,
                   *ONCE, *flags)

    def usage(self):
        return int((self.path / self.usage_file).read_text())

    def peak(self):
        file = self.path / self.peak_file
        if not file.exists():  # before Linux 5.19
            raise Skip(f"no {self.peak_file}")
        return int(file.read_text())


def needed(*flags):
    """MiB that the exporter says it needs."""
    with Group(4 * MIB) as group:
        done = group.run(*flags)
        check_failure(done, f"the memory limit is 4 MiB ({group.path}/{group.limit_file})",
                      "raise the limit")
    return int(re.search(r" and (\d+) MiB are needed", done[2])[1])


@test
def a_memory_limit_is_enough_or_named_in_one_line():
    for mib in (8, 16, 24, 32, 40, 48, 64):
        with Group(mib * MIB) as group:
            done = group.run()
            if done[0] == 0:
                Page(done[1]).check()
                true(mib > 16, f"{mib} MiB are enough")
            else:
                check_failure(done, f"the memory limit is {mib} MiB ({group.path}/", "raise the limit")


PAGES = 6 * MIB + MIB // 2  # that scrapes share and what compresses them: --once makes none


@test
def what_is_needed_is_enough_and_not_twice_of_what_is_taken():
    for flags in ((), ("--series.max=20000",), ("--copies=4",), ("--copies=8",),
                  ("--attach=tp_btf", "--collector.gap"), ("--by=container",),
                  ("--by=comm,container", "--comm.top=0", "--series.max=2000")):
        need = needed(*flags)
        with Group(need * MIB) as group:
            status, out, err = group.run(*flags)
            equal((status, err), (0, ""), f"exit status and errors with {need} MiB")
            Page(out).check()
            peak = group.peak()
            true(2 * (peak + PAGES) >= need * MIB, f"needs {need} MiB and takes {peak} bytes")


@test
def a_restart_is_enough_while_the_kernel_still_holds_the_one_before():
    flags = ("--collector.gap",)
    with Group(needed(*flags) * MIB) as group:
        for _ in range(10):
            # what an exporter leaves is its maps: two of them are not what is promised
            wait_for(lambda: group.usage() < 9 * MIB, "all but one before to be freed")
            status, out, err = group.run(*flags)
            equal((status, err), (0, ""), "exit status and errors")
            Page(out).check()


@test
def lower_series_are_the_remedy_where_they_are_enough():
    with Group(needed() * MIB) as group:
        done = group.run("--series.max=500000", "--series.memory=1GiB")
        check_failure(done, "raise the limit, or lower --series.max or --series.memory")


@test
def a_replay_needs_no_memory_for_tracing():
    from test_once import example
    with Group(8 * MIB) as group:
        status, out, err = group.run("--replay", example())
        equal((status, err), (0, ""), "exit status and errors")
        Page(out).check()
