# SPDX-License-Identifier: Apache-2.0
"""The page: known calls in it, its form, and hostile names."""
from harness import Exporter, Workload, comm, equal, test, test_without_bpf, true, work
from judges import promtool
from page import Page

ERRORS = "ior_syscall_errors_total"
READ = "ior_syscall_read_bytes_total"
WRITTEN = "ior_syscall_written_bytes_total"

KNOWN = ("getppid=12345", "read10=777", "badclose=55", "write100=33")


def check_known(page, name, times=1):
    equal(page.calls(name, "getppid"), 12345 * times, "getppid")
    equal(page.calls(name, "read"), 777 * times, "read")
    equal(page.calls(name, "close"), 55 * times, "close")
    equal(page.calls(name, "write"), 33 * times, "write")
    equal(page.series(READ, name, "read"), 7770 * times, "bytes read")
    equal(page.series(WRITTEN, name, "write"), 3300 * times, "bytes written")
    equal(page.series(ERRORS, name, "close"), 55 * times, "errors of close")
    for call in ("getppid", "read", "write"):
        equal(page.series(ERRORS, name, call), 0, f"errors of {call}")
    equal(page.syscalls_of(name), {"getppid", "read", "close", "write", "prctl"}, "calls")


@test
def a_known_workload_is_exact_in_the_page():
    name = comm("known")
    before = Workload(name, *KNOWN)  # started before the exporter, and one after
    exporter = Exporter()
    before.go().finish()
    check_known(Page(exporter.page()), name)
    work(name, *KNOWN)
    page = Page(exporter.page())
    check_known(page, name, 2)
    page.check()


@test
def every_page_under_load_holds_together():
    exporter = Exporter("--collector.errno")
    for i in range(10):
        load = Workload(comm(f"load{i}"), "getppid=20000", "read10=20000", "badclose=20000")
        load.popen.stdin.write(b"go\n")
        load.popen.stdin.flush()
        Page(exporter.page()).check()
        equal(load.popen.stdout.readline(), b"done\n", "workload")


@test
def counters_never_go_down():
    exporter = Exporter()
    last = {}
    for _ in range(10):
        work(comm("up"), "getppid=1000", "badclose=10")
        page = Page(exporter.page())
        counters = {key: value for key, value in page.samples.items()
                    if key[0].endswith(("_total", "_bucket", "_count", "_sum"))}
        for key, value in last.items():
            true(counters.get(key, -1) >= value, f"{key}: {value}, then {counters.get(key)}")
        last = counters


@test
def the_exporter_itself_is_traced_only_if_asked():
    for flags, expected in (((), False), (("--include-self",), True)):
        exporter = Exporter(*flags)
        exporter.page()
        page = Page(exporter.page())
        equal(bool(page.syscalls_of("ior_exporter")), expected, f"{flags}")
        exporter.end()


@test
def the_exporters_comm_is_not_hidden_from_others():
    """Only the process is left out, not its name."""
    exporter = Exporter()
    work("ior_exporter", "getppid=77")
    equal(Page(exporter.page()).calls("ior_exporter", "getppid"), 77, "calls of a namesake")


@test
def the_buckets_shown_are_the_ones_asked_for():
    exporter = Exporter("--buckets.min=1ms", "--buckets.max=1s", "--buckets.step=2",
                        "--trace-syscalls=getppid")
    name = comm("buckets")
    work(name, "getppid=500")
    page = Page(exporter.page())
    page.check()
    bounds = {labels["le"] for labels, _ in page.of("ior_syscall_duration_seconds_bucket")}
    equal(bounds, {"0.0009765625", "0.00390625", "0.015625", "0.0625", "0.25", "1.0", "+Inf"},
          "bounds")
    equal(page.calls(name, "getppid"), 500, "calls")


@test
def errors_by_errno_can_be_left_out():
    for flags, expected in (((), True), (("--no-collector.errno",), False)):
        exporter = Exporter(*flags)
        work(comm("errno"), "badclose=5")
        found = Page(exporter.page()).of("ior_syscall_errors_by_errno_total")
        equal(any(labels["syscall"] == "close" and labels["errno"] == "EBADF"
                  for labels, _ in found), expected, f"{flags}")
        exporter.end()


# ---- judges

HOSTILE = {
    b'a"quote"': 'a"quote"',
    b"a\\slash\\": "a\\\\slash\\\\",
    b"a\nline": "a\\x0aline",
    b"a\xff\xfe": "a\\xff\\xfe",
    b"caf\xc3\xa9": "caf\u00e9",
    b"a{b=\"c\"} 1": 'a{b="c"} 1',
    b"# HELP ior_up": "# HELP ior_up",
    b"": "\\0",
    b"__other__": "\\x5f_other__",
}


@test
def hostile_comms_are_escaped_and_the_page_stays_valid():
    exporter = Exporter("--trace-syscalls=getppid")
    for i, name in enumerate(HOSTILE):
        work(name, f"getppid={1000 + i}")
    text = exporter.page()
    page = Page(text)
    page.check()
    for i, label in enumerate(HOSTILE.values()):
        calls = page.calls(label, "getppid")
        true(calls is not None and calls >= 1000 + i, f"calls of {label!r}: {calls}")
    equal(promtool(text), (0, ""), "promtool")


@test
def promtool_finds_nothing_in_a_page():
    exporter = Exporter()
    work(comm("lint"), *KNOWN)
    equal(promtool(exporter.page()), (0, ""), "promtool")


@test_without_bpf
def promtool_finds_what_is_wrong_in_a_page():
    """The judge is awake: what it must refuse, and what it only complains of."""
    good = b"# HELP x_total Text.\n# TYPE x_total counter\nx_total 1\n"
    equal(promtool(good), (0, ""), "a good page")
    for broken in (b"# TYPE x_total counter\nx_total 1\n",            # no HELP
                   b"# HELP x Text.\n# TYPE x counter\nx 1\n",         # no _total
                   good.replace(b" 1\n", b' 1\nx_total{a="\xff"} 1\n'),  # no UTF-8
                   good.replace(b"x_total 1", b"x_total one"),
                   good.replace(b"x_total 1", b"x_total{a=\"b} 1"),
                   good + good):
        status, said = promtool(broken)
        true(status != 0 and said, f"promtool took {broken!r}")
