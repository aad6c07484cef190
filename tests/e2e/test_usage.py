# SPDX-License-Identifier: Apache-2.0
"""Command lines and environments: what is refused, and with which words."""
import json
import os

from harness import (Exporter, as_nobody, binary_for_all, comm, equal, exporter_once, folder, run, test,
                     test_without_bpf, true, work)
from page import Page
from test_once import example

LISTEN = "--web.listen-address=127.0.0.1:0"

# Arguments, and words that the one line of the message has.
REFUSED = (
    (["--nonsense"], "unknown flag '--nonsense'", "--help"),
    (["--web.listen-adress=:1"], "did you mean web.listen-address"),
    (["argument"], "unexpected argument 'argument'"),
    (["--"], ""),
    (["--series.max"], "--series.max: needs a value"),
    (["--series.max=0"], "--series.max: '0' is not a number from 1 to"),
    (["--series.max=-1"], "--series.max: '-1'"),
    (["--series.max=1e3"], "--series.max: '1e3'"),
    (["--series.memory=1"], "--series.memory: '1' is out of range"),
    (["--series.memory=64Mb"], "--series.memory: '64Mb' is not a size"),
    (["--max-age=5"], "--max-age: '5' is not a duration"),
    (["--max-age=-5s"], "--max-age: '-5s' is not a duration"),
    (["--buckets.min=2s", "--buckets.max=1s"], "--buckets.min: is above --buckets.max"),
    (["--buckets.step=0"], "--buckets.step: '0'"),
    (["--once=html"], "--once: 'html' is none of"),
    (["--once", "--list"], "exclude each other"),
    (["--log.level=loud"], "--log.level: 'loud' is none of debug,info,warn,error"),
    (["--comm.source=me"], "--comm.source: 'me' is none of process,thread"),
    (["--attach=bogus"], "--attach: 'bogus' is none of auto,tp_btf,tracepoint,raw_tp"),
    (["--copies=9"], "--copies: '9' is not a number from 0 to 8"),
    (["--include-self=maybe"], "--include-self: 'maybe' is neither true nor false"),
    (["--web.listen-address=nonsense"], "is not HOST:PORT"),
    (["--web.listen-address=example.org:80"], "numeric host"),
    (["--web.listen-address=127.0.0.1:99999"], "is not HOST:PORT"),
    (["--web.listen-address=localhost", "--list"], "is not HOST:PORT"),
    (["--trace-families=a\nb\x1b[31m"], "unknown family 'a?b?[31m'"),
    (["--web.telemetry-path=/a?b"], "has a character that ends a path"),
    (["--web.telemetry-path=metrics"], "does not begin with /"),
    (["--web.telemetry-path=/healthz"], "is another page's path"),
    (["--trace-families=Tiem"], "unknown family 'Tiem', did you mean Time?"),
    (["--trace-families=Time,Poling"], "unknown family 'Poling', did you mean Polling"),
    (["--trace-families=Zzzzzzzz"], "unknown family 'Zzzzzzzz' (valid: "),
    (["--no-trace-families=Tiem"], "--no-trace-families: unknown family 'Tiem'"),
    (["--trace-kinds=fdd"], "unknown kind 'fdd', did you mean fd"),
    (["--trace-syscalls=opnat"], "unknown system call 'opnat', did you mean openat"),
    (["--comm.rewrite=abc"], "'abc': is not REGEX=>TEXT"),
    (["--comm.rewrite=(a=>x"], "--comm.rewrite: '(a=>x': Unmatched ("),
    (["--comm.rewrite=((a{1,20}){1,20}){1,20}=>x"], "it repeats more than 100 times"),
    (["--comm.rewrite=a=>\n"], "the text is too long or not printable"),
    (["--filter.comm=["], "--filter.comm: '[' has a [ without its ]"),
    (["--trace-syscalls=read", "--no-trace-syscalls=read"], "no system call is left to trace"),
)


@test_without_bpf
def bad_usage_is_one_line_and_exit_status_2():
    for flags, *words in REFUSED:
        status, out, err = exporter_once(*flags)
        equal((status, out, err.count("\n")), (2, "", 1), f"{flags}: status, output, lines")
        true(err.startswith("ior_exporter: "), err)
        for word in words:
            true(word in err, f"{flags}: {word!r} in {err!r}")


@test_without_bpf
def an_address_that_cannot_be_bound_is_a_failure():
    status, out, err = exporter_once("--web.listen-address=192.0.2.1:0")
    equal((status, out, err.count("\n")), (1, "", 1), "status, output, lines")
    true("listen on 192.0.2.1:0: Cannot assign requested address" in err, err)


@test_without_bpf
def what_cannot_be_read_is_a_failure_and_what_is_wrong_in_it_is_usage():
    here = folder()
    closed = here / "closed"
    closed.write_text("")
    closed.chmod(0)
    wrong = here / "wrong"
    wrong.write_text("nonsense\n")
    os.mkfifo(here / "pipe")
    nobody = as_nobody() if os.getuid() == 0 else ()
    binary = binary_for_all()
    for path, config, web, dump in (
            (here / "none", (1, "read {}: No such file or directory"), *twice(1, "No such file or directory")),
            (here, (1, "read {}: Is a directory"), *twice(1, "Is a directory")),
            (closed, (1, "read {}: Permission denied"), *twice(1, "Permission denied")),
            # something that has a line
            (wrong, (2, "{}:1: unknown flag 'nonsense'"), (2, "{}:1: the file is no mapping"),
             (1, "line 1 is not what --dump writes"))):
        for flags, (status, words) in (
                ((f"--config.file={path}", "--list"), config),
                ((f"--web.config.file={path}", "--probe"), web),
                ((f"--web.config.file={path}", "--replay=/dev/null", LISTEN), web),
                ((f"--replay={path}", "--once"), dump),
                ((f"--replay={path}", LISTEN), dump)):
            got, out, err = run(*nobody, binary, "--log.level=error", *flags)
            equal((got, out, err.count("\n")), (status, "", 1), f"{flags}: status, output, lines")
            true(words.format(path) in err, f"{flags}: {words!r} in {err!r}")
    equal(exporter_once(f"--config.file={here / 'pipe'}", "--list"),
          (1, "", f"ior_exporter: --config.file: {here / 'pipe'} is not a regular file\n"), "a pipe")


def twice(*expected):
    return expected, expected


@test_without_bpf
def one_dash_and_two_and_a_space_all_do():
    path = str(example())
    expected = exporter_once("--replay=" + path, "--dump")
    equal(expected[0], 0, "exit status")
    for flags in (("-replay", path, "-dump"), ("--replay", path, "--dump=true"),
                  ("-replay=" + path, "-dump=1", "-no-include-self")):
        equal(exporter_once(*flags), expected, f"{flags}")


@test_without_bpf
def the_environment_sets_flags():
    path = str(example())
    page = Page(exporter_once("--once", env={"IOR_REPLAY": path})[1])
    equal(page.calls("bash", "read"), 20, "calls")
    exporter = Exporter(address=None, addresses=2, env={
        "IOR_REPLAY": path,
        "IOR_WEB_LISTEN_ADDRESS": "127.0.0.1:0\n127.0.0.2:0",
        "IOR_WEB_TELEMETRY_PATH": "/other",
        "IOR_EXPORTER_PORT": "tcp://192.0.2.1:9435",  # Kubernetes makes such variables
        "IOR_LOG_LEVEL": "debug",
    })
    equal(exporter.request("GET", "/other")[0], 200, "the other path")
    exporter.wait_line(r"level=debug .*variable=IOR_EXPORTER_PORT$")
    true(not any("192.0.2.1" in line for line in exporter.lines), "its value is not logged")


@test_without_bpf
def a_flag_beats_the_environment():
    path = str(example())
    _, out, _ = exporter_once("--replay", path, "--once", "--no-trace-families=",
                              env={"IOR_NO_TRACE_FAMILIES": "FS", "IOR_REPLAY": "/nonexistent"})
    equal(Page(out).calls("bash", "read"), 20, "calls")
    _, out, _ = exporter_once("--replay", path, "--once", env={"IOR_NO_TRACE_FAMILIES": "FS"})
    equal(Page(out).calls("bash", "read"), None, "calls")


@test_without_bpf
def a_bad_value_in_the_environment_names_its_variable():
    status, out, err = exporter_once("--once", env={"IOR_SERIES_MAX": "many"})
    equal((status, out, err.count("\n")), (2, "", 1), "status, output, lines")
    true("IOR_SERIES_MAX: 'many' is not a number" in err, err)


@test
def the_environment_selects_what_is_traced():
    exporter = Exporter(env={"IOR_TRACE_SYSCALLS": "getppid"})
    name = comm("env")
    work(name, "getppid=50", "badclose=5")
    equal(Page(exporter.page()).syscalls_of(name), {"getppid"}, "calls")


@test_without_bpf
def log_lines_can_be_json():
    status, _, err = exporter_once("--log.format=json", "--log.level=debug", "--replay",
                                   example(), "--once", env={"IOR_STRANGE": "1"})
    equal(status, 0, "exit status")
    line, of_sandbox = map(json.loads, err.splitlines())
    equal((line["level"], line["variable"]), ("debug", "IOR_STRANGE"), "the line")
    equal((of_sandbox["level"], of_sandbox["msg"]), ("debug", "rights given up"), "the other")
