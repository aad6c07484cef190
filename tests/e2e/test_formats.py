# SPDX-License-Identifier: Apache-2.0
"""One snapshot in all formats is the same numbers; and each judge refuses what is wrong."""
import os
import pathlib
import re
import subprocess

from google.protobuf.message import DecodeError

from formats import (SLOTS, Protobuf, chunks, decode_openmetrics, decode_text, fetch,
                     judge_openmetrics, same, slots_of)
from harness import BINARY, DEADLINE, Exporter, equal, folder, need, test_without_bpf, true
from judges import promtool

# Comms as a dump has them: those that hurt, then each family of metrics and numbers at their ends
# (2^53+1 is no double, nor is 2^64-1).
SCENE = r"""ior_exporter dump 1
kernel	6.1.0-test
mode	tp_btf
copies	1
exact	true
row	sh	close	60	0	0	0	1:1
row	say "hi"	close	61	0	1	7	0:1
row	a{b="c"} 1	close	62	0	0	0	2:1
row	# EOF	close	63	0	0	0	3:1
row	back\\slash	close	64	0	0	0	4:1
row	\\	close	65	0	0	0	4:1
row	two\x0alines	close	66	0	0	0	5:1
row	\x01\x1b\x7f	close	67	0	0	0	6:1
row	\xff\xfe	close	68	0	0	0	7:1
row	größ	close	69	0	0	0	8:1
row	\0	close	70	0	0	0	9:1
row	__other__	close	71	0	0	0	10:1
row	\x5f_other__	close	72	0	0	0	11:1
row	cp	read	9007199254740993	9007199254740993	3	0	0:3,1:2,17:1,31:5
row	cp	write	18446744073709551615	18446744073709551615	0	18446744073709551615	31:9007199254740993
row	cp	sendfile	999999999	1048578	0	1000000001	24:1
row	cp	lseek	0	0	0	0
row	sh	exit_group	0	0	0	0	0:3
gap	cp	FS	1500000000	0:1,24:1,25:1
gap	sh	FS	0
inflight	zsh	ppoll	1500000000
inflight	a"b	fsync	1
errno	read	EAGAIN	3
errno	close	EBADF	1
lost	died	7
rows	18	8192
end
"""
FLAGS = ("--comm.top=0", "--max-age=1h", "--buckets.min=0ns", "--buckets.max=1h",
         "--collector.gap")


def scene(*flags):
    path = folder() / "dump"
    path.write_text(SCENE)
    return Exporter("--replay", path, *FLAGS, *flags)


def numbers(samples):
    """As protobuf has them: bounds and what is no count are doubles, counts are integers."""
    found = {}
    for (name, labels), value in samples.items():
        if name.endswith("_bucket"):
            labels = frozenset((label, float(text) if label == "le" else text)
                               for label, text in labels)
        counts = name.endswith(("_bucket", "_count"))
        found[name, labels] = int(value) if counts else float(value)
    return found


@test_without_bpf
def formats_of_a_snapshot_hold_the_same_samples():
    exporter = scene()
    families, text = decode_text(fetch(exporter, "text"))
    strict_families, openmetrics = decode_openmetrics(fetch(exporter, "openmetrics"))
    protobuf = Protobuf(fetch(exporter, "protobuf"))

    same(openmetrics, text, "OpenMetrics")
    same(protobuf.samples, numbers(text), "protobuf")
    equal(len(protobuf.samples), len(text), "samples of protobuf")
    comms = {dict(labels).get("comm") for _, labels in text} - {None}
    equal(comms, {"sh", 'say "hi"', 'a{b="c"} 1', "# EOF", r"back\\slash", r"\\", r"two\x0alines",
                  r"\x01\x1b\x7f", r"\xff\xfe", "größ", r"\0", "__other__", r"\x5f_other__", "cp",
                  "zsh", 'a"b'}, "comms")

    as_text = {name: ("gauge" if kind == "info" else kind, text, "")
               for name, (kind, text, _) in strict_families.items()}
    same(as_text, families, "families of OpenMetrics")
    same({name: (kind, text, "") for name, (kind, text, _) in protobuf.families.items()},
         families, "families of protobuf")
    same({name: unit for name, (_, _, unit) in protobuf.families.items()},
         {name: unit for name, (_, _, unit) in strict_families.items()}, "units")


@test_without_bpf
def times_of_creation_are_the_same_in_both_formats_that_have_them():
    exporter = scene("--web.openmetrics-created")
    _, openmetrics = decode_openmetrics(fetch(exporter, "openmetrics"))
    protobuf = Protobuf(fetch(exporter, "protobuf"))
    created = {(name.removesuffix("_created"), labels): value
               for (name, labels), value in openmetrics.items() if name.endswith("_created")}
    same(created, protobuf.created, "times of creation")
    equal(len(created), len(protobuf.created), "times of creation")
    true(None not in created.values() and "0" not in created.values(), "one is not known")
    without = {key: value for key, value in openmetrics.items() if key[0][-8:] != "_created"}
    same(without, decode_text(fetch(exporter, "text"))[1], "the other samples")


def slots_of_classic(protobuf, name, labels):
    """What the classic buckets say that is in each slot; all bounds are shown."""
    bounds = [2.0 ** (slot - 24) for slot in range(SLOTS - 1)] + [float("inf")]
    counts = [protobuf.samples[f"{name}_bucket", labels | {("le", le)}] for le in bounds]
    return [count - before for before, count in zip([0] + counts, counts)]


@test_without_bpf
def native_buckets_are_the_classic_ones():
    protobuf = Protobuf(fetch(scene(), "protobuf"))
    equal(len(protobuf.histograms), 19, "histograms")
    for (name, labels), histogram in protobuf.histograms.items():
        what = f"{name} {dict(labels)}"
        slots = slots_of(histogram)
        equal((histogram.schema, histogram.zero_threshold), (0, 2.0 ** -24), f"scale of {what}")
        equal(slots, slots_of_classic(protobuf, name, labels), what)
        equal(sum(slots), histogram.sample_count, f"count of {what}")
        equal(len(histogram.bucket), SLOTS - 1, f"bounds of {what}")
    read = protobuf.histograms["ior_syscall_duration_seconds",
                               frozenset({("comm", "cp"), ("family", "FS"), ("syscall", "read")})]
    equal(slots_of(read), [3, 2] + [0] * 15 + [1] + [0] * 13 + [5], "slots of read")


# ---- the judges are awake

def refused(decode, page, *errors):
    try:
        decode(page)
    except errors:
        return True
    return False


def replaced(page, old, new):
    """One place of the page is another."""
    true(page.count(old) == 1, f"{page.count(old)} times in the page: {old!r}")
    return page.replace(old, new)


@test_without_bpf
def openmetrics_judge_refuses_wrong_pages():
    good = fetch(scene(), "openmetrics")
    judge_openmetrics(good)
    lost = b'ior_observations_lost_total{reason="died"} 7\n'
    count = b'ior_syscall_duration_seconds_count{comm="sh",family="FS",syscall="close"} '
    unit = b"# UNIT ior_syscall_duration_seconds "
    for bad in (replaced(good, b"# EOF\n", b""),
                good + b"# EOF\n",
                replaced(good, lost, lost.replace(b"_total", b"")),
                replaced(good, lost, lost.replace(b"_total", b"_sum")),
                replaced(good, lost, lost.replace(b"7", b"-7")),
                replaced(good, lost, lost.replace(b"7", b"seven")),
                replaced(good, count + b"1\n", count + b"2\n"),
                replaced(good, unit + b"seconds\n", unit + b"bytes\n"),
                replaced(good, b"# TYPE ior_up gauge\n", b"# TYPE ior_up gauge\n" * 2)):
        true(refused(judge_openmetrics, bad, ValueError), "OpenMetrics that is wrong was taken")
    # what that parser takes
    true(refused(decode_openmetrics, replaced(good, lost, lost + lost), AssertionError),
         "a sample was taken twice")


@test_without_bpf
def protobuf_judge_refuses_wrong_pages():
    good = fetch(scene(), "protobuf")
    Protobuf(good)
    errors = (DecodeError, AssertionError)
    for bad in (good[:-1], good[1:], good[:1] + good[2:], good + b"\1", good + good,
                good.replace("größ".encode(), b"gr\xff\xb6\xc3\x9f")):
        true(refused(Protobuf, bad, *errors), f"protobuf that is wrong was taken: {bad[:40]!r}")


@test_without_bpf
def text_judge_refuses_wrong_pages():
    good = fetch(scene(), "text")
    equal(promtool(good), (0, ""), "promtool")
    lost = b'ior_observations_lost_total{reason="died"} 7\n'
    for bad in (replaced(good, lost, lost.replace(b"7", b"seven")),
                replaced(good, lost, lost.replace(b"died", b"\xff")),
                replaced(good, b"# TYPE ior_up gauge\n", b"# TYPE ior_up thing\n"),
                good[:-2],
                good + b"ior_up{ 1\n"):
        status, said = promtool(bad)
        true(status != 0 and said, "text that is wrong was taken")


@test_without_bpf
def once_prints_each_format():
    path = folder() / "dump"
    path.write_text(SCENE)
    pages = {}
    for name in ("text", "openmetrics", "protobuf"):
        done = subprocess.run([BINARY, f"--once={name}", "--replay", path], stdout=subprocess.PIPE,
                              check=True, timeout=DEADLINE)
        pages[name] = done.stdout
    text = decode_text(pages["text"])[1]
    equal(set(decode_openmetrics(pages["openmetrics"])[1]), set(text), "OpenMetrics")
    equal(set(Protobuf(pages["protobuf"]).samples), set(numbers(text)), "protobuf")


# ---- golden

GOLDEN = "tests/golden/one_series.pbtxt"
GOLDEN_FAMILIES = ("ior_rows", "ior_syscall_duration_seconds", "ior_syscall_read_bytes_total")
CREATED = re.compile(r"created_timestamp \{\n +seconds: (\d+)\n +nanos: (\d+)\n +\}")


def protoc_text(page):
    """The page as protoc shows it; when series began is the only thing that differs by run."""
    parts = []
    for chunk in chunks(page):
        done = subprocess.run(["protoc", "-Iproto", "--decode=io.prometheus.client.MetricFamily",
                               "proto/metrics.proto"], input=chunk, stdout=subprocess.PIPE,
                              check=True, timeout=DEADLINE)
        parts.append(done.stdout.decode())
    text = "\n".join(parts)
    equal(len(set(CREATED.findall(text))), 1, "different times of creation")
    return CREATED.sub("created_timestamp { @created@ }", text)


@test_without_bpf
def protobuf_of_a_dump_is_the_golden_one():
    need("protoc")
    exporter = Exporter("--replay", "tests/golden/one_series.dump", "--trace-syscalls=read",
                        "--buckets.min=1us", "--buckets.max=16s", "--buckets.step=12")
    query = "&".join(f"name[]={family}" for family in GOLDEN_FAMILIES)
    text = protoc_text(fetch(exporter, "protobuf", f"/metrics?{query}"))
    golden = pathlib.Path(GOLDEN)
    if os.environ.get("UPDATE_GOLDEN") == "1":
        golden.write_text(text)
    equal(text, golden.read_text(), f"{golden} (make golden)")
