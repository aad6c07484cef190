# SPDX-License-Identifier: Apache-2.0
"""promtool and prometheus, as tools/judges.sh provides them."""
import pathlib
import shutil

from harness import Skip, run


def judge(name, newer=False):
    """The path of a judge, from PATH or from what tools/judges.sh unpacked; or of a newer one."""
    found = shutil.which(name)
    if found and not newer:
        return found
    folder, args = ("judges-newer", ["newer"]) if newer else ("judges", [])
    unpacked = pathlib.Path("build", folder, "usr/bin", name)
    if not unpacked.exists():
        status, _, err = run("tools/judges.sh", *args)
        if status or not unpacked.exists():
            raise Skip(f"no {'newer ' if newer else ''}{name} ({err.strip() or 'tools/judges.sh got none'})")
    return str(unpacked.resolve())


def promtool(text):
    """promtool's verdict on a page: (exit status, all that it said)."""
    data = text if isinstance(text, bytes) else text.encode()
    status, out, err = run(judge("promtool"), "check", "metrics", stdin=data)
    return status, out + err
