# SPDX-License-Identifier: Apache-2.0
"""A real Prometheus scrapes the exporter, and its queries give the known numbers."""
import contextlib
import json
import urllib.parse
import urllib.request

from harness import (Exporter, Process, Workload, comm, equal, folder, free_port, run, test, true,
                     wait_for, work)
from judges import judge
from page import without_comments
from test_once import dump_of

CONFIG = """
global:
  scrape_interval: 1s
{native}
scrape_configs:
  - job_name: live
    static_configs: [{{targets: ['127.0.0.1:{live}']}}]
  - job_name: replay
    static_configs: [{{targets: ['127.0.0.1:{replay}']}}]
"""


class Prometheus(Process):
    """With native histograms if asked for, by a flag or, from 3.8 on, in its configuration."""

    def __init__(self, live, replay, native=False, newer=False):
        where = folder()
        binary = judge("prometheus", newer)
        status, out, err = run(binary, "--version")
        equal(status, 0, "prometheus --version")
        version = (out + err).split("version ")[1].split(".")
        self.major, minor = int(version[0]), int(version[1])
        configured = (self.major, minor) >= (3, 8)
        config = where / "prometheus.yml"
        config.write_text(CONFIG.format(
            live=live, replay=replay,
            native=f"  scrape_native_histograms: {str(native).lower()}" if configured else ""))
        flags = ["--enable-feature=native-histograms"] if native and not configured else []
        self.port = free_port()
        super().__init__(binary, f"--config.file={config}", f"--storage.tsdb.path={where}/data",
                         f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn",
                         *flags, cwd=where)

    def query(self, text):
        """The result of an instant query; [] as long as nobody answers."""
        url = (f"http://127.0.0.1:{self.port}/api/v1/query?" +
               urllib.parse.urlencode({"query": text}))
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]["result"]
        return []

    def value(self, text):
        found = self.query(text)
        return float(found[0]["value"][1]) if found else None

    def wait_value(self, text, expected):
        wait_for(lambda: self.value(text) == expected, f"{text} == {expected}")

    def samples(self, series):
        """All (time, value) of a series."""
        found = self.query(series + "[10m]")
        equal(len(found), 1, f"series of {series}")
        return [(float(at), float(value)) for at, value in found[0]["values"]]

    def increase(self, series, first, last):
        """Increase from a sample to a later one. The range is as long as they are apart, so
        nothing is extrapolated; from 3.0 on it must be a bit longer, for it excludes its start."""
        range_ms = round((last - first) * 1000)
        asked_ms = range_ms + (1 if self.major >= 3 else 0)
        found = self.value(f"increase({series}[{asked_ms}ms] @ {last:.3f})")
        return round(found * range_ms / asked_ms, 6)


def selector(name, call, suffix="count"):
    return f'ior_syscall_duration_seconds_{suffix}{{job="live",comm="{name}",syscall="{call}"}}'


def scrapes_all_and_queries_are_exact(newer):
    name = comm("prom")
    live = Exporter()
    replay = Exporter("--replay", dump_of("getppid=3"))
    napper = Workload(name, "getppid=100", "read10=10", "nap=40", "naps=21").go()
    prometheus = Prometheus(live.port, replay.port, newer=newer)
    true((prometheus.major >= 3) or not newer, "the newer one is of 3.x")
    prometheus.wait_value(selector(name, "getppid"), 100)
    work(name, "getppid=12345", "read10=777", "badclose=55")
    prometheus.wait_value(selector(name, "getppid"), 12445)

    equal(prometheus.value('up{job="live"}'), 1, "up")
    equal(prometheus.value('up{job="replay"}'), 1, "up of the replay")
    prometheus.wait_value('scrape_samples_scraped{job="replay"}',
                          len(without_comments(replay.page())))

    for call, before, more in (("getppid", 100, 12345), ("read", 10, 777)):
        series = selector(name, call)
        samples = prometheus.samples(series)
        first = [at for at, value in samples if value == before][-1]
        last = [at for at, value in samples if value == before + more][0]
        equal(prometheus.increase(series, first, last), more, f"increase of {call}")

    median = prometheus.value(f'histogram_quantile(0.5, {selector(name, "clock_nanosleep", "bucket")})')
    true(0.03125 < median <= 0.0625, f"median of naps of 40 ms: {median}")
    average = prometheus.value(f'{selector(name, "clock_nanosleep", "sum")} / '
                               f'{selector(name, "clock_nanosleep")}')
    true(average >= 0.04, f"average of naps of 40 ms: {average}")
    equal(prometheus.value(f'sum by (wait) ({selector(name, "clock_nanosleep")} * on (syscall) '
                           'group_left (wait) ior_syscall_info{job="live"})'), 21, "join with info")
    napper.finish()
    equal(prometheus.end(), 0, "exit status of prometheus")


@test
def prometheus_scrapes_all_and_its_queries_are_exact():
    scrapes_all_and_queries_are_exact(newer=False)


@test
def a_newer_prometheus_scrapes_all_and_its_queries_are_exact():
    scrapes_all_and_queries_are_exact(newer=True)
