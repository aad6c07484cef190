#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every value of the chart does something: changed alone, it brings the line that it is for. And
what is named by a release, and what a value takes the place of.

usage: tests/deploy/kubernetes_values.py CHART FILE

FILE gets a rendering with all of them changed
"""
import functools
import json
import pathlib
import subprocess
import sys

import yaml

CHART = pathlib.Path(sys.argv[1])
DIGEST = "sha256:" + "0" * 64
# of those that need another one to be on
WITH = {"containers.": {"containers.enabled": True},
        "prometheusOperator.": {"prometheusOperator.enabled": True},
        "dashboards.": {"dashboards.enabled": True}}
# value: another one, and the first line that it brings; None: it only takes lines away
CHANGED = {
    "fullnameOverride": ("other", "name: other"),
    "namespace.create": (True, "kind: Namespace"),
    "image.repository": ("registry.example/x", "image: registry.example/x:0.1.0"),
    "image.tag": ("1.2.3", "image: ior-exporter:1.2.3"),
    "image.digest": (DIGEST, f"image: ior-exporter@{DIGEST}"),
    "image.pullPolicy": ("Always", "imagePullPolicy: Always"),
    "imagePullSecrets": ([{"name": "pull"}], "imagePullSecrets:"),
    "port": (9000, 'prometheus.io/port: "9000"'),
    "ipv6": (True, 'value: "[$(POD_IP)]:9435"'),
    "hostNetwork": (True, "hostNetwork: true"),
    "commTop": (9, "- --comm.top=9"),
    "bucketsStep": (1, "- --buckets.step=1"),
    "seriesMemory": ("32MiB", "- --series.memory=32MiB"),
    "extraArgs": (["--collector.gap"], "- --collector.gap"),
    "inFlight": (False, "hostPID: false"),
    "containers.enabled": (True, "- --comm.top=32"),
    "containers.by": ("container", "- --by=container"),
    "containers.commTop": (40, "- --comm.top=40"),
    "containers.hostPath": ("/run/cgroup", "path: /run/cgroup"),
    "tracepoint": (True, "- --attach=tracepoint"),
    "webConfig.secretName": ("web", "- name: IOR_WEB_CONFIG_FILE"),
    "prometheusOperator.enabled": (True, "kind: PodMonitor"),
    "prometheusOperator.labels": ({"release": "r"}, "release: r"),
    "prometheusOperator.endpoint": ({"interval": "15s"}, "interval: 15s"),
    "prometheusOperator.rules": (False, None),
    "dashboards.enabled": (True, "kind: ConfigMap"),
    "dashboards.labels": ({"board": "1"}, 'board: "1"'),
    "dashboards.annotations": ({"folder": "x"}, "folder: x"),
    "networkPolicy.enabled": (False, None),
    "networkPolicy.from": ([{"podSelector": {}}], "- podSelector: {}"),
    "resources": ({"limits": {"memory": "96Mi"}}, "memory: 96Mi"),
    "seccompProfile": ({"type": "Localhost", "localhostProfile": "ior.json"},
                       "localhostProfile: ior.json"),
    "priorityClassName": ("", None),
    "tolerations": ([], None),
    "nodeSelector": ({"disk": "ssd"}, "disk: ssd"),
    "affinity": ({"nodeAffinity": {}}, "affinity:"),
    "updateStrategy": ({"type": "OnDelete"}, "type: OnDelete"),
    "podLabels": ({"team": "t"}, "team: t"),
    "podAnnotations": ({"note": "x"}, "note: x"),
}
WHOLE = ("resources", "updateStrategy", "nodeSelector", "affinity", "seccompProfile")  # set as a whole


def leaves(values, prefix=""):
    for name, value in values.items():
        path = prefix + name
        inner = isinstance(value, dict) and value and path not in WHOLE
        if inner and path not in ("dashboards.labels", "dashboards.annotations"):
            yield from leaves(value, path + ".")
        else:
            yield path


@functools.cache
def rendered_with(context):
    return render(dict(context))


def render(changes, release="ior-exporter"):
    words = [word for path, value in changes.items()
             for word in ("--set-json", f"{path}={json.dumps(value)}")]
    done = subprocess.run(["helm", "template", release, str(CHART), *words],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{changes}: {done.stderr}")
    return done.stdout


def brought(before, after):
    old, new = ({line.strip() for line in text.splitlines()} for text in (before, after))
    return new - old


def check(path):
    value, expected = CHANGED[path]
    context = next((on for prefix, on in WITH.items()
                    if path.startswith(prefix) and path not in on), {})
    before, after = rendered_with(tuple(context.items())), render(context | {path: value})
    lines = brought(before, after)
    if expected is None:
        assert not lines and len(after) < len(before), f"{path}: {lines}"
    else:
        assert expected in lines, f"{path}: {lines}"


def check_names():
    """Objects of a chart are not called as the release alone, as those of another may be."""
    for release, name in (("prod", "prod-ior-exporter"), ("ior-exporter-2", "ior-exporter-2")):
        names = {one["metadata"]["name"] for one in yaml.safe_load_all(render({}, release)) if one}
        assert names == {name}, f"{release}: {names}"


def check_annotations():
    """One that is set goes before the chart's."""
    text = render({"podAnnotations": {"prometheus.io/scrape": "false"}})
    template, = (one["spec"]["template"] for one in yaml.safe_load_all(text)
                 if one and one["kind"] == "DaemonSet")
    assert text.count("prometheus.io/scrape:") == 1, text
    assert template["metadata"]["annotations"]["prometheus.io/scrape"] == "false", template


def main(file):
    documented = sorted(leaves(yaml.safe_load((CHART / "values.yaml").read_text())))
    assert documented == sorted(CHANGED), set(documented) ^ set(CHANGED)
    for path in CHANGED:
        check(path)
    check_names()
    check_annotations()
    everything = {path: value for path, (value, expected) in CHANGED.items() if expected}
    pathlib.Path(file).write_text(render(everything))
    print(f"{len(CHANGED)} values")


if __name__ == "__main__":
    try:
        main(sys.argv[2])
    except AssertionError as error:
        sys.exit(str(error))
