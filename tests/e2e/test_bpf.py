# SPDX-License-Identifier: Apache-2.0
"""ior_bpf_*: what the exporter says of its programs and maps, held against what the kernel tells
another process."""
import contextlib
import decimal
import json
import pathlib
import re
import subprocess

from harness import Exporter, equal, test, true
from test_process import root_only

BPFTOOL = pathlib.Path(__file__).parents[2] / "tools/bpftool.sh"
STATS = pathlib.Path("/proc/sys/kernel/bpf_stats_enabled")


@contextlib.contextmanager
def statistics():
    """The kernel keeps statistics of programs."""
    before = STATS.read_text()
    STATS.write_text("1")
    try:
        yield
    finally:
        STATS.write_text(before)


def held(exporter, kind):
    """{name: what the kernel tells of it} of the exporter's programs ("prog") or maps ("map")."""
    found = {}
    for path in pathlib.Path(f"/proc/{exporter.pid}/fdinfo").iterdir():
        try:
            text = path.read_text()
        except FileNotFoundError:
            continue
        info = dict(re.findall(r"^(\w+):\t(.*)$", text, re.M))
        if f"{kind}_id" in info and "link_type" not in info:
            shown = subprocess.run([BPFTOOL, "-j", kind, "show", "id", info[f"{kind}_id"]],
                                   check=True, capture_output=True, text=True)
            found[json.loads(shown.stdout)["name"].rpartition(".")[2]] = info
    return found


def shown(text, name, label):
    """{label: value} of a family of a page, exactly."""
    found = re.findall(rf'^{name}\{{{label}="(\w+)"\}} (\S+)$', text, re.M)
    return {key: decimal.Decimal(value) for key, value in found}


@test
def figures_of_programs_are_the_kernels():
    root_only()
    with statistics():
        exporter = Exporter()
        # a thread that ends, of a signal
        equal(subprocess.run(["sh", "-c", "kill -TERM $$"], check=False).returncode, -15, "end")
        before = held(exporter, "prog")
        text = exporter.page()
        after = held(exporter, "prog")
    true("\nior_bpf_stats_enabled 1\n" in text, "statistics")
    for name, field, unit in (("recursion_misses_total", "recursion_misses", 1),
                              ("runs_total", "run_cnt", 1),
                              ("run_time_seconds_total", "run_time_ns", 10 ** 9)):
        figures = shown(text, f"ior_bpf_program_{name}", "program")
        equal(set(figures), set(before) - {"in_flight", "whoami"}, f"programs with {name}")
        for program, value in figures.items():
            least, most = (int(found[program][field]) for found in (before, after))
            true(least <= value * unit <= most, f"{name} of {program}: {least}, {value}, {most}")
    # kernels from 7.0 on preempt what sees a thread end, and skip it for others meanwhile
    ends = {name for name in before if name.startswith("process_exit")}
    equal(len(ends), 1 if 'mode="raw_tp"' in text else 4, f"programs that see an end: {ends}")
    # each that shows figures is attached; process_exec and on_signal as well
    runs = {name: int(before[name]["run_cnt"]) for name in figures}
    true(all(runs.values()) and runs, f"runs of {runs}")


@test
def an_end_is_seen_as_often_however_few_copies_there_are():
    root_only()
    ends = {}
    for copies in (2, 3, 5):
        names = held(Exporter("--attach=tp_btf", f"--copies={copies}"), "prog")
        ends[copies] = sorted(name for name in names if name.startswith("process_exit"))
    equal(ends, {copies: [f"process_exit_{n}" for n in range(max(copies, 4))]
                 for copies in (2, 3, 5)}, "programs that see an end")


@test
def memory_of_maps_is_the_kernels():
    root_only()
    exporter = Exporter()
    figures = shown(exporter.page(), "ior_bpf_map_memory_bytes", "map")
    known = held(exporter, "map")
    # those two are the waiting's, without an entry; names of the kernel end at 15 bytes
    equal({name[:len(kernel)]: int(value) for name, value in figures.items()
           for kernel in known if name.startswith(kernel)},
          {name: int(info["memlock"]) for name, info in known.items()
           if not name.startswith("wait")}, "memory of maps")
    equal(len(figures), len(known) - 2, "maps")
