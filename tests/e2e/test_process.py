# SPDX-License-Identifier: Apache-2.0
"""process_*: what others see of the exporter's process, from inside, with its rights given up."""
import contextlib
import decimal
import http.client
import os
import pathlib
import re
import resource
import urllib.parse

from prometheus_client import ProcessCollector

from harness import (DEADLINE, Exporter, Skip, comm, equal, need, test, test_without_bpf, true,
                     wait_for, work)
from page import Page
from test_once import constant, example, replayed
from test_privileges import own_mounts
from test_sandbox import LEVELS, messages

FAMILIES = {"process_cpu_seconds_total", "process_max_fds", "process_open_fds",
            "process_resident_memory_bytes", "process_start_time_seconds",
            "process_virtual_memory_bytes", "process_virtual_memory_max_bytes"}
BPF = "ior_bpf_"
ERRORS = 'ior_scrape_errors_total{collector="process"} '


def root_only():
    if os.getuid():
        raise Skip("needs root, to look into a process that gave its rights up")


class Connection:
    """A client that stays connected from the return of its first page on."""

    def __init__(self, exporter, held):
        self.connection = http.client.HTTPConnection("127.0.0.1", exporter.port, timeout=DEADLINE)
        held.callback(self.connection.close)

    def text(self, path="/metrics"):
        self.connection.request("GET", path)
        response = self.connection.getresponse()
        equal(response.status, 200, f"status of {path}")
        return response.read().decode()

    def page(self):
        return Page(self.text())


def descriptors(exporter):
    return len(os.listdir(f"/proc/{exporter.pid}/fd"))


def families_of(text):
    return re.findall(r"^# TYPE (\S+) ", text, re.M)


# ---- the numbers are those that the kernel tells others

def check_descriptors(exporter):
    """All there are, of which the connection that asks is one."""
    before = descriptors(exporter)
    with contextlib.ExitStack() as held:
        for n in range(1, 6):
            page = Connection(exporter, held).page()
            equal(page.value("process_open_fds"), before + n, f"descriptors, {n} connections")
            equal(descriptors(exporter), before + n, f"the same, seen from outside, {n}")
            equal(page.value("ior_scrape_errors_total", collector="process"), 0, "errors")


@test
def open_descriptors_are_all_there_are_wherever_the_sandbox_stops():
    root_only()
    for level in LEVELS:
        exporter = Exporter(f"--sandbox={level}", "--by=comm,container")
        check_descriptors(exporter)
        equal(exporter.end(), 0, "exit status")


@test_without_bpf
def open_descriptors_of_a_replay_are_all_there_are():
    root_only()
    for level in LEVELS:
        exporter = Exporter("--replay", example(), f"--sandbox={level}")
        check_descriptors(exporter)
        equal(exporter.end(), 0, "exit status")


@test_without_bpf
def a_page_of_this_family_alone_has_it_too():
    root_only()
    exporter = Exporter("--replay", example())
    with contextlib.ExitStack() as held:
        text = Connection(exporter, held).text("/metrics?collect[]=process&name[]=process_open_fds")
        equal(text, "# HELP process_open_fds Number of open file descriptors.\n"
                    "# TYPE process_open_fds gauge\n"
                    f"process_open_fds {descriptors(exporter)}\n", "page")


def stat_of(pid):
    """Fields of /proc/PID/stat by their numbers."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2].split()
    return {number: int(text) for number, text in enumerate(fields[1:], 4)}


def cpu_of(pid):
    stat = stat_of(pid)
    return decimal.Decimal(stat[14] + stat[15]) / os.sysconf("SC_CLK_TCK")


@test_without_bpf
def start_is_the_kernels_and_stays():
    exporter = Exporter("--replay", example())
    boot = int(re.search(r"^btime (\d+)$", pathlib.Path("/proc/stat").read_text(), re.M)[1])
    ticks = decimal.Decimal(stat_of(exporter.pid)[22])
    for _ in range(3):
        found = re.search(r"^process_start_time_seconds (\S+)$", exporter.page(), re.M)[1]
        equal(decimal.Decimal(found), boot + ticks / os.sysconf("SC_CLK_TCK"), "start")


@test_without_bpf
def cpu_time_is_the_kernels():
    exporter = Exporter("--replay", example())
    while cpu_of(exporter.pid) < decimal.Decimal("0.1"):
        before = cpu_of(exporter.pid)
        found = re.search(r"^process_cpu_seconds_total (\S+)$", exporter.page(), re.M)[1]
        true(before <= decimal.Decimal(found) <= cpu_of(exporter.pid), f"{before} s, then {found}")


def limits(exporter):
    """What a page says of descriptors and memory."""
    text = exporter.page()
    return tuple(re.search(rf"^process_{name} (\S+)$", text, re.M)[1]
                 for name in ("max_fds", "virtual_memory_max_bytes"))


UNLIMITED = "18446744073709551615"


@test_without_bpf
def limits_are_the_soft_ones():
    need("prlimit")
    for given, shown in ((("--nofile=777:888", "--as=1099511627776:unlimited"),
                          ("777", "1099511627776")),
                         (("--nofile=778:778", "--as=unlimited"), ("778", UNLIMITED))):
        exporter = Exporter("--replay", example(), prefix=("prlimit", *given))
        equal(limits(exporter), shown, f"{given}")


@test_without_bpf
def limits_are_those_of_now():
    exporter = Exporter("--replay", example(), "--sandbox=none",  # of our user, who may change them
                        prefix=("prlimit", "--nofile=777:888", "--as=unlimited"))
    equal(limits(exporter), ("777", UNLIMITED), "before")
    resource.prlimit(exporter.pid, resource.RLIMIT_NOFILE, (776, 888))
    resource.prlimit(exporter.pid, resource.RLIMIT_AS, (1 << 40, resource.RLIM_INFINITY))
    equal(limits(exporter), ("776", "1099511627776"), "after")


@test_without_bpf
def another_client_library_says_the_same():
    """Prometheus' own one for Python, of this process from outside; memory as soon as a page made it
    no larger."""
    root_only()
    exporter = Exporter("--replay", example())
    judge = ProcessCollector(pid=lambda: exporter.pid, registry=None)
    with contextlib.ExitStack() as held:
        connection = Connection(exporter, held)

        def agree():
            ours = {family.name: family for family in connection.page().families
                    if family.name.startswith("process_")}
            theirs = {family.name: family for family in judge.collect()}
            only_ours = ours.pop("process_virtual_memory_max_bytes")
            equal(only_ours.type, "gauge", "type")
            equal({name: (family.type, family.documentation) for name, family in ours.items()},
                  {name: (family.type, family.documentation) for name, family in theirs.items()},
                  "types and texts")
            return ({name: family.samples[0].value for name, family in ours.items()} ==
                    {name: family.samples[0].value for name, family in theirs.items()})

        wait_for(agree, "the same numbers")


# ---- left out

@test_without_bpf
def left_out_of_a_replay_the_rest_of_the_page_is_the_same():
    """A whole page; and so that it shows that there is something to leave out, the lines that go."""
    path = example()
    pages = {flags: replayed(path, "--once", *flags) for flags in (
        (), ("--no-collector.process",), ("--web.disable-exporter-metrics",),
        ("--web.disable-exporter-metrics", "--collector.process", "--collector.bpf"))}
    whole = pages.pop(())
    gone = [line for line in whole.splitlines()
            if re.match(r"(# (HELP|TYPE) )?process_", line) or line.startswith(ERRORS)]
    equal(len(gone), 3 * len(FAMILIES) + 1, "lines that go")
    rest = "".join(line + "\n" for line in whole.splitlines() if line not in gone)
    for flags, page in pages.items():
        equal(constant(page), constant(rest), f"{flags}")


@test
def without_exporter_metrics_all_other_families_are_there():
    flag = "--trace-syscalls=kcmp"
    exporters = Exporter(flag), Exporter(flag, "--web.disable-exporter-metrics")
    work(comm("kcmp"), "kcmp=10")
    whole, rest = (families_of(exporter.page()) for exporter in exporters)
    gone = {family for family in whole if family.startswith(BPF)} | FAMILIES
    equal(rest, [family for family in whole if family not in gone], "families that stay")
    equal(len(whole) - len(rest), len(gone), "families that go")
    true(len(gone) > len(FAMILIES), "there are some of bpf")


@test_without_bpf
def excluded_by_the_query_it_is_the_same_page():
    exporter = Exporter("--replay", example(), "--max-age=1h")
    query = urllib.parse.urlencode({"exclude[]": "process"})
    status, _, body = exporter.request(path=f"/metrics?{query}")
    equal(status, 200, "status")
    whole = exporter.page()
    rest = "".join(line + "\n" for line in whole.splitlines()
                   if not re.match(r"(# (HELP|TYPE) )?process_", line))
    equal(body.decode(), rest, "page")


# ---- where it cannot be read

@test_without_bpf
def without_proc_the_rest_is_served_and_each_read_counted():
    exporter = Exporter("--replay", example(), prefix=own_mounts("mount -t tmpfs none /proc"))
    equal(messages(exporter, "process_"),
          ['"metrics process_* are missing" err="No such file or directory"'], "log")
    with contextlib.ExitStack() as held:
        connection = Connection(exporter, held)
        first = connection.text()
        equal([family for family in families_of(first) if family in FAMILIES], [], "families")
        true(f"\n{ERRORS}1\n" in first, "the first read is counted")
        for n in range(2, 5):
            equal(constant(connection.text()),
                  constant(first).replace(f"\n{ERRORS}1\n", f"\n{ERRORS}{n}\n"), "page")
    equal(exporter.end(), 0, "exit status")
