#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The sample workload of the demo: a few programs, comm demo-..., that do what programs do, at a
small share of a CPU. Network traffic is between them, on 127.0.0.1. Ends at SIGTERM."""
import contextlib
import ctypes
import os
import pathlib
import random
import select
import signal
import socket
import sys
import tempfile
import time

PR_SET_PDEATHSIG = 1
PAGES = 8


def nap(low_ms, high_ms):
    time.sleep(random.uniform(low_ms, high_ms) / 1000)


def database(folder):
    """Commits: an append and an fdatasync; and reads in between."""
    fd = os.open(folder / "log", os.O_RDWR | os.O_CREAT)
    while True:
        for at in range(256):
            os.pwrite(fd, os.urandom(random.choice((512, 4096, 65536))), at * 65536)
            os.fdatasync(fd)
            for _ in range(10):
                os.pread(fd, 4096, random.randrange(at + 1) * 65536)
            nap(20, 80)
        os.ftruncate(fd, 0)


def web(folder, listener):
    """Serves files by sendfile; some are asked for that are not there."""
    poll = select.epoll()
    poll.register(listener, select.EPOLLIN)
    while True:
        poll.poll()
        peer, _ = listener.accept()
        with peer:
            name = peer.recv(100).decode()
            try:
                with open(folder / name, "rb") as page:
                    os.sendfile(peer.fileno(), page.fileno(), 0, 1 << 20)
            except FileNotFoundError:
                peer.sendall(b"404")


def client(address):
    """Asks, reads all, and thinks."""
    while True:
        with socket.create_connection(address) as peer:
            peer.sendall(f"page{random.randrange(PAGES + 1)}".encode())
            while peer.recv(4096):
                pass
        nap(5, 60)


def backup(folder):
    """Walks over a tree and copies what it finds, every few seconds."""
    while True:
        with open(folder / "backup", "wb") as copy:
            for path in sorted(folder.glob("page*")):
                path.stat()
                with open(path, "rb") as page:
                    copy.write(page.read())
            os.fsync(copy.fileno())
        nap(1000, 3000)


def queue():
    """Waits for messages that are slow to come."""
    end, other = os.pipe()
    while True:
        select.select([end], [], [], random.uniform(0.05, 0.5))
        os.write(other, b"message")
        os.read(end, 7)


def troubled(folder):
    """Gets errors: a full disk, a missing file, a descriptor that is closed."""
    full = os.open("/dev/full", os.O_WRONLY)
    while True:
        for wrong in (lambda: os.write(full, b"x"), lambda: os.stat(folder / "nothing"),
                      lambda: os.close(-1)):
            with contextlib.suppress(OSError):
                wrong()
        nap(50, 200)


def start(name, function, *arguments):
    """A process of this name, which ends with ours."""
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == parent:
        pathlib.Path("/proc/self/comm").write_text(name)
        function(*arguments)
    os._exit(1)


def main():
    # a signal from now on waits until sigwait() asks for it
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD})
    with tempfile.TemporaryDirectory() as name, socket.create_server(("127.0.0.1", 0)) as listener:
        folder = pathlib.Path(name)
        for page in range(PAGES):
            (folder / f"page{page}").write_bytes(bytes(1 << (10 + page)))
        address = listener.getsockname()
        pids = [start(*what) for what in (
            ("demo-db", database, folder), ("demo-web", web, folder, listener),
            ("demo-client", client, address), ("demo client 2", client, address),
            ("demo-backup", backup, folder), ("demo-queue", queue),
            ("demo-troubled", troubled, folder))]
        print("begun", flush=True)
        got = signal.sigwait({signal.SIGTERM, signal.SIGINT, signal.SIGCHLD})
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        for pid in pids:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
    return 1 if got == signal.SIGCHLD else 0


if __name__ == "__main__":
    sys.exit(main())
