# SPDX-License-Identifier: Apache-2.0
"""One scrape to standard output, dumps, and what is printed without tracing."""
import contextlib
import os
import re
import signal
import subprocess

from harness import (BINARY, Exporter, Process, as_nobody, binary_for_all, comm, equal,
                     exporter_once, folder, run, test, test_without_bpf, true, wait_for, work)
from page import DURATION, Page

# Values that differ from one run to the next whatever is counted.
VOLATILE = (r"^ior_(last_read_timestamp_seconds|scrape_duration_seconds|"
            r"config_last_reload_success_timestamp_seconds) .*\n|"
            r"^process_(cpu_seconds_total|open_fds|resident_memory_bytes|start_time_seconds|"
            r"virtual_memory_bytes) .*\n")
RT_SIGTIMEDWAIT = {"x86_64": "128", "aarch64": "137"}[os.uname().machine]

EXAMPLE = """ior_exporter dump 1
kernel\t6.1.0
mode\ttp_btf
copies\t1
exact\ttrue
row\tbash\tread\t2000000000\t4096\t1\t500\t4:17,20:3
row\tbash\texit_group\t0\t0\t0\t0\t0:2
row\ta;b\tread\t1500\t10\t0\t0\t5:1
errno\tread\tEAGAIN\t1
lost\tdied\t7
rows\t3\t8192
end
"""


class Counting(Process):
    """An exporter that counts until it is interrupted, then prints."""

    def __init__(self, *flags, prefix=()):
        super().__init__(*prefix, BINARY, "--duration=1h", *flags, stdout=subprocess.PIPE)
        path = f"/proc/{self.popen.pid}/syscall"
        # attached, it waits for the end of the duration
        wait_for(lambda: self.popen.poll() is not None or
                 open(path).read().split()[0] == RT_SIGTIMEDWAIT, "the exporter to count")

    def result(self):
        self.popen.send_signal(signal.SIGINT)
        out = self.popen.stdout.read().decode()
        equal(self.wait(), 0, "exit status")
        return out


def counted(name, commands, *flags, prefix=()):
    """What is printed after the workload, by an exporter that the prefix starts."""
    counting = Counting(*flags, prefix=prefix)
    work(name, *commands)
    return counting.result()


def dump_of(*commands):
    """The path of a dump of some calls."""
    path = folder() / "dump"
    path.write_text(counted(comm("dump"), commands, "--dump"))
    return path


def example():
    path = folder() / "example"
    path.write_text(EXAMPLE)
    return path


def replayed(path, *flags, **kwargs):
    status, out, err = exporter_once("--replay", path, *flags, **kwargs)
    equal((status, err), (0, ""), "exit status and errors of a replay")
    return out


def constant(text):
    return re.sub(VOLATILE, "", text, flags=re.M)


# ---- signals where nothing is traced

def ended_by(process):
    """Is it ended by SIGTERM, where it waits for somebody else?"""
    process.popen.send_signal(signal.SIGTERM)
    equal(process.wait(), -signal.SIGTERM, "exit status")


def wait_blocked(process, what):
    """Until it is in a system call, which is the one that waits."""
    path = f"/proc/{process.popen.pid}/syscall"
    wait_for(lambda: process.popen.poll() is not None or
             open(path).read().split()[0] == what, f"system call {what}")


READ, WRITE, POLL = {"x86_64": ("0", "1", "7"), "aarch64": ("63", "64", "73")}[os.uname().machine]


@test_without_bpf
def a_replay_that_waits_for_its_input_can_be_ended():
    for flags in (["--once"], ["--web.listen-address=127.0.0.1:0"]):
        waiting = Process(BINARY, "--replay=-", *flags, stdin=subprocess.PIPE)
        wait_blocked(waiting, READ)
        ended_by(waiting)


@test_without_bpf
def output_that_nobody_reads_can_be_ended():
    rows = "".join(f"row\tcomm{i}\tread\t1\t1\t0\t0\t1:1\n" for i in range(3000))
    path = folder() / "large"
    path.write_text(f"ior_exporter dump 1\n{rows}rows\t3000\t8192\nend\n")
    for flags in (["--once"], ["--dump"]):
        waiting = Process(BINARY, "--replay", path, *flags, stdout=subprocess.PIPE)
        wait_blocked(waiting, WRITE)
        ended_by(waiting)


@test_without_bpf
def output_that_does_not_block_is_complete():
    path = example()
    expected = constant(exporter_once("--replay", path, "--once")[1])
    out, into = os.pipe()
    os.set_blocking(into, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(into, b"x" * 4096)
    writing = Process(BINARY, "--replay", path, "--once", stdout=into)
    os.close(into)
    wait_blocked(writing, POLL)
    with open(out, "rb") as pipe:
        text = pipe.read().lstrip(b"x").decode()
    equal((writing.wait(), constant(text)), (0, expected), "exit status and page")


@test_without_bpf
def an_endless_line_is_refused_before_it_is_read():
    status, out, err = run("sh", "-c", 'ulimit -v 1000000; exec "$@"', "sh", BINARY, "--once",
                           "--replay=/dev/zero")
    equal((status, out, err.count("\n")), (1, "", 1), "status, output, lines")
    true("line 1 is not what --dump writes" in err, err)


# ---- --once

@test
def once_prints_one_exact_page():
    name = comm("once")
    page = Page(counted(name, ["getppid=4321", "badclose=21"], "--once"))
    page.check()
    equal(page.calls(name, "getppid"), 4321, "calls")
    equal(page.series("ior_syscall_errors_total", name, "close"), 21, "errors")


@test
def selected_families_are_all_that_is_shown():
    name = comm("fams")
    page = Page(counted(name, ["getppid=5", "nap=1", "naps=3"], "--once", "-trace-families",
                        "Time,Polling"))
    page.check()
    families = {dict(labels)["family"] for _, labels in page.samples if "family" in dict(labels)}
    equal(families, {"Time", "Polling"}, "families")
    equal(page.calls(name, "clock_nanosleep"), 3, "naps")
    equal(page.syscalls_of(name), {"clock_nanosleep"}, "calls")
    listed = listing()
    equal({labels["syscall"] for labels, _ in page.of("ior_syscall_info")},
          {row["syscall"] for row in listed
           if row["family"] in ("Time", "Polling") and row["nr"] != "-1"}, "info")


@test
def folded_lines_are_well_formed():
    name = comm("fold")
    out = counted(name, ["getppid=100", "nap=2", "naps=10"], "--once=folded")
    names = {(row["family"], row["syscall"]) for row in listing()} | {("Misc", "unknown"),
                                                                      ("Misc", "compat")}
    found = {}
    for line in out.splitlines():
        match = re.fullmatch(r"([^;]+);(\w+);(\w+) ([1-9]\d*)", line)
        true(match, f"form of {line!r}")
        true(match.group(2, 3) in names, f"names of {line!r}")
        true(match.group(1, 3) not in found, f"twice: {line!r}")
        found[match.group(1, 3)] = int(match.group(4))
    true(found[name, "clock_nanosleep"] >= 20_000_000, "time of ten naps of 2 ms")
    true((name, "getppid") in found, "getppid is there")


@test
def folded_and_text_of_one_dump_agree():
    dump = dump_of("getppid=1000", "nap=1", "naps=5", "badclose=3")
    page = Page(replayed(dump, "--once"))
    folded = {}
    for line in replayed(dump, "--once=folded").splitlines():
        stack, _, ns = line.rpartition(" ")
        folded[tuple(stack.split(";"))] = int(ns)
    sums = {(labels["comm"].replace(";", "\\x3b"), labels["family"], labels["syscall"]): value
            for labels, value in page.of(DURATION + "_sum") if value}
    equal(set(folded), set(sums), "stacks")
    for stack, ns in folded.items():
        true(abs(ns / 1e9 - sums[stack]) <= 1e-15 * ns, f"{stack}: {ns} ns, {sums[stack]} s")


# ---- dumps

@test
def a_dump_replayed_gives_the_same_numbers_each_time():
    name = comm("dump")
    dump = dump_of("getppid=1234", "read10=10")
    first, second = replayed(dump, "--once"), replayed(dump, "--once")
    equal(constant(first), constant(second), "two replays")
    with open(dump, "rb") as file:
        equal(constant(replayed("-", "--once", stdin=file.read())), constant(first), "by a pipe")
    page = Page(first)
    page.check()
    equal(page.calls(name, "getppid"), 1234, "calls")
    equal(page.series("ior_syscall_read_bytes_total", name, "read"), 100, "bytes")


@test_without_bpf
def a_dump_of_a_replay_is_the_dump():
    path = example()
    again = replayed(path, "--dump")
    equal([line for line in again.splitlines() if line.split("\t")[0] in ("row", "errno")],
          [line for line in EXAMPLE.splitlines() if line.split("\t")[0] in ("row", "errno")],
          "rows")
    equal(re.findall(r"^lost\tdied\t(\d+)$", again, re.M), ["7"], "lost")
    other = path.with_name("again")
    other.write_text(again)
    equal(replayed(other, "--dump"), again, "dump of a dump")
    equal(constant(replayed(other, "--once")), constant(replayed(path, "--once")), "pages")


@test_without_bpf
def a_replay_shows_the_labels_that_its_dump_has():
    path = folder() / "container"
    path.write_text(EXAMPLE.replace("row\tbash", "row\tcron.service\tnone")
                    .replace("row\ta;b", "row\ta;b\tp").replace("row", "by\tcontainer\nrow", 1))
    for flags in ((), ("--by=container",)):
        page = Page(replayed(path, "--once", *flags))
        equal(page.value(DURATION + "_count", container_id="cron.service", family="FS",
                         pod_uid="none", syscall="read"), 20, "calls")
        equal(replayed(path, "--once=folded", *flags),
              "a\\x3bb;FS;read 1500\ncron.service;FS;read 2000000000\n", "folded")
    for flag in ("--by=comm", "--by=none", "--by=comm,container"):
        status, out, err = exporter_once("--replay", path, "--once", flag)
        equal((status, out, err), (1, "", f"ior_exporter: {flag}: the rows are by container "
                                   "(leave --by out to see the dump as it is)\n"), flag)
    equal(exporter_once("--by=pod", "--once")[0], 2, "exit status of unknown labels")


@test_without_bpf
def a_replay_serves_without_privileges():
    exporter = Exporter("--replay", example(), prefix=as_nobody(), binary=binary_for_all())
    page = Page(exporter.page())
    page.check()
    equal(page.calls("bash", "read"), 20, "calls")
    equal(page.value("ior_observations_lost_total", reason="died"), 7, "lost")


@test_without_bpf
def a_broken_dump_is_refused_with_its_line():
    for broken, line in ((EXAMPLE.replace("4:17,", "99:17,"), 6),
                         (EXAMPLE.replace("end\n", ""), None),
                         (EXAMPLE.replace("dump 1", "dump 2"), 1), ("", None), ("\0\n", 1)):
        path = folder() / "broken"
        path.write_text(broken)
        status, out, err = exporter_once("--replay", path, "--once")
        equal((status, out, err.count("\n")), (1, "", 1), "status, output, lines of errors")
        true(line is None or f"line {line} " in err, f"line {line} in {err!r}")


# ---- without tracing

def listing():
    status, out, err = exporter_once("--list")
    equal((status, err), (0, ""), "exit status and errors of --list")
    head, *rows = [line.split("\t") for line in out.splitlines()]
    return [dict(zip(head, row)) for row in rows]


@test_without_bpf
def the_list_has_every_call_once():
    rows = listing()
    equal(len(rows), 371, "calls")
    equal(len({row["syscall"] for row in rows}), 371, "different names")
    for row in rows:
        equal(len(row), 9, "columns")
        true(row["bytes"] in ("none", "read", "write", "transfer"), f"{row}")


@test_without_bpf
def version_and_help_go_to_standard_output():
    for flag, begin in (("--version", "ior_exporter, version "), ("--help", "Usage: "),
                        ("-help", "Usage: ")):
        status, out, err = exporter_once(flag)
        equal((status, err), (0, ""), f"exit status and errors of {flag}")
        true(out.startswith(begin), f"{flag} begins with {out[:40]!r}")
    for word in ("Families:", "Polling", "Kinds:", "--web.listen-address"):
        true(word in out, f"{word} in --help")


@test
def check_finds_all_that_is_needed():
    status, out, err = exporter_once("--check")
    equal((status, err), (0, ""), "exit status and errors")
    true(all(line.startswith("ok ") for line in out.splitlines()), out)


STDOUT_FULL = "ior_exporter: write to standard output: No space left on device\n"
COUNTERS_FULL = "ior_exporter: print the counters: No space left on device\n"


@test_without_bpf
def output_that_cannot_be_written_is_a_failure():
    path = example()
    for flags in (("--help",), ("--version",), ("--list",)):
        check_full(STDOUT_FULL, BINARY, *flags)
    for flags in (("--once",), ("--dump",)):
        check_full(COUNTERS_FULL, BINARY, "--replay", path, *flags)


@test
def a_check_that_cannot_be_written_is_a_failure():
    check_full(STDOUT_FULL, BINARY, "--check")


@test_without_bpf
def a_check_that_finds_something_missing_and_cannot_say_so_says_that():
    check_full(STDOUT_FULL, *as_nobody(), binary_for_all(), "--check")


def check_full(expected, *command):
    with open("/dev/full", "wb") as full:
        status, _, err = run(*command, stdout=full)
    equal((status, err), (1, expected), f"exit status and errors of {command}")
