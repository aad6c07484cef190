#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes config.json of an OCI bundle, as a container runtime makes it, so that runc runs the image's
program as a node would.

usage: bundle.py [OPTION]... BUNDLE ROOT [-- ARG...]
  --manifest FILE  a DaemonSet: its capabilities, user, root, seccomp profile, arguments, environment,
                   memory limit and PID namespace are what the container gets; without it, it is what
                   docs/docker.md says
  --caps A,B       these capabilities instead
  --seccomp KIND   default: what containerd and docker have by default; before-2022: the same, when
                   it did not know CAP_BPF and CAP_PERFMON; none
  --pid own        not the PID namespace of the host
  --mount DIR      shows this folder as /data
ARGs are added to those of the manifest.
"""
import argparse
import json
import pathlib
import platform
import re

import yaml

PROFILE = "/usr/share/containers/seccomp.json"  # Debian 12's knows neither capability
SINCE_2022 = {"CAP_BPF": "bpf", "CAP_PERFMON": "perf_event_open"}
ARCHES = {"x86_64": ("amd64", ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]),
          "aarch64": ("arm64", ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"])}
UNITS = {"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30}
# What runtimes hide and write-protect in every container that is not privileged.
MASKED = ["/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
          "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"]
READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
ADDRESS = "127.0.0.1"  # the pod's: its network has no other
DOCKER = "docs/docker.md"


def bytes_of(text):
    return int(text[:-2]) * UNITS[text[-2:]]


def docker():
    """A pod, as the first `docker run` of the document asks for it."""
    text = pathlib.Path(DOCKER).read_text(encoding="utf-8").replace("\\\n", " ")
    words = re.search(r"^docker run (.*)$", text, re.M).group(1).split()
    parser = argparse.ArgumentParser()
    parser.add_argument("-d", action="store_true")
    parser.add_argument("--read-only", action="store_true")
    parser.add_argument("--cap-drop", action="append")
    parser.add_argument("--cap-add", action="append")
    parser.add_argument("--security-opt", action="append")
    for name in ("--name", "--pid", "-p", "image"):
        parser.add_argument(name)
    said = parser.parse_args(words)
    return {
        "hostPID": said.pid == "host",
        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{"securityContext": {
            "runAsUser": 0, "runAsGroup": 0,  # the image's
            "allowPrivilegeEscalation": "no-new-privileges" not in said.security_opt,
            "readOnlyRootFilesystem": said.read_only,
            "capabilities": {"drop": said.cap_drop, "add": said.cap_add}}}],
    }


def rules(profile, caps, arch):
    """Rules of the profile that hold for these capabilities; (actions by name)."""
    for rule in profile["syscalls"]:
        wants, spares = rule.get("includes") or {}, rule.get("excludes") or {}
        if arch not in wants.get("arches", [arch]) or arch in spares.get("arches", []):
            continue
        if set(wants.get("caps", [])) <= caps and not set(spares.get("caps", [])) & caps:
            yield rule


def seccomp(kind, caps):
    arch, arches = ARCHES[platform.machine()]
    profile = json.loads(pathlib.Path(PROFILE).read_text(encoding="utf-8"))
    granted = {call for cap, call in SINCE_2022.items() if kind == "default" and cap in caps}
    syscalls = []
    for rule in rules(profile, caps, arch):
        names = [name for name in rule["names"] if name not in granted]
        if names:
            kept = {k: rule[k] for k in ("action", "errnoRet", "args") if rule.get(k)}
            syscalls.append({"names": names, **kept})
    if granted:
        syscalls.append({"names": sorted(granted), "action": "SCMP_ACT_ALLOW"})
    return {"defaultAction": profile["defaultAction"],
            "defaultErrnoRet": profile["defaultErrnoRet"],
            "architectures": arches, "syscalls": syscalls}


def environment(container):
    """What an image and a manifest set; $(NAME) stands for one before."""
    values = {"IOR_WEB_LISTEN_ADDRESS": ":9435"}
    for item in container.get("env", []):
        text = item.get("value", ADDRESS)  # the only field that is asked for is the address
        for name, value in values.items():
            text = text.replace(f"$({name})", value)
        values[item["name"]] = text
    return [f"{name}={value}" for name, value in values.items()]


def mount(target, kind, *options, source=None):
    return {"destination": target, "type": kind, "source": source or kind, "options": list(options)}


def mounts(folder):
    found = [
        mount("/proc", "proc", "nosuid", "noexec", "nodev"),
        mount("/dev", "tmpfs", "nosuid", "strictatime", "mode=755", "size=64k"),
        mount("/sys", "sysfs", "nosuid", "noexec", "nodev", "ro"),
        mount("/sys/fs/cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", "ro"),
    ]
    if folder:
        found.append(mount("/data", "bind", "bind", "ro", source=str(folder.resolve())))
    return found


def kernel_part(pod, container, caps, options):
    namespaces = ["network", "ipc", "uts", "mount"]
    if options.pid == "own" or not pod.get("hostPID"):
        namespaces.append("pid")
    part = {"namespaces": [{"type": name} for name in namespaces],
            "maskedPaths": MASKED, "readonlyPaths": READ_ONLY}
    limit = container.get("resources", {}).get("limits", {}).get("memory")
    if limit:
        part["resources"] = {"memory": {"limit": bytes_of(limit)}}
    if options.seccomp != "none":
        part["seccomp"] = seccomp(options.seccomp, set(caps))
    return part


def config(pod, options):
    container = pod["containers"][0]
    context = container["securityContext"]
    assert context["capabilities"]["drop"] == ["ALL"], "all are to be dropped"
    assert context["allowPrivilegeEscalation"] is False
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    caps = context["capabilities"]["add"]
    if options.caps is not None:
        caps = [cap for cap in options.caps.split(",") if cap]
    caps = ["CAP_" + cap for cap in caps]
    return {
        "ociVersion": "1.0.2",
        "root": {"path": str(options.root.resolve()), "readonly": context["readOnlyRootFilesystem"]},
        "process": {
            "user": {"uid": context["runAsUser"], "gid": context["runAsGroup"]},
            "cwd": "/",
            "args": ["/ior_exporter", *container.get("args", []), *options.arg],
            "env": environment(container),
            "capabilities": {name: caps for name in ("bounding", "effective", "permitted")},
            "noNewPrivileges": not context["allowPrivilegeEscalation"],
        },
        "mounts": mounts(options.mount),
        "linux": kernel_part(pod, container, caps, options),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bundle", type=pathlib.Path)
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("--manifest", type=pathlib.Path)
    parser.add_argument("--caps")
    parser.add_argument("--seccomp", default="default", choices=["default", "before-2022", "none"])
    parser.add_argument("--pid", choices=["own"])
    parser.add_argument("--mount", type=pathlib.Path)
    parser.add_argument("arg", nargs="*")
    options = parser.parse_args()
    if options.manifest:
        daemonset = yaml.safe_load(options.manifest.read_text(encoding="utf-8"))
        pod = daemonset["spec"]["template"]["spec"]
    else:
        pod = docker()
    options.bundle.mkdir(parents=True, exist_ok=True)
    text = json.dumps(config(pod, options), indent=1)
    (options.bundle / "config.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
