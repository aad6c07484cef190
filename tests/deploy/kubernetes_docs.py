#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Does what docs/kubernetes.md says, as far as that goes without a cluster: commands that would
talk to one are run as those that only render; manifests and values are rendered; the query is the
README's, which has a test of its own; promtool reads the scrape configuration but for its
discovery; each memory limit is held against what the exporter asks for.

usage: BUILD=build tests/deploy/kubernetes_docs.py     helm and kubectl on PATH
"""
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from judges import judge  # noqa: E402

DOCS = pathlib.Path("docs/kubernetes.md").read_text()
CHART = "deploy/helm/ior-exporter"
NEED = pathlib.Path(os.environ["BUILD"]) / "tests/deploy/need"
MIB = 1 << 20
# what needs a cluster, or builds images
NOT_HERE = ("kubectl -n ior-exporter ", "kubectl label namespace ")


def blocks(language, text=DOCS):
    return [part.split("```")[0] for part in text.split(f"```{language}\n")[1:]]


def run(*command, **kwargs):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **kwargs)
    if done.returncode:
        raise AssertionError(f"{shlex.join(command)}\n{done.stderr}")
    return done.stdout


def rendering(words):
    """The command that renders what this one would apply."""
    if words[:2] == ["kubectl", "apply"]:
        return ["kubectl", "kustomize", words[words.index("-k") + 1]]
    if words[:3] == ["helm", "upgrade", "--install"]:
        return ["helm", "template", *(word for word in words[3:] if word != "--create-namespace")]
    return words


def commands():
    """Runs each; returns how many, and how many are for a cluster only."""
    lines = [line for block in blocks("sh") for line in block.replace("\\\n", " ").splitlines()]
    ran = 0
    for line in lines:
        words = shlex.split(line)
        if not line.startswith(NOT_HERE):
            assert "kind: DaemonSet" in run(*rendering(words)), line
            ran += 1
    return ran, len(lines) - ran


THEIRS = """apiVersion: v1
kind: ConfigMap
metadata:
  name: theirs
  namespace: other
"""


def kustomizations():
    """Those of a folder beside the repository, which is called ior_exporter there. Objects of
    others in them stay as they are."""
    found = [block for block in blocks("yaml") if "kind: Kustomization" in block]
    for text in found:
        with tempfile.TemporaryDirectory() as beside:
            mine = pathlib.Path(beside, "mine")
            mine.mkdir()
            (mine / "theirs.yaml").write_text(THEIRS)
            text = text.replace("resources:\n", "resources:\n  - theirs.yaml\n")
            (mine / "kustomization.yaml").write_text(text)
            run("cp", "-r", "--parents", "deploy", "dashboards", beside)
            pathlib.Path(beside, "ior_exporter").mkdir()
            for folder in ("deploy", "dashboards"):
                pathlib.Path(beside, folder).rename(pathlib.Path(beside, "ior_exporter", folder))
            out = run("kubectl", "kustomize", str(mine))
        for expected in re.findall("newName: (.*)", text):
            assert f"image: {expected}:" in out, expected
        assert THEIRS in out, out
    return len(found)


def values():
    found = [block for block in blocks("yaml") if block.startswith("# values.yaml\n")]
    for text in found:
        run("helm", "lint", "--strict", CHART, "--values", "-", input=text)
        run("helm", "template", "x", CHART, "--values", "-", input=text)
    return len(found)


def queries():
    readme = blocks("promql", pathlib.Path("README.md").read_text())
    found = blocks("promql")
    for query in found:
        assert query in readme, query
    return len(found)


def scrape_configs():
    """All but kubernetes_sd_configs, which Debian's promtool is built without."""
    found = [block for block in blocks("yaml") if block.startswith("scrape_configs:")]
    for text in found:
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "prometheus.yml")
            rest, n = re.subn(r"    kubernetes_sd_configs:\n(      .*\n)+", "", text)
            assert n == 1, text
            path.write_text(rest)
            run(judge("promtool"), "check", "config", str(path))
    return len(found)


def machine(root, cpus):
    for path, text in (("sys/devices/system/cpu/possible", f"0-{cpus - 1}"),
                       ("sys/devices/system/cpu/online", f"0-{cpus - 1}"),
                       ("proc/sys/kernel/osrelease", "6.18.0"),
                       ("sys/kernel/btf/vmlinux", "\0" * 10 * MIB)):
        file = pathlib.Path(root, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def need_mib(root, memory):
    flags = ("--comm.top=8", f"--series.memory={memory}MiB")
    return -(-int(run(str(NEED), root, *flags)) // MIB)


def limits():
    """Each row of the table of memory limits: the needs are exact, none is over its limit."""
    rows = re.findall(r"^\| (\d+)MiB \| (\d+)Mi \| (.*) \|$", DOCS, re.M)
    for memory, limit, needs in rows:
        for cpus, need in zip((2, 8, 64, 256), (*map(int, needs.split(" | ")), None)):
            with tempfile.TemporaryDirectory() as root:
                machine(root, cpus)
                got = need_mib(root, memory)
            assert got <= int(limit) == 2 * int(memory) + 32, (memory, cpus, got)
            assert need in (got, None), (memory, cpus, got)
    return len(rows)


def main():
    ran, elsewhere = commands()
    counts = {"commands": ran, "kustomizations": kustomizations(), "values": values(),
              "queries": queries(), "scrape configurations": scrape_configs(),
              "memory limits": limits()}
    print(", ".join(f"{n} {what}" for what, n in counts.items()) +
          f"; {elsewhere} commands are for a cluster only")
    assert all(counts.values()), counts


if __name__ == "__main__":
    try:
        main()
    except AssertionError as error:
        sys.exit(str(error))
