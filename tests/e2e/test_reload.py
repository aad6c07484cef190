# SPDX-License-Identifier: Apache-2.0
"""--config.file, and SIGHUP that reads it again, against the real program."""
import os
import re
import signal
import subprocess

from harness import (BINARY, Exporter, Process, Skip, comm, equal, exporter_once, folder, need,
                     test, test_without_bpf, true, wait_for, work)
from page import DURATION, Page
from test_fold import check_increase
from test_memory import MIB, Group, needed
from test_once import READ, constant, example, wait_blocked
from test_serve import child_of

SUCCESSFUL = "ior_config_last_reload_successful"
SUCCESS_TIME = "ior_config_last_reload_success_timestamp_seconds"
RELOADED = "reloaded the configuration"
REFUSED = "reload the configuration"


class File:
    """A configuration file of one test."""

    def __init__(self, *lines):
        self.path = folder() / "ior.conf"
        self.flag = f"--config.file={self.path}"
        self.write(*lines)

    def write(self, *lines):
        self.path.write_text("".join(line + "\n" for line in lines))


def messages(exporter):
    """(msg, the rest) of each line of the log."""
    return [match.groups() for line in exporter.lines
            for match in re.finditer(r'msg=("[^"]*"|\S+) ?(.*)', line)]


def reload(exporter, what):
    """Sends SIGHUP; returns what was logged up to the line that says what came of it."""
    before = len(messages(exporter))
    exporter.popen.send_signal(signal.SIGHUP)
    wait_for(lambda: (f'"{what}"' in [msg for msg, _ in messages(exporter)[before:]]), what)
    return messages(exporter)[before:]


def calls_of(page, syscall="kcmp"):
    """Calls by comm."""
    return {labels["comm"]: value for labels, value in page.of(DURATION + "_count")
            if labels["syscall"] == syscall}


# ---- the file at the start

@test_without_bpf
def a_file_sets_flags_and_is_beaten_by_the_others():
    file = File("# the example without the files", "no-trace-families FS",
                "web.telemetry-path = /file")
    path = str(example())
    for flags, env, telemetry, calls in (
            ((file.flag,), {}, "/file", None),
            ((), {"IOR_CONFIG_FILE": str(file.path)}, "/file", None),
            ((file.flag,), {"IOR_WEB_TELEMETRY_PATH": "/env"}, "/env", None),
            ((file.flag, "--web.telemetry-path=/flag", "--no-trace-families="),
             {"IOR_WEB_TELEMETRY_PATH": "/env"}, "/flag", 20)):
        exporter = Exporter("--replay", path, *flags, env=env)
        status, _, body = exporter.request("GET", telemetry)
        equal(status, 200, telemetry)
        equal(Page(body.decode()).calls("bash", "read"), calls, "calls")
        equal(exporter.end(), 0, "exit status")


@test_without_bpf
def a_mistake_in_the_file_is_one_line_and_exit_status_2():
    file = File("", "comm.top=16", "comm.tops=16")
    text = (f"ior_exporter: {file.path}:3: unknown flag 'comm.tops=16', did you mean comm.top? "
            "(see --help)\n")
    for mode in ("--once", "--list", "--check", "--probe", "--dump"):
        equal(exporter_once(file.flag, mode), (2, "", text), mode)
    gone = f"ior_exporter: --config.file: read {file.path}: No such file or directory\n"
    file.path.unlink()
    equal(exporter_once(file.flag, "--list"), (1, "", gone), "without the file")
    equal(exporter_once(file.flag, "--version")[0], 0, "exit status of --version")


# ---- SIGHUP

@test_without_bpf
def a_bad_file_keeps_all_and_a_good_one_is_applied():
    file = File("comm.top=0")
    exporter = Exporter("--replay", example(), file.flag, top=None)
    first = exporter.page()
    started = Page(first).value(SUCCESS_TIME)
    equal(Page(first).value(SUCCESSFUL), 1, SUCCESSFUL)
    for lines, err in (
            (("comm.top=1", "comm.tops=1"),
             f"{file.path}:2: unknown flag 'comm.tops=1', did you mean comm.top? (see --help)"),
            (("comm.top=1", "filter.uid=0"),
             f"{file.path}:2: --filter.*: decides what the kernel counts, a dump (--replay) is "
             "counted already")):
        file.write(*lines)
        equal(reload(exporter, REFUSED), [(f'"{REFUSED}"', f'err="{err}"')], "log")
        page = exporter.page()
        equal(constant(page), constant(first).replace(f"\n{SUCCESSFUL} 1", f"\n{SUCCESSFUL} 0"),
              "page")
        equal(Page(page).value(SUCCESS_TIME), started, SUCCESS_TIME)
    file.write("comm.top=1")
    equal(reload(exporter, RELOADED), [(f'"{RELOADED}"', f"file={file.path}")], "log")
    page = exporter.page()
    evicted = 'ior_series_evicted_total{reason="displaced"} '
    equal(constant(page), constant(first).replace(evicted + "0", evicted + "1"), "page")
    true(Page(page).value(SUCCESS_TIME) > started, SUCCESS_TIME)
    equal(exporter.end(), 0, "exit status")


@test_without_bpf
def what_needs_a_restart_is_named_and_the_rest_is_applied():
    file = File("interval=10s")
    exporter = Exporter("--replay", example(), file.flag, top=None)
    exporter.page()  # two comms have places
    file.write("interval=5s", "collector.gap", "comm.top=1")
    warning = '"a changed flag needs a restart"'
    equal(reload(exporter, RELOADED),
          [(warning, "flag=collector.gap"), (warning, "flag=interval"),
           (f'"{RELOADED}"', f"file={file.path}")], "log")
    page = Page(exporter.page())
    equal(page.value("ior_series_evicted_total", reason="displaced"), 1, "series displaced")
    equal(page.value(SUCCESSFUL), 1, SUCCESSFUL)


@test_without_bpf
def without_a_file_sighup_only_says_so():
    exporter = Exporter("--replay", example(), start_new_session=True)  # without a terminal
    first = exporter.page()
    nothing = "nothing to read again without --config.file"
    equal(reload(exporter, nothing), [(f'"{nothing}"', "signal=SIGHUP")], "log")
    page = exporter.page()
    equal(constant(page), constant(first), "page")
    equal(Page(page).value(SUCCESS_TIME), Page(first).value(SUCCESS_TIME), SUCCESS_TIME)
    equal(exporter.end(), 0, "exit status")


@test_without_bpf
def sighup_during_the_start_waits_for_its_end():
    file = File()
    starting = Process(BINARY, "--replay=-", "--web.listen-address=127.0.0.1:0", file.flag,
                       stdin=subprocess.PIPE)
    wait_blocked(starting, READ)
    starting.popen.send_signal(signal.SIGHUP)
    starting.popen.stdin.write(example().read_bytes())
    starting.popen.stdin.close()
    starting.wait_line(RELOADED)
    equal(starting.end(), 0, "exit status")


@test_without_bpf
def sighup_while_the_file_is_read_for_the_first_time_is_not_the_end():
    need("strace")
    file = File()
    starting = Process("strace", "-qq", "-e", "signal=none", "-P", file.path, "-e",
                       "inject=openat:signal=SIGHUP:when=1", "-o", "/dev/null", BINARY, "--replay",
                       example(), "--web.listen-address=127.0.0.1:0", file.flag)
    try:
        starting.wait_line(RELOADED)
    finally:
        os.kill(child_of(starting.popen.pid), signal.SIGTERM)  # strace would leave it
    equal(starting.wait(), 0, "exit status")


@test
def new_rules_and_places_lose_no_call():
    a, b, merged = comm("re-a"), comm("re-b"), comm("re")
    rule = f"comm.rewrite=^({merged})-.$=>$1"
    file = File("trace-syscalls=kcmp", "comm.top=0")
    exporter = Exporter(file.flag, top=None)
    pages = [Page(exporter.page())]
    for lines, expected in (
            (None, {a: 1000, b: 10}),
            # what they do from now on
            (("comm.top=0", rule), {a: 1000, b: 10, merged: 1010}),
            # they are shown before they grow
            (("comm.top=0",), {a: 1000, b: 10, merged: 1010, "__other__": 1010}),
            (("comm.top=1", rule), {a: 1000, b: 10, merged: 1010, "__other__": 2020})):
        if lines:
            file.write("trace-syscalls=kcmp", *lines)
            equal(reload(exporter, RELOADED), [(f'"{RELOADED}"', f"file={file.path}")], "log")
        work(comm("crew"), f"as={a}", "kcmp=1000", f"as={b}", "kcmp=10")
        page = Page(exporter.page())
        page.check()
        equal(calls_of(page), expected, f"calls after {lines}")
        check_increase(pages[-1], page, 1010, f"after {lines}")
        pages.append(page)
    check_increase(pages[0], pages[-1], 4040, "in all")


@test
def a_smaller_top_takes_the_lowest_places():
    a, b, c = comm("a"), comm("b"), comm("c")
    file = File("trace-syscalls=kcmp", "comm.top=3")
    exporter = Exporter(file.flag, top=None)
    commands = (f"as={a}", "kcmp=1000", f"as={b}", "kcmp=10", f"as={c}", "kcmp=100")
    work(comm("crew"), *commands)
    equal(calls_of(Page(exporter.page())), {a: 1000, b: 10, c: 100}, "calls before")
    file.write("trace-syscalls=kcmp", "comm.top=1")
    reload(exporter, RELOADED)
    work(comm("crew"), *commands)
    page = Page(exporter.page())
    page.check()
    equal(calls_of(page), {a: 2000, b: 10, c: 100, "__other__": 110}, "calls after")
    equal(page.value("ior_series_evicted_total", reason="displaced"), 2, "series displaced")


@test
def what_a_memory_limit_does_not_fit_is_refused():
    rows = "series.max=100000"  # all of them shown take more than all of them counted
    file = File(rows, "comm.top=1")
    with Group(needed(f"--{rows}", "--comm.top=1") * MIB) as group:
        exporter = Exporter(file.flag, top=None, prefix=(
            "sh", "-c", f'echo $$ >{group.path}/cgroup.procs && exec "$@"', "sh"))
        file.write(rows, "comm.top=0")
        said = reload(exporter, REFUSED)
        equal(len(said), 1, "lines")
        true("the memory limit is " in said[0][1], said)
        file.write(rows, "comm.top=2")
        equal(reload(exporter, RELOADED), [(f'"{RELOADED}"', f"file={file.path}")], "log")
        equal(exporter.end(), 0, "exit status")


@test
def a_new_filter_decides_from_the_reload_on():
    a, b = comm("fi-a"), comm("fi-b")
    file = File(f"filter.comm={a}")
    exporter = Exporter("--trace-syscalls=kcmp", file.flag)
    commands = (f"as={a}", "kcmp=100", f"as={b}", "kcmp=10")
    expected = {}
    for lines, counted in ((None, {a: 100}), ((f"filter.comm={b}",), {b: 10}),
                           ((), {a: 100, b: 10}), (("filter.comm=nobody",), {})):
        if lines is not None:
            file.write(*lines)
            log = reload(exporter, RELOADED)
            if ('"a changed flag needs a restart"', "flag=filter.comm") in log:
                raise Skip("the kernel's side takes no other filter")
        work(comm("crew"), *commands)
        for name, n in counted.items():
            expected[name] = expected.get(name, 0) + n
        equal(calls_of(Page(exporter.page())), expected, f"calls after {lines}")
