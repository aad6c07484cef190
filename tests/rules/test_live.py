# SPDX-License-Identifier: Apache-2.0
"""A real Prometheus evaluates the rules over two real exporters, with and without containers."""
from harness import Exporter, equal, folder, test, wait_for
from files import ALERTS, RULES, alerts, records
from load import Load
from server import Prometheus

# what a rule must not be: its metric does not exist, its join is ambiguous
CONTROL = """
groups:
  - name: control
    rules:
      - {record: "control:nothing", expr: ior_nothing}
      - {record: "control:error", expr: ior_syscall_info * on (job) ior_syscall_info}
"""
AGREE = """
sum by (instance) ({by_family}) / sum by (instance) (
  instance_syscall:ior_syscall_duration_seconds_bucket:rate5m
  and on (instance, syscall) ior_syscall_info)
"""


def broken(prometheus):
    return {rule["name"] for rule in prometheus.rules()
            if rule["health"] == "err" or rule.get("lastError")}


def without_data(prometheus, names, instances):
    return {name for name in names
            if {one["metric"].get("instance")
                for one in prometheus.query(f"group by (instance) ({name})")} != instances}


def wait_data(prometheus, names, instances, never):
    """Waits for data of all but those that never have some."""
    missing = set(names)

    def complete():
        missing.intersection_update(without_data(prometheus, missing, instances))
        return missing == never

    try:
        wait_for(complete, "data of each recording rule for each exporter",
                 deadline=180)
    except AssertionError as failure:
        raise AssertionError(f"{failure}; still none for {sorted(missing)}") from None


@test
def every_rule_works_on_the_real_page():
    control = folder() / "control.yml"
    control.write_text(CONTROL)
    names = set(records()) | {"control:nothing", "control:error"}
    targets = [f"127.0.0.1:{Exporter(*flags, top=8).port}"
               for flags in ((), ("--by=comm,container",))]
    with Load():
        prometheus = Prometheus(targets, [RULES, ALERTS, control])
        wait_data(prometheus, names, set(targets), {"control:nothing", "control:error"})
        wait_for(lambda: all(rule["health"] != "unknown" for rule in prometheus.rules()),
                 "the first evaluation of all rules")
    equal({rule["name"] for rule in prometheus.rules()}, names | set(alerts()), "rules")
    equal(broken(prometheus), {"control:error"}, "rules with an error")
    by_family = records()["instance_family_wait:ior_syscall_duration_seconds_bucket:rate5m"]["expr"]
    agree = prometheus.query(AGREE.format(by_family=by_family))
    equal([round(float(one["value"][1]), 9) for one in agree], [1, 1], "over families and calls")
    equal(prometheus.end(), 0, "exit status of prometheus")
