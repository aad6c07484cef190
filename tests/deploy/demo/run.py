# SPDX-License-Identifier: Apache-2.0
"""tools/demo.sh: a Prometheus with the shipped configuration scrapes the running exporter and sees
the workload; at Ctrl-C all of it ends and nothing is left."""
import contextlib
import fcntl
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "tests/e2e"))

from harness import equal, free_port, true, wait_for  # noqa: E402, found by the line above

PROGRAMS = {"demo-db", "demo-web", "demo-client", "demo client 2", "demo-backup", "demo-queue",
            "demo-troubled"}


# a shell's background job ignores it, and then no shell below can trap it
signal.signal(signal.SIGINT, signal.default_int_handler)


class Demo:
    """tools/demo.sh in a process group of its own, as a terminal has it, and with a folder for all
    that it writes."""

    def __init__(self, scratch, exporter_port, prometheus_port):
        self.scratch, self.port = scratch, prometheus_port
        self.popen = subprocess.Popen(
            # places for all, whatever else runs here
            ["tools/demo.sh", "--comm.top=0"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True, text=True,
            env=os.environ | {"TMPDIR": str(scratch), "EXPORTER_PORT": str(exporter_port),
                              "PROMETHEUS_PORT": str(prometheus_port)})
        self.said = []

    def wait_line(self, part):
        for line in self.popen.stdout:
            self.said.append(line)
            if part in line:
                return
        raise AssertionError(f"ended without {part!r}: {''.join(self.said)}")

    def query(self, text):
        url = (f"http://localhost:{self.port}/api/v1/query?" +
               urllib.parse.urlencode({"query": text}))
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]["result"]
        return []

    def processes(self):
        """Those of its session."""
        found = set()
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = stat.read_text().rpartition(")")[2].split()
                if int(fields[3]) == self.popen.pid and fields[0] != "Z":
                    found.add(int(stat.parent.name))
        return found

    def interrupt(self):
        """Ctrl-C: the whole group gets it. Returns the exit status."""
        os.killpg(self.popen.pid, signal.SIGINT)
        self.said += self.popen.stdout.readlines()
        return self.popen.wait(60)

    def kill(self):
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.popen.wait()


@contextlib.contextmanager
def demo(*ports):
    with tempfile.TemporaryDirectory() as scratch:
        it = Demo(pathlib.Path(scratch), *ports)
        try:
            yield it
        finally:
            it.kill()


def nothing_is_left(it):
    equal(it.processes(), set(), "processes left")
    equal(list(it.scratch.iterdir()), [], "files left")


def runs_and_ends_at_control_c():
    exporter, prometheus = free_port(), free_port()
    with demo(exporter, prometheus) as it:
        it.wait_line("Ctrl-C ends it")
        links = [line.split()[-1] for line in it.said if "http://" in line]
        equal(len(links), 8, "links")
        wait_for(lambda: [one["value"][1] for one in it.query('up{job="ior"}')] == ["1"], "up 1")
        wait_for(lambda: {one["metric"]["comm"] for one in it.query(
            'group by (comm) (ior_syscall_duration_seconds_count{comm=~"demo[- ][^.]*"})')}
            == PROGRAMS, "each program of the workload")
        expressions = [urllib.parse.parse_qs(urllib.parse.urlparse(link).query)["g0.expr"][0]
                       for link in links if "expr=" in link]
        equal(len(expressions), 4, "queries")
        for expression in expressions:
            wait_for(lambda text=expression: it.query(text), f"figures of {expression}")
        for link in links:
            with urllib.request.urlopen(link, timeout=10) as answer:
                true(len(answer.read()) > 1000, f"a page at {link}")
        true(len(it.processes()) >= 10, "processes while it runs")
        equal(it.interrupt(), 0, f"exit status: {''.join(it.said)}")
        nothing_is_left(it)


def configuration_is_the_shipped_one_but_for_the_port():
    shipped = (ROOT / "deploy/prometheus/prometheus.yml").read_text()
    exporter = free_port()
    with demo(exporter, free_port()) as it:
        it.wait_line("Ctrl-C ends it")
        used, = it.scratch.glob("*/prometheus.yml")
        equal(used.read_text().replace(f"localhost:{exporter}", "localhost:9435"), shipped,
              "configuration")
        equal(it.interrupt(), 0, "exit status")


def a_port_that_is_taken_is_named():
    for which in ("exporter", "prometheus"):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            ports = {"exporter": free_port(), "prometheus": free_port()}
            ports[which] = taken.getsockname()[1]
            with demo(*ports.values()) as it:
                it.wait_line(f"demo: the {which} ended:")
                it.wait_line(f"{ports[which]}")
                it.said += it.popen.stdout.readlines()
                equal(it.popen.wait(60), 1, "exit status")
                nothing_is_left(it)


def lock_machine():
    """Shared with the tests of the kernel, which would see our programs and calls."""
    machine = os.open("/sys/kernel", os.O_RDONLY)
    try:
        fcntl.flock(machine, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("demo: waiting for another suite to end", flush=True)
        fcntl.flock(machine, fcntl.LOCK_EX)
    return machine


def main():
    if os.getuid():
        print("skipped demo: the demo itself: needs root")
        return
    machine = lock_machine()
    for check in (runs_and_ends_at_control_c, configuration_is_the_shipped_one_but_for_the_port,
                  a_port_that_is_taken_is_named):
        name = check.__name__.replace("_", " ")
        try:
            check()
            print(f"passed demo: {name}", flush=True)
        except Exception as failure:  # whatever it is, it is this check's failure
            print(f"{failure!r}\nfailed demo: {name}", flush=True)
    os.close(machine)


main()
