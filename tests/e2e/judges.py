# SPDX-License-Identifier: Apache-2.0
"""promtool and prometheus, as tools/judges.sh provides them."""
import pathlib
import shutil

from harness import Skip, run


def judge(name):
    """The path of a judge, from PATH or from what tools/judges.sh unpacked."""
    found = shutil.which(name)
    if found:
        return found
    unpacked = pathlib.Path("build/judges/usr/bin") / name
    if not unpacked.exists():
        status, _, _ = run("tools/judges.sh")
        if status or not unpacked.exists():
            raise Skip(f"no {name} (tools/judges.sh got none)")
    return str(unpacked.resolve())


def promtool(text):
    """promtool's verdict on a page: (exit status, all that it said)."""
    data = text if isinstance(text, bytes) else text.encode()
    status, out, err = run(judge("promtool"), "check", "metrics", stdin=data)
    return status, out + err
