# SPDX-License-Identifier: Apache-2.0
"""Pages in all formats, decoded: text by Prometheus' own Python client, OpenMetrics by the client's
strict parser, protobuf by classes that protoc makes of proto/metrics.proto.

A decoded page has its families {name: (type, help, unit)}, names without the suffix of a type, and
its samples {(name, labels): number as it was written}. A protobuf's histogram becomes the samples
that text has of it, and its native buckets slots.
"""
import importlib.util
import re
import subprocess
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from harness import DEADLINE, equal, folder, need, true

TYPES = {
    "text": "text/plain;version=0.0.4",
    "openmetrics": "application/openmetrics-text;version=1.0.0",
    "protobuf": "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                "encoding=delimited",
}
SLOTS = 32  # of a row; slot k ends at 2^(k-24) s


def fetch(exporter, name, path="/metrics"):
    status, headers, body = exporter.request(path=path, headers={"Accept": TYPES[name]})
    equal(status, 200, "status")
    equal(headers["Content-Type"].split(";")[0], TYPES[name].split(";")[0], "Content-Type")
    return body


def same(got, expected, what):
    """Equality of two dictionaries; says what differs alone."""
    differ = [(key, got.get(key), expected.get(key)) for key in {*got, *expected}
              if key not in got or key not in expected or got[key] != expected[key]]
    equal(differ[:5], [], f"{what}: {len(differ)} differ (key, got, expected)")


def base(name, kind):
    """A family's name without the suffix of its type."""
    if kind == "counter":
        return name.removesuffix("_total")
    return name.removesuffix("_info") if kind in ("gauge", "info") else name


# ---- both texts

LINE = re.compile(r'(\w+)(?:\{((?:\w+="(?:\\.|[^"\\])*",?)+)\})? (\S+)')
LABEL = re.compile(r'(\w+)="((?:\\.|[^"\\])*)"')
ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


def unescape(text):
    return re.sub(r"\\.", lambda found: ESCAPES[found[0]], text)


def lines_of(text):
    """{(name, labels): number as written}; the client's parsers make floats of all numbers."""
    samples = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = LINE.fullmatch(line).groups()
        found = LABEL.findall(labels or "")
        equal(",".join(f'{label}="{text}"' for label, text in found), labels or "", line)
        key = (name, frozenset((label, unescape(text)) for label, text in found))
        true(key not in samples, f"twice: {line}")
        samples[key] = value
    return samples


def decode_lines(page, parse):
    text = page.decode()
    samples = lines_of(text)
    families = list(parse(text))
    parsed = [(s.name, frozenset(s.labels.items()), s.value) for f in families for s in f.samples]
    equal(len(parsed), len(samples), "samples of the parser and lines")
    same({(name, labels): float(value) for name, labels, value in parsed},
         {key: float(value) for key, value in samples.items()}, "samples of the parser")
    return families, samples


def decode_text(page):
    families, samples = decode_lines(page, parse_text)
    # the parser drops _total itself; "_info" is a gauge there
    return {base(f.name, f.type): (f.type, f.documentation, "") for f in families}, samples


def judge_openmetrics(page):
    """A ValueError unless the client's strict parser takes it."""
    return list(parse_openmetrics(page.decode()))


def decode_openmetrics(page):
    families, samples = decode_lines(page, parse_openmetrics)
    return {f.name: (f.type, f.documentation, f.unit) for f in families}, samples


# ---- protobuf

def messages():
    """The module of the classes of proto/metrics.proto."""
    need("protoc")
    where = folder()
    subprocess.run(["protoc", "-Iproto", f"--python_out={where}", "proto/metrics.proto"],
                   check=True, timeout=DEADLINE)
    name = "metrics_pb2"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, where / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[name] = module
    return sys.modules[name]


def chunks(page):
    """The messages of a page, each without its length."""
    found = []
    at = 0
    while at < len(page):
        size = shift = 0
        while True:
            byte = page[at]
            size |= (byte & 127) << shift
            at, shift = at + 1, shift + 7
            if byte < 128:
                break
        true(at + size <= len(page), f"a message of {size} bytes ends after the page")
        found.append(page[at:at + size])
        at += size
    return found


def slots_of(histogram):
    """The native buckets as the slots of a row."""
    slots = [histogram.zero_count] + [0] * (SLOTS - 1)
    index = count = 0
    deltas = list(histogram.positive_delta)
    for span in histogram.positive_span:
        index += span.offset
        for _ in range(span.length):
            count += deltas.pop(0)
            slots[index + 24] = count
            index += 1
    equal(deltas, [], "deltas after the spans")
    return slots


def created_of(stamped):
    """As text has it; None: not there."""
    if not stamped.HasField("created_timestamp"):
        return None
    at = stamped.created_timestamp
    return f"{at.seconds}.{at.nanos:09}".rstrip("0").rstrip(".")


class Protobuf:
    def __init__(self, page):
        self.families = {}
        self.samples = {}
        self.created = {}     # {(name without suffix, labels): as text}
        self.histograms = {}  # {(name, labels): histogram}
        types = messages()
        for chunk in chunks(page):
            family = types.MetricFamily.FromString(chunk)
            family.DiscardUnknownFields()
            equal(family.ByteSize(), len(chunk), "bytes of the fields that metrics.proto has")
            kind = types.MetricType.Name(family.type).lower()
            name = base(family.name, kind)
            true(name not in self.families, f"twice: family {name}")
            self.families[name] = (kind, family.help, family.unit)
            for metric in family.metric:
                self._add_metric(family.name, kind, metric)

    def _add(self, name, labels, value):
        true((name, labels) not in self.samples, f"twice: {name} {labels}")
        self.samples[name, labels] = value

    def _add_metric(self, name, kind, metric):
        pairs = [(label.name, label.value) for label in metric.label]
        equal(sorted(dict(pairs).items()), pairs, f"labels of {name}")
        labels = frozenset(pairs)
        equal([field.name for field, _ in metric.ListFields() if field.name != "label"], [kind],
              f"values of {name}")
        value = getattr(metric, kind)
        if kind != "gauge":
            self.created[base(name, kind), labels] = created_of(value)
        if kind != "histogram":
            self._add(name, labels, value.value)
            return
        self.histograms[name, labels] = value
        for bucket in value.bucket:
            self._add(f"{name}_bucket", labels | {("le", bucket.upper_bound)},
                      bucket.cumulative_count)
        self._add(f"{name}_bucket", labels | {("le", float("inf"))}, value.sample_count)
        self._add(f"{name}_sum", labels, value.sample_sum)
        self._add(f"{name}_count", labels, value.sample_count)
