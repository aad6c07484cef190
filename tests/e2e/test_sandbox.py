# SPDX-License-Identifier: Apache-2.0
"""What the exporter may still do once it serves: nothing that its features do not take."""
import os
import pathlib
import re
import signal
import subprocess

from harness import (BUILD, Exporter, Process, Skip, as_nobody, binary_for_all, comm, equal,
                     exporter_once, folder, need, test, test_without_bpf, true, wait_for, work)
from page import Page
from test_once import example
from test_reload import RELOADED, File, reload
from test_serve import child_of

ESCAPING = BUILD / "tests/escapes/ior_exporter"
LEVELS = ("none", "caps", "landlock", "all")

# tests/e2e/escapes.c, by where the sandbox stops. Root, when nothing was given up, gets at most an
# error that shows that the kernel would have done it.
ESCAPES = {
    "open-public":      ("0", "0", "EACCES", "EPERM"),
    "open-secret":      ("0", "EACCES", "EACCES", "EPERM"),
    "openat2":          ("0", "0", "EACCES", "EPERM"),
    "write-file":       ("0", "0", "EACCES", "EPERM"),
    "list-folder":      ("0", "0", "EACCES", "EPERM"),
    "execve":           ("ENOENT", "ENOENT", "ENOENT", "EPERM"),
    "fork":             ("0", "0", "0", "EPERM"),
    "socket":           ("0", "0", "0", "EPERM"),
    "connect":          ("ECONNREFUSED", "ECONNREFUSED", "EACCES", "EPERM"),
    "connect-sendto":   ("EBADF", "EBADF", "EBADF", "EPERM"),  # Landlock does not see it
    "connect-sendmsg":  ("EBADF", "EBADF", "EBADF", "EPERM"),
    "setsockopt":       ("EBADF", "EBADF", "EBADF", "EPERM"),
    "ptrace":           ("EIO", "EIO", "EIO", "EPERM"),
    "process_vm_readv": ("EFAULT", "EPERM", "EPERM", "EPERM"),
    "kill":             ("0", "EPERM", "EPERM", "EPERM"),
    "tgkill":           ("0", "EPERM", "EPERM", "EPERM"),
    "mount":            ("ENODEV", "EPERM", "EPERM", "EPERM"),
    "chroot":           ("0", "EPERM", "EPERM", "EPERM"),
    "setresuid":        ("0", "EPERM", "EPERM", "EPERM"),
    "bpf-prog-load":    ("0", "EPERM", "EPERM", "EPERM"),
    "bpf-map-create":   ("0", "EPERM", "EPERM", "EPERM"),
    "reboot":           ("EINVAL", "EPERM", "EPERM", "EPERM"),
    "mmap-exec":        ("0", "0", "0", "EPERM"),
    "ioctl":            ("ENOTTY", "ENOTTY", "ENOTTY", "EPERM"),
    "clone3":           ("EINVAL", "EINVAL", "EINVAL", "ENOSYS"),
    "unknown":          ("ENOSYS", "ENOSYS", "ENOSYS", "ENOSYS"),
    "unshare":          ("EINVAL", "EINVAL", "EINVAL", "EPERM"),  # never with several threads
}


def root_only():
    if os.getuid():
        raise Skip("needs root, to have something to give up")
    true(ESCAPING.exists(), f"make {ESCAPING} (make check does)")


def landlock_version():
    """Of this kernel; 0: none."""
    import ctypes
    return max(0, ctypes.CDLL(None).syscall(444, None, 0, 1))


def refused(level):
    """What the table says, on this kernel."""
    at = LEVELS.index(level)
    expected = {name: row[at] for name, row in ESCAPES.items()}
    if level == "landlock":
        version = landlock_version()
        for name, row in ESCAPES.items():
            if version == 0 or (name == "connect" and version < 4):
                expected[name] = row[1]
    if level in ("caps", "landlock"):
        disabled = pathlib.Path("/proc/sys/kernel/unprivileged_bpf_disabled").read_text().strip()
        if disabled == "0":
            expected["bpf-prog-load"] = expected["bpf-map-create"] = "0"
    return expected


def parse(text):
    return dict(line.split() for line in text.splitlines())


def tried_by_main(exporter):
    return parse("".join(line[len("escape: "):] for line in exporter.lines
                         if line.startswith("escape: ")))


def tried_by_connection(exporter):
    status, _, body = exporter.request("GET", "/-/escapes")
    equal(status, 200, "status of /-/escapes")
    return parse(body.decode())


# ---- escapes

@test
def each_escape_is_refused_from_each_thread():
    root_only()
    for level in LEVELS:
        exporter = Exporter(f"--sandbox={level}", binary=ESCAPING)
        equal(tried_by_main(exporter), refused(level), f"--sandbox={level}, main thread")
        equal(tried_by_connection(exporter), refused(level), f"--sandbox={level}, connection")
        Page(exporter.page()).check()
        equal(exporter.end(), 0, "exit status")


@test_without_bpf
def before_the_source_is_there_connections_have_no_rights_either():
    root_only()
    starting = Process(ESCAPING, "--replay=-", "--web.listen-address=127.0.0.1:0",
                       stdin=subprocess.PIPE)
    port = int(starting.wait_line(r"msg=listening address=\S+:(\d+) ")[1])
    starting.port = port
    equal(tried_by_connection_of(starting), refused("landlock"), "before")
    status, body = fetch(starting, "/metrics")
    equal(status, 200, "status of /metrics")
    equal(Page(body).value("ior_up"), 0, "ior_up")
    starting.popen.stdin.write(example().read_bytes())
    starting.popen.stdin.close()
    starting.wait_line("msg=replaying")
    equal(tried_by_connection_of(starting), refused("all"), "after")
    equal(tried_by_main(starting), refused("all"), "main thread")
    equal(starting.end(), 0, "exit status")


def fetch(process, path):
    import urllib.request
    with urllib.request.urlopen(f"http://127.0.0.1:{process.port}{path}", timeout=60) as answer:
        return answer.status, answer.read().decode()


def tried_by_connection_of(process):
    return parse(fetch(process, "/-/escapes")[1])


# ---- rights

NO_CAPS = {f"Cap{name}": "0" * 16 for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")}
NOBODY = "65534 65534 65534 65534"
CONFINED = {"Uid": NOBODY, "Gid": NOBODY, "Groups": "", "NoNewPrivs": "1", "Seccomp": "2"}


def rights(status):
    """The lines of a /proc/.../status that tell rights."""
    found = dict(re.findall(r"^(\w+):[ \t]*(.*?)[ \t]*$", status.read_text(), re.M))
    return {name: " ".join(found[name].split()) for name in NO_CAPS | CONFINED}


def threads(pid):
    return [rights(task / "status") for task in pathlib.Path(f"/proc/{pid}/task").iterdir()]


def messages(exporter, text):
    return [line.split(" msg=", 1)[1].strip() for line in exporter.lines if text in line]


THREADS = 3  # the main one, that of the only address, and that of the deadlines


@test
def no_thread_has_a_right_left():
    root_only()
    exporter = Exporter("--by=comm,container")
    equal(threads(exporter.pid), [NO_CAPS | CONFINED] * THREADS, "threads")
    equal(messages(exporter, "right"),
          ['"rights given up" stages="no_new_privs, bounding set, user, capabilities, Landlock, '
           f'seccomp" kept=none landlock={landlock_version()}'], "log")
    equal(exporter.end(), 0, "exit status")


@test
def the_stages_end_where_they_are_told_to():
    root_only()
    given_up = "no_new_privs, bounding set, user, capabilities"
    for level, stages in (("caps", given_up), ("landlock", given_up + ", Landlock")):
        exporter = Exporter(f"--sandbox={level}")
        equal(threads(exporter.pid), [NO_CAPS | CONFINED | {"Seccomp": "0"}] * THREADS, level)
        version = landlock_version() if level == "landlock" else 0
        equal(messages(exporter, "right"),
              [f'"rights given up" stages="{stages}" kept=none landlock={version}'], "log")
        equal(exporter.end(), 0, "exit status")
    exporter = Exporter("--sandbox=none")
    equal({t["Uid"] for t in threads(exporter.pid)}, {"0 0 0 0"}, "uids")
    equal(messages(exporter, "right"), ['"all rights are kept" flag="--sandbox=none"'], "log")


@test
def what_cannot_be_given_up_is_named():
    root_only()
    need("setpriv")
    exporter = Exporter(prefix=("setpriv", "--bounding-set=-all,+bpf,+perfmon"))
    equal(messages(exporter, "a right is kept"), [
        '"a right is kept" right="supplementary groups" reason="no CAP_SETGID to leave them"',
        '"a right is kept" right="gid 0" reason="no CAP_SETGID to change it"',
        '"a right is kept" right="uid 0" reason="no CAP_SETUID to change it"'], "log")
    bounding = "000000c000000000"
    equal(threads(exporter.pid),
          [NO_CAPS | CONFINED | {"CapBnd": bounding, "Uid": "0 0 0 0", "Gid": "0 0 0 0",
                                 "Groups": rights(pathlib.Path("/proc/self/status"))["Groups"]}] * THREADS,
          "threads")
    Page(exporter.page()).check()
    equal(exporter.end(), 0, "exit status")


@test
def another_user_with_the_two_capabilities_loses_them():
    name = comm("user")
    exporter = Exporter("--trace-syscalls=kcmp", prefix=as_nobody("bpf", "perfmon"),
                        binary=binary_for_all())
    equal(threads(exporter.pid), [NO_CAPS | CONFINED | {"CapBnd": "000000c000000000"}] * THREADS,
          "threads")
    work(name, "kcmp=100")
    equal(Page(exporter.page()).calls(name, "kcmp"), 100, "calls")
    equal(exporter.end(), 0, "exit status")


@test_without_bpf
def one_page_is_all_that_is_said():
    for flags in (("--once",), ("--dump",)):
        status, _, err = exporter_once("--replay", example(), *flags)
        equal((status, err), (0, ""), "exit status and errors")


# ---- the opener

def opener_of(exporter):
    children = pathlib.Path(f"/proc/{exporter.pid}/task/{exporter.pid}/children").read_text()
    return [int(pid) for pid in children.split()]


@test_without_bpf
def without_a_file_to_read_again_there_is_no_opener():
    exporter = Exporter("--replay", example())
    equal(opener_of(exporter), [], "children")


@test_without_bpf
def the_opener_can_read_and_nothing_else_and_ends_with_the_exporter():
    root_only()
    file = File()
    exporter = Exporter("--replay", example(), file.flag)
    (pid,) = opener_of(exporter)
    read_search = f"{1 << 2:016x}"
    own = rights(pathlib.Path("/proc/self/status"))
    equal(threads(pid), [NO_CAPS | {"CapPrm": read_search, "CapEff": read_search, "Uid": "0 0 0 0",
                                    "Gid": "0 0 0 0", "Groups": own["Groups"], "NoNewPrivs": "1",
                                    "Seccomp": "2"}], "its rights")
    equal(sorted(int(fd.name) for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir()), [0, 1, 2],
          "its descriptors")
    true(os.readlink(f"/proc/{pid}/fd/0").startswith("socket:"), "what the first is")
    exporter.end(signal.SIGKILL)
    wait_for(lambda: not os.path.exists(f"/proc/{pid}"), "the opener's end")


@test_without_bpf
def a_file_that_only_root_can_read_is_read_again():
    root_only()
    file = File()
    file.path.parent.chmod(0o700)
    exporter = Exporter("--replay", example(), file.flag, top=None)
    for evicted, top in ((0, 2), (1, 1)):
        other = file.path.with_suffix(".new")  # as editors and Kubernetes do it
        other.write_text(f"comm.top={top}\n")
        other.chmod(0o600)
        other.rename(file.path)
        reload(exporter, RELOADED)
        equal(Page(exporter.page()).value("ior_series_evicted_total", reason="displaced"), evicted,
              "series displaced")
    equal(exporter.end(), 0, "exit status")


# ---- what is never refused

@test
def no_call_that_serving_takes_is_refused():
    """The tables of the filter and of the opener are complete, at least here."""
    need("strace")
    root_only()
    log = folder() / "strace"
    file = File(f"filter.comm={comm('strace')}", "filter.uid=0")
    exporter = Exporter(file.flag, "--by=comm,container", top=None,
                        prefix=("strace", "-f", "-qq", "-o", log))
    traced = child_of(exporter.pid)
    for n in range(3):
        Page(exporter.page()).check()
        os.kill(traced, signal.SIGHUP)
        wait_for(lambda: len(messages(exporter, RELOADED)) == n + 1, RELOADED)
    os.kill(traced, signal.SIGTERM)
    equal(exporter.wait(), 0, "exit status")
    lines = log.read_text().splitlines()
    sealed = next(n for n, line in enumerate(lines)
                  if re.match(rf"{traced} +seccomp\(SECCOMP_SET_MODE_FILTER", line))
    made = {re.sub(r"^\d+ +(<\.\.\. )?(\w+).*= -1 (\w+) .*$", r"\2 \3", line)
            for line in lines[sealed + 1:] if re.search(r"= -1 (EPERM|ENOSYS|EACCES) ", line)
            and "/proc/sys/vm/overcommit_memory" not in line}  # of malloc(3), which does without
    # of stdio, which does without
    equal(made - {"newfstatat EPERM", "fstat EPERM"}, set(), "calls refused")
