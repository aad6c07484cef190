# SPDX-License-Identifier: Apache-2.0
"""A scraped page, parsed by Prometheus' own Python client, and what holds for every page."""
import math
import re

from prometheus_client.parser import text_string_to_metric_families

from harness import equal, true

DURATION = "ior_syscall_duration_seconds"


def without_comments(text):
    return [line for line in text.splitlines() if line and not line.startswith("#")]


class Page:
    def __init__(self, text):
        self.text = text
        self.families = list(text_string_to_metric_families(text))
        self.samples = {}
        for family in self.families:
            for sample in family.samples:
                key = (sample.name, frozenset(sample.labels.items()))
                true(key not in self.samples, f"twice: {sample}")
                self.samples[key] = sample.value
        equal(len(self.samples), len(without_comments(text)), "samples and lines")

    def value(self, name, **labels):
        """The value of one sample, None if there is none."""
        return self.samples.get((name, frozenset(labels.items())))

    def of(self, name):
        """(labels, value) of all samples of a name."""
        return [(dict(labels), value) for (sample, labels), value in self.samples.items()
                if sample == name]

    def series(self, name, comm, syscall):
        """The value of (comm, syscall), whatever the family; None if there is none."""
        for labels, value in self.of(name):
            if labels["comm"] == comm and labels["syscall"] == syscall:
                return value
        return None

    def calls(self, comm, syscall):
        return self.series(DURATION + "_count", comm, syscall)

    def syscalls_of(self, comm):
        """Names of all calls under a comm."""
        return {labels["syscall"] for name in (DURATION + "_count", "ior_syscall_noreturn_total")
                for labels, _ in self.of(name) if labels["comm"] == comm}

    def check(self, raw_sums=True):
        """raw_sums: no series was dropped, so that all together are all that was counted."""
        self._check_headers()
        self._check_histograms()
        equal(self.value("ior_up"), 1, "ior_up")
        if raw_sums:
            self._check_totals()

    def _check_headers(self):
        """Each family once, HELP before TYPE, in alphabetical order; labels alphabetical too."""
        names = re.findall(r"^# TYPE (\S+) ", self.text, re.M)
        equal(names, sorted(set(names)), "order of families")
        equal(re.findall(r"^# HELP (\S+) ", self.text, re.M), names, "families with HELP")
        for line in without_comments(self.text):
            labels = re.findall(r'[{,](\w+)="', line)
            plain = [label for label in labels if label != "le"]
            equal(plain, sorted(plain), line)

    def _check_histograms(self):
        buckets = {}
        for labels, value in self.of(DURATION + "_bucket"):
            le = labels.pop("le")
            buckets.setdefault(frozenset(labels.items()), {})[le] = value
        bounds = None
        for labels, values in buckets.items():
            bounds = bounds or list(values)
            equal(list(values), bounds, f"bounds of {dict(labels)}")
            counts = list(values.values())
            equal(counts, sorted(counts), f"cumulative buckets of {dict(labels)}")
            equal(self.value(DURATION + "_count", **dict(labels)), values["+Inf"], dict(labels))
            total = self.value(DURATION + "_sum", **dict(labels))
            true(total is not None and total >= 0, f"sum of {dict(labels)}")
            for other in ("ior_syscall_errors_total", "ior_syscall_gap_seconds_total"):
                true(self.value(other, **dict(labels)) is not None, f"no {other} {dict(labels)}")
        if bounds:
            numbers = [float(le) for le in bounds]
            equal(numbers, sorted(numbers), "order of bounds")
            equal(numbers[-1], math.inf, "last bound")
        equal(len(self.of("ior_syscall_errors_total")), len(buckets), "series of errors")
        equal(len(self.of("ior_syscall_gap_seconds_total")), len(buckets), "series of gaps")

    def _check_totals(self):
        counted = sum(value for name in (DURATION + "_count", "ior_syscall_noreturn_total")
                      for _, value in self.of(name))
        equal(self.value("ior_observations_total"), counted, "observations")
        known = {labels["syscall"] for labels, _ in self.of("ior_syscall_info")}
        for labels, _ in self.of(DURATION + "_count"):
            true(labels["syscall"] in known | {"unknown", "compat"}, f"no info: {labels}")
