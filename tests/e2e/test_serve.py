# SPDX-License-Identifier: Apache-2.0
"""The server as a process: endpoints, signals, ports, and several exporters at once."""
import contextlib
import os
import re
import signal
import socket
import struct
import time

from harness import (BINARY, Exporter, Process, comm, equal, exporter_once, folder, free_port, need, test,
                     test_without_bpf, true, wait_for, work)
from page import Page, without_comments
from test_once import example

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"


# ---- endpoints

@test_without_bpf
def each_endpoint_answers_get_and_head():
    exporter = Exporter("--replay", example())
    for path, kind in (("/metrics", METRICS_TYPE), ("/", "text/html; charset=utf-8"),
                       ("/-/healthy", "text/plain; charset=utf-8"),
                       ("/-/ready", "text/plain; charset=utf-8"),
                       ("/healthz", "text/plain; charset=utf-8")):
        status, headers, body = exporter.request("GET", path)
        equal((status, headers["Content-Type"]), (200, kind), f"GET {path}")
        true(body, f"body of {path}")
        status, headers, body = exporter.request("HEAD", path)
        equal((status, headers["Content-Type"], body), (200, kind, b""), f"HEAD {path}")


@test_without_bpf
def other_methods_and_paths_are_refused():
    exporter = Exporter("--replay", example())
    for path in ("/nothing", "/metrics/", "/metric", "/-/", "/%2e%2e/etc/passwd"):
        equal(exporter.request("GET", path)[0], 404, f"GET {path}")
        equal(exporter.request("HEAD", path)[0], 404, f"HEAD {path}")
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"):
        for path in ("/metrics", "/", "/-/healthy"):
            status, headers, _ = exporter.request(method, path)
            equal((status, headers["Allow"]), (405, "GET, HEAD"), f"{method} {path}")
    Page(exporter.page()).check()


@test_without_bpf
def the_telemetry_path_can_be_moved():
    exporter = Exporter("--replay", example(), "--web.telemetry-path=/m")
    equal(exporter.request("GET", "/metrics")[0], 404, "the old path")
    status, headers, body = exporter.request("GET", "/m")
    equal((status, headers["Content-Type"]), (200, METRICS_TYPE), "the new path")
    Page(body.decode()).check()
    true(b'href="/m"' in exporter.request("GET", "/")[2], "link of the landing page")


@test_without_bpf
def localhost_is_served_on_both_families_and_one_port():
    exporter = Exporter("--replay", example(), address="localhost:0", addresses=2)
    equal(exporter.ports[0], exporter.ports[1], "ports")
    for host in ("127.0.0.1", "::1"):
        equal(exporter.request(host=host)[0], 200, host)


@test_without_bpf
def several_addresses_can_be_served():
    exporter = Exporter("--replay", example(), "--web.listen-address=127.0.0.2:0",
                        "--web.listen-address=[::1]:0", addresses=3)
    for host, port in zip(("127.0.0.1", "127.0.0.2", "::1"), exporter.ports):
        exporter.port = port
        equal(exporter.request(host=host)[0], 200, host)


# ---- probe

@test_without_bpf
def a_probe_tells_whether_an_exporter_runs():
    exporter = Exporter("--replay", example())
    address = f"--web.listen-address=127.0.0.1:{exporter.port}"
    equal(exporter_once("--probe", address), (0, "", ""), "probe of a running one")
    equal(exporter.end(), 0, "exit status")
    status, out, err = exporter_once("--probe", address)
    equal((status, out, err.count("\n")), (1, "", 1), "probe of a stopped one")
    true("Connection refused" in err, err)


# ---- signals

@test
def sigterm_and_sigint_end_it_within_a_second():
    for number in (signal.SIGTERM, signal.SIGINT):
        exporter = Exporter()
        with socket.create_connection(("127.0.0.1", exporter.port)):  # an idle client
            begin = time.monotonic()
            equal(exporter.end(number), 0, f"exit status after {number.name}")
            took = time.monotonic() - begin
        true(took < 1, f"{number.name}: took {took:.3f} s")


@test_without_bpf
def sigpipe_does_not_end_it():
    exporter = Exporter("--replay", example())
    exporter.popen.send_signal(signal.SIGPIPE)
    Page(exporter.page()).check()
    equal(exporter.end(), 0, "exit status")


def connected(port):
    """A connection, or None while nobody listens."""
    with contextlib.suppress(ConnectionRefusedError):
        return socket.create_connection(("127.0.0.1", port))
    return None


@test_without_bpf
def without_standard_error_no_client_gets_the_log():
    port = free_port()
    silent = Process("sh", "-c", 'exec "$@" 2>&-', "sh", BINARY, "--replay", example(),
                     f"--web.listen-address=127.0.0.1:{port}",
                     start_new_session=True)  # without a terminal SIGHUP is not the end
    with wait_for(lambda: connected(port), "the silent one") as client:
        request = b"GET /-/ready HTTP/1.1\r\nHost: x\r\n\r\n"

        def ready():
            client.sendall(request)
            return client.recv(4096).startswith(b"HTTP/1.1 200 ")

        wait_for(ready, "the end of the start")
        silent.popen.send_signal(signal.SIGHUP)
        client.sendall(request)
        true(client.recv(4096).startswith(b"HTTP/1.1 200 "), "the answer comes first")
        silent.popen.send_signal(signal.SIGTERM)
        equal((client.recv(4096), silent.wait()), (b"", 0), "what comes besides, exit status")


@test_without_bpf
def scrapes_that_do_not_read_do_not_take_memory_without_end():
    exporter = Exporter("--comm.top=0", "--replay", large_example())
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", exporter.port))
            client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            true(client.recv(100).startswith(b"HTTP/1.1 200 "), "begin of the answer")
        equal(exporter.request()[0], 503, "status while three pages are not read")
        equal(exporter.request(path="/-/healthy")[0], 200, "status of what needs no snapshot")
    wait_for(lambda: exporter.request()[0] == 200, "a page when they are gone")


def large_example():
    """A page of some megabytes, more than a socket takes at once."""
    rows = "".join(f"row\tcomm{i}\tread\t1\t1\t0\t0\t{i % 32}:1\n" for i in range(3000))
    path = folder() / "large"
    path.write_text(f"ior_exporter dump 1\n{rows}rows\t3000\t8192\nend\n")
    return path


@test_without_bpf
def clients_that_reset_in_mid_page_do_no_harm():
    exporter = Exporter("--comm.top=0", "--replay", large_example(), "--max-age=1h")  # of one snapshot
    for _ in range(50):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", exporter.port))
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        true(client.recv(100).startswith(b"HTTP/1.1 200 "), "begin of the answer")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()  # a reset, not an end
    page = Page(exporter.page())
    page.check()
    equal(len(page.of("ior_syscall_duration_seconds_count")), 3000, "series")
    fds = f"/proc/{exporter.pid}/fd"
    wait_for(lambda: not [fd for fd in os.listdir(fds) if fd_is_connection(f"{fds}/{fd}")],
             "the connections to be closed")
    equal(exporter.end(), 0, "exit status")


def fd_is_connection(path):
    """Is it a socket, and none that listens?"""
    try:
        inode = re.match(r"socket:\[(\d+)\]", os.readlink(path))
    except OSError:
        return False
    if not inode:
        return False
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in open(table).readlines()[1:]:
            fields = line.split()
            if fields[9] == inode.group(1):
                return fields[3] != "0A"  # LISTEN
    return False


# ---- several at once

@test
def a_second_exporter_on_the_port_gives_up_and_the_first_goes_on():
    name = comm("port")
    exporter = Exporter()
    work(name, "getppid=1000")
    status, out, err = exporter_once(f"--web.listen-address=127.0.0.1:{exporter.port}")
    equal((status, out, err.count("\n")), (1, "", 1), "exit status, output, lines of errors")
    true("Address already in use" in err and f":{exporter.port}" in err, err)
    work(name, "getppid=234")
    equal(Page(exporter.page()).calls(name, "getppid"), 1234, "calls")


@test
def two_exporters_at_once_are_both_exact():
    name = comm("two")
    one, two = Exporter(), Exporter("--trace-families=Process")
    work(name, "getppid=30000", "badclose=20")
    equal(one.end(), 0, "exit status of the first")
    three = Exporter()
    work(name, "getppid=5000")
    for exporter, calls in ((two, 35000), (three, 5000)):
        equal(Page(exporter.page()).calls(name, "getppid"), calls, "calls")


@test
def an_exporter_that_was_killed_leaves_nothing_behind():
    from harness import loaded_programs, wait_nothing_left
    before = loaded_programs()
    exporter = Exporter()
    true(loaded_programs() - before, "programs while it runs")
    exporter.end(signal.SIGKILL)
    wait_nothing_left(before)


# ---- what a scrape costs in calls

@test
def a_scrape_makes_no_bpf_call():
    need("strace")
    # these two collectors ask the kernel about more than the counters
    exporter = Exporter("--no-collector.bpf", "--no-collector.in-flight")
    log = folder() / "strace"
    tracer = Process("strace", "-f", "-o", log, "-p", str(exporter.pid))
    tracer.wait_line(r"Process \d+ attached")
    for _ in range(5):
        true(len(without_comments(exporter.page())) > 100, "a page")
    tracer.end(signal.SIGINT)
    calls = [match for line in log.read_text().splitlines()
             for match in re.findall(r"^\d+\s+(?:<\.\.\. )?(\w+)[( ]", line)]
    equal(calls.count("bpf"), 0, "bpf calls of five scrapes")
    true(calls.count("recvfrom") >= 5, f"strace saw the scrapes: {sorted(set(calls))}")


@test
def strace_sees_the_bpf_calls_of_a_start():
    """The control of the test above."""
    need("strace")
    log = folder() / "strace"
    exporter = Exporter(prefix=("strace", "-f", "-e", "trace=bpf", "-o", log))
    true(log.read_text().count("bpf(") > 10, "bpf calls")
    os.kill(child_of(exporter.pid), signal.SIGTERM)
    equal(exporter.wait(), 0, "exit status")


def child_of(pid):
    return int(open(f"/proc/{pid}/task/{pid}/children").read().split()[0])
