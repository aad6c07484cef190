# SPDX-License-Identifier: Apache-2.0
"""Starts that can't work: each ends with exit status 1 and one line that says why and what helps."""
import concurrent.futures
import os
import re

from harness import (BINARY, DEADLINE, Skip, as_nobody, binary_for_all, comm, equal, folder,
                     loaded_programs, need, run, test, true, wait_nothing_left)
from page import Page
from test_once import counted

# without the collectors that ask the kernel for more, and that do without when it refuses
ONCE = ("--once", "--duration=0s", "--no-collector.bpf", "--no-collector.in-flight")


def check_failure(done, *words):
    status, out, err = done
    equal((status, out), (1, ""), "exit status and output")
    lines = [line for line in err.splitlines() if not line.startswith("ts=")]
    equal(len(lines), 1, f"lines of errors in {err!r}")
    true(lines[0].startswith("ior_exporter: "), err)
    for word in words:
        true(word in lines[0], f"{word!r} in {err!r}")


def injected(error, when, *flags, prefix=()):
    """Runs the exporter with its bpf() calls failing. Where that is libbpf's question for global
    functions, the kernel verifies them at each call, up to its limit: 14 s on an idle machine."""
    need("strace")
    return run(*prefix, "strace", "-f", "-o", "/dev/null", "-e", "trace=bpf", "-e",
               f"inject=bpf:error={error}:when={when}", BINARY, *ONCE, *flags,
               deadline=5 * DEADLINE)


# ---- capabilities

@test
def without_capabilities_both_are_named():
    done = run(*as_nobody(), binary_for_all(), *ONCE)
    check_failure(done, "Operation not permitted", "missing: CAP_BPF and CAP_PERFMON", "root")


@test
def without_one_capability_that_one_is_named():
    for given, missing in (("bpf", "CAP_PERFMON"), ("perfmon", "CAP_BPF")):
        done = run(*as_nobody(given), binary_for_all(), *ONCE)
        check_failure(done, f"missing: {missing};")


@test
def both_capabilities_are_enough():
    status, out, err = run(*as_nobody("bpf", "perfmon"), binary_for_all(), *ONCE)
    equal((status, err), (0, ""), "exit status and errors")
    Page(out).check()


@test
def check_names_missing_capabilities():
    status, out, _ = run(*as_nobody(), binary_for_all(), "--check")
    equal(status, 1, "exit status")
    true(re.search(r"^missing +CAP_BPF and CAP_PERFMON: ", out, re.M), out)


# ---- the kernel

def own_mounts(script):
    """What starts a command behind a script that changes what is mounted, for itself alone."""
    need("unshare")
    if os.getuid():
        raise Skip("needs root, to mount")
    return "unshare", "--mount", "sh", "-ec", script + '\nexec "$@"', "sh"


def in_own_mounts(script, *command):
    return run(*own_mounts(script), *command)


NO_BTF = "mount -t tmpfs none /sys/kernel/btf"


@test
def without_btf_it_counts_exactly_in_mode_raw_tp():
    name = comm("nobtf")
    page = Page(counted(name, ["getppid=777"], "--once", prefix=own_mounts(NO_BTF)))
    page.check()
    equal(page.calls(name, "getppid"), 777, "calls")
    (labels, _), = page.of("ior_attach_info")
    equal((labels["mode"], labels["copies"]), ("raw_tp", "1"), "how it is attached")


@test
def without_btf_check_says_what_is_missed_and_is_content():
    status, out, _ = in_own_mounts(NO_BTF, BINARY, "--check")
    equal(status, 0, "exit status")
    true(re.search(r"^note +BTF in /sys/kernel/btf/vmlinux: without it is mode raw_tp, ", out, re.M),
         out)


@test
def a_mode_that_needs_btf_names_its_file():
    for mode in ("tp_btf", "tracepoint"):
        done = in_own_mounts(NO_BTF, BINARY, *ONCE, f"--attach={mode}")
        check_failure(done, "not here: BTF in /sys/kernel/btf/vmlinux", "raw_tp")


@test
def without_btf_and_without_capabilities_these_are_named():
    done = in_own_mounts(NO_BTF, *as_nobody(), binary_for_all(), *ONCE)
    check_failure(done, "Operation not permitted", "missing: CAP_BPF and CAP_PERFMON")


@test
def lockdown_is_named():
    need("strace")
    if not os.path.isdir("/sys/kernel/security"):
        raise Skip("needs /sys/kernel/security, to mount on")
    done = in_own_mounts("mount -t tmpfs none /sys/kernel/security\n"
                         "echo 'none integrity [confidentiality]' >/sys/kernel/security/lockdown",
                         "strace", "-f", "-o", "/dev/null", "-e", "trace=bpf", "-e",
                         "inject=bpf:error=EPERM:when=1+", BINARY, *ONCE)
    check_failure(done, "lockdown=confidentiality")


# ---- memory

@test
def rows_larger_than_their_own_limit_are_a_failure():
    done = run(BINARY, *ONCE, "--series.max=1000000", "--series.memory=64MiB")
    check_failure(done, "--series.max", "--series.memory")


# ---- each bpf() call

def bpf_calls():
    """How many a start makes."""
    need("strace")
    log = folder() / "strace"
    status, _, _ = run("strace", "-f", "-o", log, "-e", "trace=bpf", BINARY, *ONCE,
                       "--sandbox=none")  # which asks what bpf() wants
    equal(status, 0, "exit status")
    return log.read_text().count("bpf(")


def try_each(function, items):
    """Two at a time, for they wait for the kernel more than they work."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(function, *item) for item in items]:
            future.result()


@test
def from_any_bpf_call_on_failing_it_gives_up_in_one_line():
    before = loaded_programs()
    remedies = {"EPERM": "Operation not permitted", "ENOMEM": "raise the memory limit",
                "EINVAL": ""}
    last = bpf_calls()
    true(last > 10, f"{last} calls")

    def give_up(error, n):
        check_failure(injected(error, f"{n}+"), remedies[error] if n == 1 else "")

    try_each(give_up, [(error, n) for error in remedies for n in range(1, last + 1)])
    wait_nothing_left(before)


@test
def any_single_bpf_call_failing_is_survived_or_reported():
    """libbpf only asks what the kernel can do in some of them; either it is a whole start or none."""
    before = loaded_programs()

    def survive_or_report(error, n):
        done = injected(error, str(n))
        if done[0]:
            check_failure(done)
        else:
            Page(done[1]).check()

    try_each(survive_or_report, [("EPERM", n) for n in range(1, bpf_calls() + 1)])
    wait_nothing_left(before)


@test
def a_start_behind_failed_ones_counts_exactly():
    injected("EPERM", "20+")
    name = comm("after")
    equal(Page(counted(name, ["getppid=777"], "--once")).calls(name, "getppid"), 777, "calls")
