# SPDX-License-Identifier: Apache-2.0
"""The README's join with the names of pods, held against a judge: promtool test rules."""
import json
import pathlib

from harness import equal, folder, run, test, true
from judges import judge

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"
UID = "0b5a3ac1-1f3b-4c5e-8a57-9a2f5c3f0001"


def query_with(text):
    """The promql block of the README that has the text, without its comments."""
    blocks = [part.split("```")[0] for part in README.read_text().split("```promql\n")[1:]]
    found = [block for block in blocks if text in block]
    equal(len(found), 1, f"blocks with {text}")
    return "\n".join(line for line in found[0].splitlines() if not line.startswith("#"))


def seconds(call, uid, step):
    return {"series": f'ior_syscall_duration_seconds_sum{{comm="c",container_id="{uid[:4]}",'
                      f'family="F",instance="node",pod_uid="{uid}",syscall="{call}"}}',
            "values": f"0+{step}x10"}


def info(call, wait):
    return {"series": f'ior_syscall_info{{instance="node",syscall="{call}",wait="{wait}"}}',
            "values": "1x10"}


def rules(expected):
    return {"evaluation_interval": "1m", "tests": [{
        "interval": "1m",
        "input_series": [
            seconds("read", UID, 60), seconds("write", UID, 30), seconds("poll", UID, 600),
            seconds("read", "none", 6), info("read", "false"), info("write", "false"),
            info("poll", "true"),
            # scraped from two replicas of kube-state-metrics
            *({"series": f'kube_pod_info{{instance="{ksm}",namespace="shop",node="node",pod="cart",'
                         f'uid="{UID}"}}', "values": "1x10"} for ksm in ("a", "b"))],
        "promql_expr_test": [{"expr": query_with("kube_pod_info"), "eval_time": "9m",
                              "exp_samples": expected}]}]}


@test
def names_of_pods_come_by_a_join():
    for value, status in ((1.5, 0), (1.6, 1)):  # and a negative control
        path = folder() / "rules.yml"
        path.write_text(json.dumps(rules([{"labels": '{namespace="shop", pod="cart"}',
                                           "value": value}])))
        got, out, err = run(judge("promtool"), "test", "rules", str(path))
        equal(got, status, out + err)
        true("parse error" not in out + err, out + err)
