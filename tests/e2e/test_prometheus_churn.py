# SPDX-License-Identifier: Apache-2.0
"""What a real Prometheus stored of comms that come and go adds up to all calls, at each scrape."""
import random

from harness import Exporter, comm, equal, test, true, wait_for, work
from test_prometheus import Prometheus

ROUNDS = 25
SEED = 20261125
TOP = 8
CALLS = "ior_syscall_duration_seconds_count"
ALL = "ior_observations_total"


def by_scrape(prometheus, metric):
    """{time: {series: value}} of all that was stored."""
    scrapes = {}
    for series in prometheus.query(f'{metric}{{job="live"}}[10m]'):
        key = tuple(sorted(series["metric"].items()))
        for at, value in series["values"]:
            scrapes.setdefault(at, {})[key] = int(float(value))
    return scrapes


def check_each_scrape(prometheus):
    """From each scrape to the next, to the unit. Returns how many comms came in between."""
    counted, totals = by_scrape(prometheus, CALLS), by_scrape(prometheus, ALL)
    times = sorted(totals)
    came = 0
    for last, now in zip(times, times[1:]):
        before = counted[last]
        came += len(counted[now].keys() - before.keys())
        equal(sum(value - before.get(key, 0) for key, value in counted[now].items()),
              sum(totals[now].values()) - sum(totals[last].values()), f"from {last} to {now}")
    return times, came


@test
def prometheus_sums_over_a_churn_to_all_calls():
    choose = random.Random(SEED)
    crowd = [comm(f"{i:02d}") for i in range(40)]
    # a call that nobody else makes: what else runs here must not decide who has a place
    exporter = Exporter(f"--comm.top={TOP}", "--series.linger=3s", "--series.idle=0",
                        "--trace-syscalls=kcmp")
    for name in crowd[:TOP]:  # the places are taken, so that whoever comes is shown before it grows
        work(name, "kcmp=100")
    exporter.page()
    prometheus = Prometheus(exporter.port, exporter.port)
    scrapes = f'count_over_time({ALL}{{job="live"}}[10m])'
    for i in range(ROUNDS):
        names = choose.sample(crowd[i:i + 15], 6)
        work(names[0], *(word for name in names for word in
                         (f"as={name}", f"kcmp={choose.randrange(1, 2 ** choose.randrange(6, 16))}")))
        wait_for(lambda: (prometheus.value(scrapes) or 0) > i + 1, f"scrape {i + 2}")
    times, came = check_each_scrape(prometheus)
    true(came >= TOP // 2, f"{came} series came")
    print(f"     {came} series came", flush=True)

    # its own increase() scales each series to the ends of the range, and so is near only
    range_s = int(times[-1] - times[1]) + 1
    at = f"[{range_s}s] @ {times[-1]:.3f}"
    found = prometheus.value(f'sum(increase({CALLS}{{job="live"}}{at}))')
    total = prometheus.value(f'increase({ALL}{{job="live"}}{at})')
    true(0.9 < found / total < 1.1, f"sum(increase()) {found:.0f}, of all {total:.0f}")
    print(f"     sum(increase()) is {found / total:.4f} of increase({ALL}) over {range_s} s")
    equal(prometheus.end(), 0, "exit status of prometheus")
    equal(exporter.end(), 0, "exit status")
