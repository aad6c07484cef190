# SPDX-License-Identifier: Apache-2.0
"""The rules and their tests, as they are on disk, and copies of them that are wrong on purpose."""
import pathlib

import yaml

from harness import folder, run
from judges import judge

ROOT = pathlib.Path(__file__).resolve().parents[2]
RULES = ROOT / "dashboards/prometheus/rules.yml"
ALERTS = ROOT / "dashboards/prometheus/alerts.yml"
RUNBOOKS = ROOT / "dashboards/runbooks"
README = ROOT / "dashboards/README.md"
TESTS = ROOT / "tests/rules"


def load(path):
    return yaml.safe_load(path.read_text())


def rules_of(path):
    return [rule for group in load(path)["groups"] for rule in group["rules"]]


def alerts():
    return {rule["alert"]: rule for rule in rules_of(ALERTS)}


def records():
    return {rule["record"]: rule for rule in rules_of(RULES)}


def promtool(*arguments):
    """(exit status, all that it said)"""
    status, out, err = run(judge("promtool"), *arguments)
    return status, out + err


def verdict_with(test, name, change):
    """promtool's exit status of a test file, with the expression of one rule changed."""
    where = folder()
    for path in (RULES, ALERTS):
        content = load(path)
        for group in content["groups"]:
            for rule in group["rules"]:
                if name in (rule.get("alert"), rule.get("record")):
                    rule["expr"] = change(rule["expr"])
        (where / path.name).write_text(yaml.safe_dump(content))
    content = load(test)
    content["rule_files"] = [str(where / pathlib.Path(file).name) for file in content["rule_files"]]
    (where / "test.yml").write_text(yaml.safe_dump(content))
    status, said = promtool("check", "rules", where / RULES.name, where / ALERTS.name)
    if status:
        raise AssertionError(f"the changed rule is none: {said}")
    return promtool("test", "rules", where / "test.yml")[0]
