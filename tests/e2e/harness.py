# SPDX-License-Identifier: Apache-2.0
"""What every test of the whole program uses: the exporter as a process, known workloads, and a
registry of tests.

A test is a function whose name is a sentence. It fails by an exception; then all that its processes
said is shown. It never sleeps for something to happen: it waits for the event, up to a deadline
that only a failure reaches.
"""
import contextlib
import glob
import http.client
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time

DEADLINE = 60  # seconds; far above what anything takes
HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("BUILD", "build")).resolve()
BINARY = BUILD / "ior_exporter"
WORKLOAD = BUILD / "tests/e2e/workload"

tests = []       # (function, needs the kernel's BPF)
_scratch = []    # closed after each test
_said = []       # (what, text or a file) of the running test


class Skip(Exception):
    """Raised by a test that can't run here; its text says why."""


def test(function):
    tests.append((function, True))
    return function


def test_without_bpf(function):
    tests.append((function, False))
    return function


# ---- one test's surroundings

def reset():
    """Ends what the last test left and forgets what was said."""
    while _scratch:
        _scratch.pop()()
    _said.clear()


def said():
    """All that the processes of this test said."""
    parts = []
    for what, text in _said:
        text = text() if callable(text) else text
        parts.append(f"--- {what}\n{text}")
    return "\n".join(parts)


def folder():
    """A new directory that others can read, removed with the test."""
    path = tempfile.mkdtemp(prefix="ior-e2e.")
    os.chmod(path, 0o755)
    _scratch.append(lambda: shutil.rmtree(path, ignore_errors=True))
    return pathlib.Path(path)


def comm(tag):
    """A comm that nobody else has, at most 15 bytes."""
    return f"ie{os.getpid() & 0xffffff:06x}-{tag}"[:15]


def equal(got, expected, what=""):
    if got != expected:
        raise AssertionError(f"{what}: got {got!r}, expected {expected!r}")


def true(condition, what):
    if not condition:
        raise AssertionError(what)


def wait_for(condition, what, deadline=DEADLINE):
    """Asks until the condition is true, and returns what it returned."""
    end = time.monotonic() + deadline
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(0.01)  # only paces the asking


def need(*tools):
    for tool in tools:
        if not shutil.which(tool):
            raise Skip(f"needs {tool}")


# ---- processes

def environment(**extra):
    """Ours without the exporter's variables. LeakSanitizer can't work under strace."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("IOR_")}
    env.setdefault("ASAN_OPTIONS", "detect_leaks=0")
    return env | extra


def run(*command, stdin=None, env=None, stdout=subprocess.PIPE, deadline=DEADLINE):
    """Runs a command to its end; returns (exit status, output, error output) as text."""
    command = [str(c) for c in command]
    done = subprocess.run(command, input=stdin, stdout=stdout, stderr=subprocess.PIPE,
                          env=environment(**(env or {})), timeout=deadline, check=False)
    out = (done.stdout or b"").decode("utf-8", "surrogateescape")
    err = done.stderr.decode("utf-8", "replace")
    _said.append((" ".join(command), f"{err}(exit status {done.returncode})"))
    return done.returncode, out, err


def as_nobody(*capabilities):
    """What to put before a command that shall have no more than these capabilities."""
    need("setpriv")
    if os.getuid():
        raise Skip("needs root, to give rights up")
    sets = ",".join(["-all", *(f"+{c}" for c in capabilities)])
    return ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", f"--inh-caps={sets}",
            f"--ambient-caps={sets}", f"--bounding-set={sets}")


def binary_for_all():
    """A copy of the exporter that every user can execute."""
    return pathlib.Path(shutil.copy(BINARY, folder()))


def exporter_once(*flags, **kwargs):
    return run(BINARY, *flags, **kwargs)


class Process:
    """A process in the background whose error output is kept by line."""

    def __init__(self, *command, env=None, **kwargs):
        command = [c if isinstance(c, bytes) else str(c) for c in command]
        self.popen = subprocess.Popen(command, stderr=subprocess.PIPE,
                                      env=environment(**(env or {})), **kwargs)
        self.lines = []
        self.more = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        _scratch.append(self.kill)
        _said.append((" ".join(map(str, command)), lambda: "".join(self.lines)))

    def _read(self):
        for line in self.popen.stderr:
            with self.more:
                self.lines.append(line.decode("utf-8", "replace"))
                self.more.notify_all()
        with self.more:
            self.lines.append("")
            self.more.notify_all()

    def wait_line(self, pattern):
        """Waits until a line of the error output matches; returns the match."""
        seen = 0
        end = time.monotonic() + DEADLINE
        while True:
            with self.more:
                while seen == len(self.lines):
                    if not self.more.wait(end - time.monotonic()):
                        raise AssertionError(f"no line {pattern!r}")
                line = self.lines[seen]
            seen += 1
            found = re.search(pattern, line)
            if found:
                return found
            if not line:
                raise AssertionError(f"ended without a line {pattern!r}")

    def wait(self):
        """Waits for the end; returns the exit status."""
        status = self.popen.wait(DEADLINE)
        self.reader.join(DEADLINE)
        return status

    def end(self, number=signal.SIGTERM):
        self.popen.send_signal(number)
        return self.wait()

    def kill(self):
        if self.popen.poll() is None:
            self.popen.kill()
        self.popen.wait()


class Exporter(Process):
    """The exporter, serving on a port of its own from the return of the constructor on."""

    def __init__(self, *flags, prefix=(), binary=BINARY, address="127.0.0.1:0", addresses=1,
                 top=0, **kwargs):
        if address:
            flags = (f"--web.listen-address={address}", *flags)
        # whatever else runs here, each comm has series of its own; None leaves it to a file
        tops = () if top is None else (f"--comm.top={top}",)
        super().__init__(*prefix, binary, "--max-age=0", *tops, *flags, **kwargs)
        self.wait_line(r"msg=(tracing|replaying)")
        self.ports = [int(port) for line in self.lines
                      for port in re.findall(r"msg=listening address=\S+:(\d+) ", line)]
        equal(len(self.ports), addresses, "listening addresses")
        self.port = self.ports[0]
        self.pid = self.popen.pid

    def request(self, method="GET", path="/metrics", host="127.0.0.1", context=None, headers=None):
        """Returns (status, headers, body)."""
        kind = http.client.HTTPSConnection if context else http.client.HTTPConnection
        extra = {"context": context} if context else {}
        with contextlib.closing(kind(host, self.port, timeout=DEADLINE, **extra)) as connection:
            connection.request(method, path, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()

    def page(self):
        """The text of /metrics."""
        status, _, body = self.request()
        equal(status, 200, "status of /metrics")
        return body.decode("utf-8")


def ssl_context(cafile):
    return ssl.create_default_context(cafile=str(cafile))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Workload(Process):
    """tests/e2e/workload.c, ready to begin."""

    def __init__(self, name, *commands):
        super().__init__(WORKLOAD, name, *commands, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        equal(self.popen.stdout.readline(), b"ready\n", "workload")

    def go(self):
        self.popen.stdin.write(b"go\n")
        self.popen.stdin.flush()
        equal(self.popen.stdout.readline(), b"done\n", "workload")
        return self

    def finish(self):
        self.popen.stdin.close()
        equal(self.wait(), 0, "exit status of the workload")


def work(name, *commands):
    """Makes the calls and returns when they are over."""
    Workload(name, *commands).go().finish()


# ---- what the kernel holds

OUR_PROGRAMS = re.compile("(sys_enter|sys_exit|raw_enter|raw_exit|tp_enter|tp_exit|process_exit|"
                          "process_exec|on_signal|in_flight|whoami)(_shared|_[0-7])?")


def loaded_programs():
    """Numbers of loaded BPF programs that have a name of ours, whoever's they are."""
    import json
    status, out, _ = run("tools/bpftool.sh", "-j", "prog", "list")
    equal(status, 0, "bpftool")
    return {p["id"] for p in json.loads(out) if OUR_PROGRAMS.fullmatch(p.get("name", ""))}


def held_programs():
    """Numbers of the BPF programs that some process holds a descriptor of."""
    held = set()
    for info in glob.glob("/proc/[0-9]*/fdinfo/*"):  # processes that end meanwhile are left out
        with contextlib.suppress(OSError):
            text = pathlib.Path(info).read_text()
            held.update(map(int, re.findall(r"^prog_id:\s*(\d+)", text, re.M)))
    return held


def wait_nothing_left(before):
    """Waits until no program is loaded that was not before and that no process holds."""
    wait_for(lambda: not (loaded_programs() - before - held_programs()),
             "the programs to be unloaded")
