# SPDX-License-Identifier: Apache-2.0
"""The ways to attach that are asked for, and the collector of gaps."""
import os

from harness import BINARY, Skip, comm, equal, run, test, true
from page import Page
from test_once import counted
from test_privileges import ONCE, check_failure, in_own_mounts

TRACEFS = ("/sys/kernel/tracing", "/sys/kernel/debug/tracing")


def attached(page):
    """Labels of ior_attach_info."""
    (labels, value), = page.of("ior_attach_info")
    equal(value, 1, "ior_attach_info")
    return labels


def check_counts(*flags):
    """Known calls are counted exactly; returns the page."""
    name = comm("attach")
    page = Page(counted(name, ["getppid=4321", "badclose=21", "read10=30"], "--once", *flags))
    page.check()
    equal({call: page.calls(name, call) for call in page.syscalls_of(name) - {"prctl"}},
          {"getppid": 4321, "close": 21, "read": 30}, "calls")
    equal(page.series("ior_syscall_errors_total", name, "close"), 21, "errors")
    equal(page.series("ior_syscall_read_bytes_total", name, "read"), 300, "bytes")
    return page


@test
def classic_tracepoints_count_and_do_not_claim_to_be_exact():
    if not any(os.access(f"{path}/events", os.R_OK) for path in TRACEFS):
        raise Skip("no tracefs is mounted")
    labels = attached(check_counts("--attach=tracepoint"))
    equal((labels["mode"], labels["copies"], labels["exact"]), ("tracepoint", "1", "false"),
          "ior_attach_info")


@test
def without_tracefs_classic_tracepoints_say_how_to_mount_it():
    hide = "\n".join(f"[ ! -d {path} ] || mount -t tmpfs none {path}"
                     for path in ("/sys/kernel/tracing", "/sys/kernel/debug"))
    done = in_own_mounts(hide, BINARY, *ONCE, "--attach=tracepoint")
    check_failure(done, "attach the BPF programs: No such file or directory",
                  "(mode tracepoint needs tracefs: mount -t tracefs tracefs /sys/kernel/tracing)")
    status, out, err = in_own_mounts(hide, BINARY, *ONCE, "--attach=tp_btf")
    equal((status, err), (0, ""), "exit status and errors of the mode that needs none")
    Page(out).check()


@test
def copies_are_as_many_as_asked_for_and_count_each_call_once():
    labels = attached(check_counts("--copies=4"))
    equal((labels["mode"], labels["copies"], labels["exact"]), ("tp_btf", "4", "true"),
          "ior_attach_info")


@test
def histograms_of_gaps_are_shown_when_asked_for():
    name = comm("gap")
    work = ["nap=1", "naps=5", "getppid=1000"]
    page = Page(counted(name, work, "--once", "--collector.gap", "--trace-syscalls=getppid"))
    page.check()
    equal([labels for labels, _ in page.of("ior_gap_seconds_count") if labels["comm"] == name],
          [{"comm": name, "family": "Process"}], "series of gaps")
    # before each call but the first, which has no traced call before it
    equal(page.value("ior_gap_seconds_count", comm=name, family="Process"), 999, "gaps")
    true(abs(page.value("ior_gap_seconds_sum", comm=name, family="Process") -
             page.series("ior_syscall_gap_seconds_total", name, "getppid")) < 1e-9, "their sum")
    page = Page(run(BINARY, *ONCE)[1])
    equal(page.of("ior_gap_seconds_count"), [], "gaps that nobody asked for")
