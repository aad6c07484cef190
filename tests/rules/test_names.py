# SPDX-License-Identifier: Apache-2.0
"""Each metric, label and value that a rule names is on the exporter's real page."""
import errno
import re

from prometheus_client.parser import text_string_to_metric_families

from harness import Exporter, equal, exporter_once, test, wait_for
from files import alerts, records
from load import Load
from promql import Uses

PROMETHEUS = {"up", "scrape_duration_seconds"}
# on the page as soon as there was such a call
SOMETIMES = ("errors_by_errno_total", "in_flight_oldest_seconds", "noreturn_total",
             "read_bytes_total", "transferred_bytes_total", "written_bytes_total")
TARGET = {"cluster", "job", "instance"}  # labels that Prometheus gives


class Page:
    """What the exporter shows: by metric, its labels and their values."""

    def __init__(self, text):
        self.metrics = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                labels = self.metrics.setdefault(sample.name, {})
                for label, value in sample.labels.items():
                    labels.setdefault(label, set()).add(value)
        self.labels = {label for labels in self.metrics.values() for label in labels}
        status, out, _ = exporter_once("--list")
        equal(status, 0, "--list")
        self.syscalls = {line.split("\t")[0] for line in out.splitlines()[1:]}

    def values(self, metric, label):
        """Those that there can be, if the page of a moment does not have all."""
        if label == "syscall":
            return self.syscalls
        if label == "errno":
            return set(errno.errorcode.values())
        if label in ("exact", "wait"):
            return {"true", "false"}
        if metric in self.metrics:
            return self.metrics[metric].get(label, set())
        return {value for labels in self.metrics.values() for value in labels.get(label, ())}


def whole(page):
    """The page if it has all; else None."""
    return page if all(f"\nior_syscall_{name}{{" in page for name in SOMETIMES) else None


def unknown(expr, page, recorded):
    """What an expression names and nobody has."""
    uses = Uses(expr)
    bad = uses.metrics - set(page.metrics) - set(recorded) - PROMETHEUS
    bad |= uses.listed - page.labels - TARGET
    for metric, label, operator, value in uses.matchers:
        if label in TARGET:
            continue
        if label not in page.metrics.get(metric, page.labels):
            bad.add(f"{metric}{{{label}}}")
            continue
        values = value.split("|") if operator in ("=~", "!~") else [value]
        bad |= {f"{label}={one}" for one in values} - \
            {f"{label}={one}" for one in page.values(metric, label)}
    return bad


@test
def rules_name_only_what_is_there():
    exporter = Exporter("--by=comm,container")
    with Load():
        page = Page(wait_for(lambda: whole(exporter.page()), f"{SOMETIMES} on the page"))
    recorded = records()
    for name, rule in (recorded | alerts()).items():
        equal(unknown(rule["expr"], page, recorded), set(), f"unknown in {name}")

    for expr, expected in (
            ("rate(ior_syscall_nothing_total[5m])", {"ior_syscall_nothing_total"}),
            ('ior_up{comm="a"} > 0', {"ior_up{comm}"}),
            ('ior_observations_lost_total{reason!="dead"}', {"reason=dead"}),
            ('ior_syscall_info{syscall=~"read|reed"}', {"syscall=reed"}),
            ("sum without (com) (ior_up)", {"com"}),
            ("nobody:ior_up:rate5m", {"nobody:ior_up:rate5m"})):
        equal(unknown(expr, page, recorded), expected, f"control {expr}")


@test
def words_of_a_title_are_on_the_page_of_its_alert():
    """The placeholders of the annotations are labels that the alert's series can have."""
    labels = Page(Exporter("--by=comm,container").page()).labels | TARGET
    for name, rule in alerts().items():
        used = set(re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())))
        equal(used - labels, set(), f"labels in the annotations of {name}")
