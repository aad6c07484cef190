#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what is in an image with what is to be there; prints a line for each check, as run.sh has
them.

usage: image_files.py NAME ROOT FLAVOUR LOADED CONFIG SCHEMAS
  LOADED   a file: the libraries that the program's own loader loads, as ldd(1) prints them; none if static
  CONFIG   a file: what buildah says of the image
  SCHEMAS  a folder: CycloneDX' JSON schemas; if it is not there, the bill of materials is not validated
"""
import hashlib
import json
import pathlib
import re
import stat
import subprocess
import sys

import jsonschema

DOC = "usr/share/doc/ior_exporter"
LIMITS = {"dynamic": 12_000_000, "static": 3_000_000}  # bytes of all files
OWN = "Apache-2.0 AND GPL-2.0-or-later"
WITHOUT_TLS = {"dynamic": "", "static": "; one static file, without TLS"}

failed = False
name, root, flavour = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
loaded_file, config_file, schemas = map(pathlib.Path, sys.argv[4:])


def check(what, got, expected):
    global failed
    if got == expected:
        print(f"passed image: {name}: {what}")
        return
    failed = True
    print(f"failed image: {name}: {what}\n  got      {got}\n  expected {expected}")


def git(*command):
    return subprocess.run(["git", *command], capture_output=True, text=True, check=True).stdout.strip()


def files():
    return {str(path.relative_to(root)): path for path in root.rglob("*")
            if not path.is_dir() or path.is_symlink()}


def licence_of(expression):
    return f"({expression})" if " OR " in expression else expression


def notice():
    """Source package -> licence, of the packages that NOTICE says are in this flavour."""
    rows = {}
    for line in (root / DOC / "NOTICE").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[3] in ("both", flavour):
            rows[cells[0]] = cells[1]
    return rows


def loaded():
    """Paths in the image of what the loader loads, itself included."""
    text = loaded_file.read_text(encoding="utf-8")
    return {path.lstrip("/") for path in re.findall(r"(?:=> |^\s*)(/\S+) \(0x", text, re.M)}


def check_schema(bom):
    if not schemas.is_dir():
        print(f"skipped image: {name}: the bill of materials is valid CycloneDX: no schema, for no npm")
        return
    store = {}
    for path in schemas.glob("*.schema.json"):
        schema = json.loads(path.read_text(encoding="utf-8"))
        store[schema["$id"]] = schema
    schema = json.loads((schemas / "bom-1.5.SNAPSHOT.schema.json").read_text(encoding="utf-8"))
    resolver = jsonschema.RefResolver(schema["$id"], schema, store)
    errors = jsonschema.Draft7Validator(schema, resolver=resolver).iter_errors(bom)
    check("the bill of materials is valid CycloneDX", [error.message for error in errors], [])


def check_bom(bom, libraries):
    sources = {}  # source package -> licence
    shared = {}   # file name -> hash
    for part in bom["components"]:
        source = part["purl"].split("upstream=")[1]
        sources[source] = part["licenses"][0]["expression"]
        if part["properties"][0]["value"] == "shared":
            shared |= {file["name"]: file["hashes"][0]["content"] for file in part["components"]}
    own = {re.sub(r"^gcc-\d+(-cross)?$", "gcc", source): text for source, text in sources.items()}
    check("NOTICE has what is linked, and nothing else", own, notice())
    check("each library is in the bill of materials, with its hash", shared, {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in libraries})
    check("the program's hash is there", bom["metadata"]["component"]["hashes"][0]["content"],
          hashlib.sha256((root / "ior_exporter").read_bytes()).hexdigest())
    check("each library's copyright is there",
          sorted(path.name for path in (root / DOC / "copyright").iterdir()), sorted(sources))
    return " AND ".join([OWN, *sorted(map(licence_of, set(sources.values())),
                                      key=lambda text: text.strip("("))])


def check_config(licences):
    got = json.loads(config_file.read_text(encoding="utf-8"))["Docker"]["config"]
    version = re.search(r"^VERSION *:= *(\S+)", pathlib.Path("Makefile").read_text(encoding="utf-8"),
                        re.M).group(1)
    labels = {k: v for k, v in got["Labels"].items() if k != "io.buildah.version"}
    prefix = "org.opencontainers.image."
    check("labels", labels, {
        prefix + "title": "ior_exporter",
        prefix + "description": "Latency, bytes and errors of every system call by program, for "
                                "Prometheus" + WITHOUT_TLS[flavour],
        prefix + "version": version,
        prefix + "revision": git("rev-parse", "--short=12", "HEAD"),
        prefix + "licenses": licences})
    keys = ("User", "ExposedPorts", "Entrypoint", "Cmd", "Volumes", "Healthcheck")
    check("user, port, entry point and health check", {key: got.get(key) or None for key in keys}, {
        "User": "0:0", "ExposedPorts": {"9435/tcp": {}}, "Entrypoint": ["/ior_exporter"],
        "Cmd": None, "Volumes": None,
        "Healthcheck": {"Test": ["CMD", "/ior_exporter", "--probe"], "Interval": 30 * 10**9,
                        "Timeout": 5 * 10**9, "StartPeriod": 10 * 10**9}})


def main():
    there = files()
    wanted = loaded()
    others = {path for path in there if not path.startswith(DOC + "/")}
    check("the program and the libraries that it loads, and nothing else", sorted(others),
          sorted(wanted | {"ior_exporter"}))
    check("all are plain files", [path for path, file in there.items()
                                  if not stat.S_ISREG(file.lstat().st_mode)], [])
    check("only the program and the loader can be run",
          sorted(path for path, file in there.items() if file.stat().st_mode & 0o111),
          sorted({"ior_exporter"} | {path for path in wanted if "/ld-linux" in path}))
    bom = json.loads(there[DOC + "/sbom.cdx.json"].read_text(encoding="utf-8"))
    check_schema(bom)
    check_config(check_bom(bom, [there[path] for path in wanted]))
    size = sum(file.stat().st_size for file in there.values())
    check(f"it has {size:,} bytes, at most {LIMITS[flavour]:,}", size <= LIMITS[flavour], True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
