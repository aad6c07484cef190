# SPDX-License-Identifier: Apache-2.0
"""promtool's verdict on the rules, and whether each of its tests can fail."""
from harness import equal, test_without_bpf, true
from files import (ALERTS, README, RULES, RUNBOOKS, TESTS, alerts, load, promtool, records,
                   verdict_with)

SEVERITIES = {"info", "warning", "critical"}


@test_without_bpf
def rules_are_clean_under_every_lint():
    status, said = promtool("check", "rules", "--lint=all", "--lint-fatal", RULES, ALERTS)
    equal(status, 0, said)


def register(name, function):
    function.__name__ = name
    test_without_bpf(function)


def passes(path):
    def check():
        status, said = promtool("test", "rules", path)
        equal(status, 0, said)
    return check


def fires_and_does_not(alert):
    """The file of the alert's test expects both, and notices an alert that never fires and one
    that always does."""
    def check():
        path = TESTS / f"{alert}.yml"
        cases = [case for part in load(path)["tests"] for case in part["alert_rule_test"]]
        equal({case["alertname"] for case in cases}, {alert}, "alerts tested")
        equal({bool(case["exp_alerts"]) for case in cases}, {True, False}, "fires, and does not")
        equal(verdict_with(path, alert, lambda expr: expr), 0, "as it is")
        equal(verdict_with(path, alert, lambda expr: f"({expr}) < -1"), 1, "never fires")
        equal(verdict_with(path, alert, lambda expr: f"({expr}) or vector(1)"), 1, "always fires")
    return check


def has_figures(record):
    """A rule that gives twice as much, and one that gives nothing, are noticed."""
    def check():
        path = TESTS / "recording.yml"
        for change in (lambda expr: f"2 * ({expr})", lambda expr: f"({expr}) < -1"):
            equal(verdict_with(path, record, change), 1, "verdict on a wrong rule")
    return check


for one in sorted(TESTS.glob("*.yml")):
    register(f"promtool_test_of_{one.stem}", passes(one))
for one in alerts():
    register(f"{one}_fires_and_does_not", fires_and_does_not(one))
for one in records():
    register(f"{one}_has_figures", has_figures(one))


@test_without_bpf
def each_alert_says_what_to_do():
    for name, rule in alerts().items():
        true(rule["labels"]["severity"] in SEVERITIES, f"severity of {name}")
        equal(set(rule["annotations"]), {"summary", "description", "runbook_url"}, name)
        equal(rule["annotations"]["runbook_url"], f"dashboards/runbooks/{name}.md", name)
        row = f"\n| [{name}](runbooks/{name}.md) | {rule['labels']['severity']} | "
        equal(README.read_text().count(row), 1, f"{name} in the README")
        page = (RUNBOOKS / f"{name}.md").read_text()
        equal(page.splitlines()[0], f"# {name}", "title of the runbook")
        for part in ("**Meaning.**", "**Impact.**", "**Look at**", "**Do**"):
            equal(page.count(part), 1, f"{part} in the runbook of {name}")


@test_without_bpf
def nothing_is_left_over():
    equal({path.stem for path in RUNBOOKS.iterdir()}, set(alerts()), "runbooks")
    equal({path.stem for path in TESTS.glob("*.yml")}, set(alerts()) | {"recording"}, "tests")
