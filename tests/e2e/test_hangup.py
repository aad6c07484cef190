# SPDX-License-Identifier: Apache-2.0
"""SIGHUP of a terminal that is gone, against SIGHUP as a request."""
import fcntl
import os
import pty
import signal
import subprocess
import termios

from harness import (BINARY, Exporter, Process, comm, equal, need, test, test_without_bpf,
                     work)
from page import Page
from test_once import READ, Counting, example, wait_blocked
from test_reload import RELOADED, File, calls_of

NOTHING = '"nothing to read again without --config.file" signal=SIGHUP'


class Terminal:
    """A new terminal; what is started with its `session` has it for its own, and is who is told
    when it closes."""

    def __init__(self):
        self.master, self.slave = pty.openpty()
        self.session = {"start_new_session": True, "preexec_fn": self._take}

    def _take(self):
        fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)

    def close(self):
        os.close(self.slave)
        os.close(self.master)


def said_at_the_end(exporter):
    return [line.split("msg=")[1] for line in exporter.lines if "msg=stopping" in line]


@test_without_bpf
def a_terminal_that_closes_ends_an_exporter_without_a_file():
    terminal = Terminal()
    exporter = Exporter("--replay", example(), **terminal.session)
    terminal.close()
    equal((exporter.wait(), said_at_the_end(exporter)), (0, ["stopping signal=SIGHUP\n"]),
          "exit status and log")


@test_without_bpf
def a_terminal_that_closes_ends_one_that_waits_for_a_dump():
    terminal = Terminal()
    waiting = Process(BINARY, "--replay=-", "--web.listen-address=127.0.0.1:0",
                      stdin=subprocess.PIPE, **terminal.session)
    wait_blocked(waiting, READ)
    terminal.close()
    equal(waiting.wait(), -signal.SIGHUP, "exit status")


@test_without_bpf
def with_a_file_sighup_reloads_on_a_terminal_too():
    terminal, file = Terminal(), File()
    exporter = Exporter("--replay", example(), file.flag, top=None, **terminal.session)
    terminal.close()
    exporter.wait_line(RELOADED)
    Page(exporter.page()).check()
    equal(exporter.end(), 0, "exit status")


@test_without_bpf
def under_nohup_a_terminal_that_closes_is_only_noted():
    need("nohup")
    terminal = Terminal()
    exporter = Exporter("--replay", example(), prefix=("nohup",), **terminal.session)
    terminal.close()
    exporter.wait_line(NOTHING)
    Page(exporter.page()).check()
    equal(exporter.end(), 0, "exit status")


@test
def sighup_ends_a_count():
    for flag in ("--once", "--dump"):
        counting = Counting(flag)
        counting.popen.send_signal(signal.SIGHUP)
        out = counting.popen.stdout.read()
        equal((counting.wait(), out), (-signal.SIGHUP, b""), f"{flag}: exit status, output")


@test
def under_nohup_a_count_goes_on():
    need("nohup")
    name = comm("nohup")
    counting = Counting("--once", prefix=("nohup",))
    counting.popen.send_signal(signal.SIGHUP)
    work(name, "kcmp=123")
    equal(calls_of(Page(counting.result())).get(name), 123, "calls")
