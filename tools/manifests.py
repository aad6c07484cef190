#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Brings rules and dashboards, dashboards/prometheus/{alerts,rules}.yml and dashboards/json/*.json,
to where kustomize and Helm can read them: neither reads outside of its folder, and kustomize knows
no globs.

  deploy/helm/ior-exporter/files                                         copies
  deploy/kubernetes/components/prometheus-operator/prometheusrules.yaml  PrometheusRules of them
  dashboards/kustomization.yaml                                          a list of the dashboards

usage: tools/manifests.py [-n]    -n: write nothing, fail if anything is out of date
"""
import pathlib
import shutil
import sys

import yaml

CHART = pathlib.Path("deploy/helm/ior-exporter/files")
RULES = pathlib.Path("deploy/kubernetes/components/prometheus-operator/prometheusrules.yaml")
LIST = pathlib.Path("dashboards/kustomization.yaml")
HEADER = """# SPDX-License-Identifier: Apache-2.0
# Made by make manifests from {}; not to be edited.
# yamllint disable rule:line-length
"""
# Written into each object: what a component sets for all, it sets for everything that its user has.
NAMESPACE = "ior-exporter"
LABELS = {"app.kubernetes.io/name": "ior-exporter", "app.kubernetes.io/instance": "ior-exporter"}


class Dumper(yaml.SafeDumper):
    """Texts that any version of YAML reads as such: quoted if they begin like a number, and of
    several lines literal, since kustomize puts empty lines into folded ones."""

    def text(self, text):
        style = "|" if "\n" in text else "'" if text[:1] in set("+-.0123456789") else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    def increase_indent(self, flow=False, indentless=False):
        return super().increase_indent(flow, False)  # lists, too, as in our other files


Dumper.add_representer(str, Dumper.text)


def dump(source, documents):
    return HEADER.format(source) + yaml.dump_all(documents, Dumper=Dumper, sort_keys=False,
                                                 width=100, explicit_start=len(documents) > 1)


def prometheus_rule(path):
    return {"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule",
            "metadata": {"name": f"ior-exporter-{path.stem}", "namespace": NAMESPACE,
                         "labels": dict(LABELS)},
            "spec": yaml.safe_load(path.read_text())}


def dashboard_list(paths):
    component = {
        "apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component",
        "generatorOptions": {"disableNameSuffixHash": True,
                             "labels": LABELS | {"grafana_dashboard": "1"},
                             "annotations": {"grafana_folder": "ior"}}}
    names = [(path.stem.removeprefix("ior-"), path.name) for path in paths]
    # A key is a file name in a folder that Grafana's sidecar has for all: it begins with ior-.
    generators = [{"name": f"ior-exporter-dashboard-{name}", "namespace": NAMESPACE,
                   "files": [f"ior-{name}.json=json/{file}"]} for name, file in names]
    return component | ({"configMapGenerator": generators} if generators else {})


def wanted():
    """Every file that there shall be, and its content."""
    rules = [path for path in (pathlib.Path("dashboards/prometheus/alerts.yml"),
                               pathlib.Path("dashboards/prometheus/rules.yml")) if path.exists()]
    boards = sorted(pathlib.Path("dashboards/json").glob("*.json"))
    files = {CHART / "prometheus" / path.name: path.read_text() for path in rules}
    files |= {CHART / "dashboards" / path.name: path.read_text() for path in boards}
    files[RULES] = dump("dashboards/prometheus", [prometheus_rule(path) for path in rules])
    files[LIST] = dump("dashboards/json", [dashboard_list(boards)])
    return files


def out_of_date(files):
    there = {path for path in CHART.rglob("*") if path.is_file()}
    return sorted(there - files.keys()) + [path for path, text in files.items()
                                           if not path.exists() or path.read_text() != text]


def main():
    files = wanted()
    wrong = out_of_date(files)
    if sys.argv[1:] == ["-n"]:
        for path in wrong:
            print(f"manifests.py: out of date, make manifests: {path}", file=sys.stderr)
        return 1 if wrong else 0
    if sys.argv[1:]:
        sys.exit(__doc__)
    shutil.rmtree(CHART, ignore_errors=True)
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    print(f"manifests.py: {len(files)} files, {len(wrong)} of them new or gone")
    return 0


if __name__ == "__main__":
    sys.exit(main())
