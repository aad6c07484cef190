#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two exporters, a Prometheus that scrapes them, and work whose truth is known, for the dashboards.

The exporters count only comms that begin with shop, in whatever case, so all figures are those of
this work. All of it is done between two scrapes that are a whole number of seconds apart:
increase() over that range estimates nothing, and each figure has one right value.
"""
import json
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
import run as suite  # noqa: E402
from harness import (Exporter, Process, Workload, equal, folder, free_port, reset,  # noqa: E402
                     run, said, wait_for, work)
from judges import judge  # noqa: E402

LEAST = 61      # seconds that are looked at; a column of a heatmap is of so many
WORK = 40       # seconds of work
IDLE = 8        # scrapes without work before it begins
PACE = 2        # seconds from the start of a round to that of the next
FILTER = "--filter.comm=[sS][hH][oO][pP]*"

# What each comm does in a round. Some differ in nothing but case, some are hostile.
DEEDS = {
    "shop-web": {"send50": 40, "read10": 30, "missing": 5, "nap": 1},
    "shop-Web": {"send50": 20, "read10": 10},
    "shop-WEB": {"send50": 10, "getppid": 50},
    "Shop-web": {"read10": 7, "write100": 3},
    "shop backup": {"sendfile1000": 25, "write100": 60},
    "shop db": {"read10": 80, "write100": 45, "nap": 1},
    'shop "q" it\'s': {"badclose": 9, "read10": 11},
    "shop\\a(b.c": {"kcmp": 4, "getppid": 13},
    "shop caf\u00e9": {"read10": 12, "write100": 6},
    "shop cafe": {"read10": 5, "write100": 2},
}
# command: [(family, syscall, bytes, errno)]
CALLS = {
    "getppid": [("Process", "getppid", 0, "")],
    "read10": [("FS", "read", 10, "")],
    "write100": [("FS", "write", 100, "")],
    "badclose": [("FS", "close", 0, "EBADF")],
    "missing": [("FS", "openat", 0, "ENOENT")],
    "kcmp": [("Process", "kcmp", 0, "ESRCH")],
    "send50": [("Network", "sendto", 50, ""), ("Network", "recvfrom", 50, "")],
    "sendfile1000": [("Network", "sendfile", 1000, "")],
    "nap": [("Time", "clock_nanosleep", 0, "")],
}
CONFIG = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [alert.yml]
scrape_configs:
  - job_name: ior
    static_configs:
      - {{targets: ['127.0.0.1:{one}'], labels: {{cluster: one}}}}
      - {{targets: ['127.0.0.1:{two}'], labels: {{cluster: two}}}}
  - job_name: another
    static_configs:
      - {{targets: ['127.0.0.1:{own}'], labels: {{cluster: one}}}}
      - {{targets: ['127.0.0.1:1'], labels: {{cluster: one}}}}
"""
ALERT = """
groups: [{name: demo, rules: [{alert: IorDemo, expr: 'ior_up == 1', labels: {severity: info}}]}]
"""


def label(comm):
    """A comm as the exporter shows it."""
    return comm.replace("\\", "\\\\")


def flags(deeds):
    return [f"naps={n}" if deed == "nap" else f"{deed}={n}" for deed, n in deeds.items()]


def one_round():
    for comm, deeds in DEEDS.items():
        work(comm, "nap=40", *flags(deeds))


def truth(rounds):
    """What was done in so many rounds: a list of counts by comm and call."""
    return [{"comm": label(comm), "family": family, "syscall": syscall, "calls": n * rounds,
             "bytes": size * n * rounds, "errno": errno, "errors": n * rounds if errno else 0}
            for comm, deeds in DEEDS.items() for deed, n in deeds.items()
            for family, syscall, size, errno in CALLS[deed]]


class Prometheus(Process):
    def __init__(self, one, two):
        where = folder()
        self.port = free_port()
        # it is no exporter of ours, nor is who does not answer: neither may show in a dashboard
        (where / "prometheus.yml").write_text(CONFIG.format(one=one, two=two, own=self.port))
        (where / "alert.yml").write_text(ALERT)
        self.url = f"http://127.0.0.1:{self.port}"
        super().__init__(judge("prometheus"), f"--config.file={where}/prometheus.yml",
                         f"--storage.tsdb.path={where}/data", "--log.level=warn",
                         f"--web.listen-address=127.0.0.1:{self.port}", cwd=where)

    def query(self, text):
        status, out, _ = run("curl", "-fsS", "-m", "10", "--retry", "20", "--retry-connrefused",
                             "--data-urlencode", f"query={text}", f"{self.url}/api/v1/query")
        equal(status, 0, f"query {text}")
        return json.loads(out)["data"]["result"]

    def samples(self, cluster):
        """(milliseconds, calls counted) of each scrape of an exporter."""
        found = self.query(f'ior_observations_total{{cluster="{cluster}"}}[10m]')
        return [(round(float(at) * 1000), float(value)) for series in found
                for at, value in series["values"]]

    def scrapes_of(self, cluster, calls, least=1):
        """Waits for so many scrapes in a row that show so many calls; returns when they were."""
        def find():
            time.sleep(0.2)  # only paces the asking
            last = self.samples(cluster)[-least:]
            return [at for at, seen in last if seen == calls][least - 1:] and [at for at, _ in last]
        try:
            return wait_for(find, f"{calls} calls of {cluster}")
        except AssertionError as wrong:
            seen = self.query('sum by (comm, syscall) (ior_syscall_duration_seconds_count'
                              f'{{cluster="{cluster}"}})')
            raise AssertionError(f"{wrong}; last {self.samples(cluster)[-3:]}: " + ", ".join(
                f"{one['metric']} {one['value'][1]}" for one in seen)) from wrong

    def window(self, starts, after):
        """Finds scrapes of both exporters that are the same whole number of seconds apart, one of
        starts and one with all done; returns the seconds, and when they ended by cluster."""
        def find():
            time.sleep(0.5)
            apart = {}
            for cluster in starts:
                apart[cluster] = {end - start: end for start in starts[cluster]
                                  for end, calls in self.samples(cluster)
                                  if calls == after[cluster] and (end - start) % 1000 == 0}
            both = sorted(ms for ms in set.intersection(*map(set, apart.values()))
                          if ms >= LEAST * 1000)
            if not both:
                return None
            return both[0] // 1000, {cluster: ends[both[0]] for cluster, ends in apart.items()}
        return wait_for(find, "scrapes that are whole seconds apart", 4 * LEAST)


def hang(comm):
    """A process inside of a read that does not return."""
    process = Workload(comm, "getppid=1", "hang=1")
    process.popen.stdin.write(b"go\n")
    process.popen.stdin.flush()
    return process


def build(into):
    """Sets everything up, does the work, and writes down what is true."""
    first = Exporter(FILTER, "--collector.gap", top=None)
    second = Exporter(FILTER, "--by=comm,container", top=None)
    prometheus = Prometheus(first.port, second.port)
    per_round = sum(entry["calls"] for entry in truth(1))

    # a round before it counts, so that every series is there; and a restart to be annotated
    one_round()
    prometheus.scrapes_of("one", per_round)
    prometheus.scrapes_of("two", per_round)
    second.end()
    second = Exporter(FILTER, "--by=comm,container", top=None,
                      address=f"127.0.0.1:{second.port}")
    prometheus.scrapes_of("two", 0)
    hang("shop hang")
    victim = hang("shop victim")
    one_round()
    before = {"one": 2 * per_round + 2, "two": per_round + 2}
    starts = {cluster: prometheus.scrapes_of(cluster, calls, IDLE)
              for cluster, calls in before.items()}

    began = time.monotonic()
    rounds = 0
    while time.monotonic() - began < WORK:
        one_round()
        rounds += 1
        if rounds == 5:
            victim.kill()
        time.sleep(max(0, began + rounds * PACE - time.monotonic()))  # spreads the work
    seconds, ends = prometheus.window(starts, {cluster: calls + rounds * per_round
                                               for cluster, calls in before.items()})
    into.write_text(json.dumps({"url": prometheus.url, "range": seconds, "ends": ends, "lost": 1,
                                "calls": truth(rounds)}, indent=1) + "\n")


def main():
    """world.py FILE COMMAND...: runs the command while the world of FILE is there."""
    into = pathlib.Path(sys.argv[1])
    suite.build_workload()
    suite.lock_machine()
    without_bpf = suite.reason_without_bpf()
    if without_bpf:
        print(f"SKIPPED all: {without_bpf}\ndashboards: 0 passed, 0 failed, 1 skipped")
        return 0
    try:
        began = time.monotonic()
        build(into)
        print(f"world: ready after {time.monotonic() - began:.0f} s", flush=True)
        return subprocess.run(sys.argv[2:], check=False).returncode
    except AssertionError as wrong:
        print(f"world: {wrong}\n{said()}", file=sys.stderr)
        return 1
    finally:
        reset()


if __name__ == "__main__":
    sys.exit(main())
