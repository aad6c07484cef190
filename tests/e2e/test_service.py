# SPDX-License-Identifier: Apache-2.0
"""The exporter as a service: sockets from its manager, what it tells the manager, and its page."""
import base64
import hashlib
import html.parser
import re
import signal
import socket

from harness import BINARY, DEADLINE, Exporter, Process, equal, exporter_once, folder, test, \
    test_without_bpf, true
from test_once import example

HANDED_OVER = 'LISTEN_PID=$$ exec "$@" 3<&0'


class Manager:
    """Its end of NOTIFY_SOCKET."""

    def __init__(self, name):
        self.name = str(name)
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(self.name.replace("@", "\0", 1))
        self.sock.settimeout(DEADLINE)

    def told(self):
        return self.sock.recv(4096).decode()


# ---- sockets

def request_over(sock):
    with sock:
        sock.settimeout(DEADLINE)
        sock.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return sock.recv(4096).split(b"\r\n")[0]


def serve_on(listener, *flags):
    return Process("sh", "-c", HANDED_OVER, "sh", BINARY, "--web.systemd-socket", "--replay", example(),
                   *flags, env={"LISTEN_FDS": "1"}, stdin=listener)


@test_without_bpf
def it_serves_on_the_socket_of_its_manager():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        # a client that was there first
        client = socket.create_connection(("127.0.0.1", port))
        process = serve_on(listener, "--web.listen-address=127.0.0.1:1")
        equal(process.wait_line(r"msg=listening address=(\S+)").group(1), f"127.0.0.1:{port}", "address")
        equal(request_over(client), b"HTTP/1.1 200 OK", "answer")
        process.wait_line("msg=replaying")  # until then SIGTERM ends it as it ends any process
        equal(process.end(), 0, "exit status")


@test_without_bpf
def it_serves_on_a_unix_socket():
    path = folder() / "socket"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        process = serve_on(listener)
        equal(process.wait_line(r"msg=listening address=(\S+)").group(1), f"unix:{path}", "address")
        for _ in range(3):
            client = socket.socket(socket.AF_UNIX)
            client.connect(str(path))
            equal(request_over(client), b"HTTP/1.1 200 OK", "answer")
        process.wait_line("msg=replaying")
        equal(process.end(), 0, "exit status")


@test_without_bpf
def without_a_socket_it_says_so():
    status, out, err = exporter_once("--web.systemd-socket", "--replay", example())
    equal((status, out, err.count("\n")), (1, "", 1), "exit status, output, lines")
    true("LISTEN_FDS and LISTEN_PID are not set for this process" in err, err)
    # meant for another process
    status, out, err = exporter_once("--web.systemd-socket", "--replay", example(),
                                     env={"LISTEN_FDS": "1", "LISTEN_PID": "1"})
    equal((status, out, err.count("\n")), (1, "", 1), "exit status, output, lines")


# ---- notifications

@test_without_bpf
def its_manager_hears_when_it_is_ready_reloads_and_stops():
    for name in (folder() / "notify", f"@ior-e2e-{id(Manager)}"):
        manager = Manager(name)
        file = folder() / "flags"
        file.write_text("log.level=info\n")
        exporter = Exporter("--replay", example(), f"--config.file={file}", env={"NOTIFY_SOCKET": name})
        equal(manager.told(), "READY=1\nSTATUS=Replaying a dump.", "at the start")
        exporter.popen.send_signal(signal.SIGHUP)
        told = manager.told()
        true(re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=\d+", told), told)
        equal(manager.told(), "READY=1\nSTATUS=Replaying a dump.", "after the reload")
        equal(exporter.end(), 0, "exit status")
        equal(manager.told(), "STOPPING=1\nSTATUS=Stopping.", "at the end")


@test
def its_manager_hears_how_it_traces():
    manager = Manager(folder() / "notify")
    exporter = Exporter("--trace-syscalls=getpid", env={"NOTIFY_SOCKET": manager.name})
    mode, copies, kernel = re.search(r"mode=(\S+) copies=(\d+) kernel=(\S+)",
                                     "".join(exporter.lines)).groups()
    equal(manager.told(), f"READY=1\nSTATUS=Tracing by {mode} (copies: {copies}, kernel {kernel}).", "state")


@test_without_bpf
def its_manager_hears_that_it_lives():
    manager = Manager(folder() / "notify")
    Exporter("--replay", example(), "--interval=1h",
             env={"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "20000"})
    equal(manager.told(), "READY=1\nSTATUS=Replaying a dump.", "at the start")
    equal([manager.told() for _ in range(10)], ["WATCHDOG=1"] * 10, "then")


@test_without_bpf
def without_its_manager_it_serves_all_the_same():
    exporter = Exporter("--replay", example(), env={"NOTIFY_SOCKET": "/nonexistent"})
    exporter.wait_line("the service manager is not told")
    equal(exporter.request(path="/-/ready")[0], 200, "status")


# ---- the page at /

class Outline(html.parser.HTMLParser):
    """Tags that are open, and what is in the page."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.style, self.faults = [], [], "", []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}>")

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.style += data


@test_without_bpf
def its_page_is_whole_and_has_nothing_from_elsewhere():
    exporter = Exporter("--replay", example(), "--web.telemetry-path=/<m>&\"")
    _, headers, body = exporter.request(path="/")
    outline = Outline()
    outline.feed(body.decode())
    outline.close()
    equal((outline.faults, outline.open), ([], []), "tags that do not match")
    digest = base64.b64encode(hashlib.sha256(outline.style.encode()).digest()).decode()
    equal(headers["Content-Security-Policy"],
          f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
          "frame-ancestors 'none'", "policy")
    links = [attrs["href"] for tag, attrs in outline.seen if "href" in attrs]
    equal(links, ["/<m>&\"", "/-/healthy", "/-/ready"], "links")
    equal({tag for tag, _ in outline.seen},
          {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "ul", "li", "a", "table",
           "tr", "th", "td"}, "elements")
    equal([attrs for _, attrs in outline.seen if "src" in attrs or "style" in attrs], [], "assets")
    for path in links[1:]:
        equal(exporter.request(path=path)[0], 200, path)
