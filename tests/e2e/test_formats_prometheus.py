# SPDX-License-Identifier: Apache-2.0
"""A real Prometheus scrapes protobuf: its native buckets are the classic ones of the text page."""
from formats import decode_text, fetch, same
from harness import equal, free_port, test_without_bpf, wait_for
from test_formats import numbers, scene
from test_prometheus import Prometheus

NAME = "ior_syscall_duration_seconds"


def native(found):
    """{labels: (count, sum, buckets as (boundaries, from, to, count))} of a query's answer, whose
    numbers are doubles."""
    result = {}
    for series in found:
        labels = {k: v for k, v in series["metric"].items() if k not in ("instance", "job",
                                                                       "__name__")}
        histogram = series["histogram"][1]
        buckets = [(rule, float(low), float(high), float(count))
                   for rule, low, high, count in histogram.get("buckets", [])]
        result[frozenset(labels.items())] = (float(histogram["count"]), float(histogram["sum"]),
                                            buckets)
    return result


def of_classic(samples):
    """The same of the samples of text; all bounds are shown. Empty buckets are left out, the first
    one is the zero bucket, both of whose ends belong to it."""
    rows = {}
    for (name, labels), value in samples.items():
        if name == f"{NAME}_bucket":
            le = dict(labels)["le"]
            rows.setdefault(labels - {("le", le)}, {})[le] = value
    result = {}
    for labels, counts in rows.items():
        before, buckets = 0, []
        for le in sorted(counts):
            count, before = float(counts[le] - before), counts[le]
            top = min(le, 128.0)  # the last slot has no bound: it is all above 64 s
            if count:
                buckets.append((3, -top, top, count) if le == 2.0 ** -24 else
                               (0, top / 2, top, count))
        result[labels] = (float(before), samples[f"{NAME}_sum", labels], buckets)
    return result


def native_are_the_classic_ones(newer):
    exporter = scene()
    expected = of_classic(numbers(decode_text(fetch(exporter, "text"))[1]))
    equal(len(expected), 17, "histograms")
    prometheus = Prometheus(free_port(), exporter.port, native=True, newer=newer)
    prometheus.wait_value('up{job="replay"}', 1)
    got = wait_for(lambda: native(prometheus.query(NAME)), "native histograms")
    same(got, expected, "native histograms")
    equal(prometheus.end(), 0, "exit status of prometheus")


@test_without_bpf
def native_buckets_in_prometheus_are_the_classic_ones():
    native_are_the_classic_ones(newer=False)


@test_without_bpf
def native_buckets_in_a_newer_prometheus_are_the_classic_ones():
    native_are_the_classic_ones(newer=True)
