#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the exporter as a DaemonSet's container would be: its arguments and environment, user 0 with
its capabilities and no_new_privs, its mounts read-only. Asks what its probes ask. Then takes one
capability away at a time: it must say which one is missing.

usage: BUILD=build tests/deploy/run_pod.py FILE    FILE.pod of node/facts.cjs; status 77: skipped
"""
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from harness import BINARY, Exporter, equal, folder, free_port, reset, run, said  # noqa: E402

ADDRESS = "127.0.0.1"
WEB_YML = """basic_auth_users:
  somebody: $2y$04$abcdefghijklmnopqrstuuFlLQCWSHLsnEBUFJ0SG5PRDS1RaQHZq
"""


def rights(capabilities):
    sets = ",".join(["-all", *(f"+{name.lower()}" for name in capabilities)])
    return ("setpriv", f"--bounding-set={sets}", "--inh-caps=-all", "--no-new-privs")


def place(container):
    """Makes what is mounted: what to run before, and where the mount points really are."""
    root, script, moved = folder(), "", {}
    for mount in container.get("volumeMounts", []):
        path, real = mount["mountPath"], root / mount["name"]
        real.mkdir()
        moved[path] = str(real)
        if mount["name"] == "cgroup":
            script += f"mount --rbind /sys/fs/cgroup {real} && mount -o remount,bind,ro {real} && "
        elif mount["name"] == "tracefs":
            moved[path] = path  # known to the program
            script += f"{{ mountpoint -q {path} || mount -t tracefs tracefs {path}; }} && "
            script += f"mount -o remount,bind,ro {path} && "
        else:
            (real / "web.yml").write_text(WEB_YML)
    return ("unshare", "--mount", "sh", "-c", script + 'exec "$@"', "sh"), moved


def translate(text, moved):
    for path, real in moved.items():
        text = text.replace(path, real)
    return text


def variables(container, moved):
    env = {}
    for one in container["env"]:
        if "value" in one:
            value = one["value"].replace("$(POD_IP)", ADDRESS)
            env[one["name"]] = translate(value, moved)
    port = container["ports"][0]["containerPort"]
    equal(env["IOR_WEB_LISTEN_ADDRESS"], f"{ADDRESS}:{port}", "address")
    env["IOR_WEB_LISTEN_ADDRESS"] = f"{ADDRESS}:{free_port()}"
    return env


def probe(exporter, container, env, name):
    asked = container[name]
    if "exec" in asked:
        equal(asked["exec"]["command"], ["/ior_exporter", "--probe"], name)
        status, _, err = run(BINARY, "--probe", env=env)
        equal((status, err), (0, ""), name)
    else:
        equal(asked["httpGet"]["port"], container["ports"][0]["name"], name)
        equal(exporter.request(path=asked["httpGet"]["path"])[0], 200, name)


def lacks(capability, container, prefix, args, env):
    given = container["securityContext"]["capabilities"]["add"]
    rest = [name for name in given if name != capability]
    status, _, err = run(*prefix, *rights(rest), BINARY, *args, env=env)
    equal(status, 1, f"exit status without {capability}")
    message = err.splitlines()[-1]
    if f"Operation not permitted (missing: CAP_{capability};" not in message:
        raise AssertionError(f"without {capability}: {message}")


def main(file):
    pod = json.loads(pathlib.Path(file).read_text())
    container = pod["container"]
    capabilities = container["securityContext"]["capabilities"]["add"]
    prefix, moved = place(container)
    args = [translate(arg, moved) for arg in container["args"]]
    env = variables(container, moved)
    exporter = Exporter(*args, prefix=(*prefix, *rights(capabilities)), address=None, top=None,
                        env=env)
    for name in ("startupProbe", "livenessProbe", "readinessProbe"):
        probe(exporter, container, env, name)
    if not moved.get("/etc/ior-exporter"):
        for path in {*pod["paths"], "/metrics"}:
            equal(b"\nior_up 1\n" in exporter.request(path=path)[2], True, path)
    equal(exporter.end(), 0, "exit status")
    for capability in capabilities:
        lacks(capability, container, prefix, args, env)


def reason_to_skip():
    """Why this can't be tried here, if the exporter knows a reason as well."""
    if os.getuid():
        return "needs root, to give rights up"
    status, _, err = run(BINARY, "--once", "--duration=0s")
    return err.strip() if status and run(BINARY, "--check")[0] else None


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except AssertionError as error:
        all_said = said()
        if reason := reason_to_skip():
            print(reason)
            sys.exit(77)
        sys.exit(f"{error}\n{all_said}")
    finally:
        reset()
