# SPDX-License-Identifier: Apache-2.0
"""Passwords, headers and the rate limit of the web configuration."""
import concurrent.futures
import contextlib
import re
import resource
import socket

from harness import Exporter, equal, exporter_once, folder, test_without_bpf, true
from page import Page
from test_once import example
from web import ask, basic, bcrypt, connect, get, start

ME = basic("me", "secret")
REALM = 'Basic realm="ior_exporter"'
SLOW = 9  # a cost of some 30 ms: longer than it takes to send all requests


def users(**hashes):
    return "basic_auth_users:\n" + "".join(f"  {name}: {h}\n" for name, h in hashes.items())


def check_hashes(exporter, expected):
    """Ends the exporter, and counts the passwords that it hashed."""
    equal(exporter.end(), 0, "exit status")
    equal(sum('msg="hashed a password"' in line for line in exporter.lines), expected, "hashes")


@test_without_bpf
def a_page_needs_the_right_name_and_password():
    for kind in "2a", "2b", "2y":
        exporter = start(folder(), users(me=bcrypt("secret", kind=kind), you=bcrypt("other")))
        for headers, expected in (({}, 401), (ME, 200), (basic("me", "wrong"), 401),
                                  (basic("you", "secret"), 401), (basic("you", "other"), 200),
                                  (basic("them", "secret"), 401), (basic("me", ""), 401),
                                  (basic("me", "secret\0"), 401), (basic("", "secret"), 401),
                                  ({"Authorization": "Basic"}, 401),
                                  ({"Authorization": "Basic !!!!"}, 401),
                                  ({"Authorization": ME["Authorization"].replace(" ", "  ")}, 401),
                                  ({"Authorization": ME["Authorization"].replace("B", "b")}, 200),
                                  ({"Authorization": "Bearer " + ME["Authorization"][6:]}, 401),
                                  (ME, 200)):
            status, got, body = get(exporter, headers=headers)
            equal((status, got["WWW-Authenticate"], body),
                  (200, None, b"Healthy.\n") if expected == 200 else
                  (401, REALM, b"Unauthorized.\n"), f"{kind}: {headers}")
        equal(exporter.end(), 0, "exit status")


@test_without_bpf
def every_path_and_method_is_protected():
    exporter = start(folder(), users(me=bcrypt("secret")))
    for path in "/", "/metrics", "/-/healthy", "/healthz", "/-/ready", "/nowhere":
        for method in "GET", "HEAD", "POST", "DELETE":
            equal(get(exporter, path=path, method=method)[0], 401, f"{method} {path}")
    for method, path, expected in (("GET", "/", 200), ("HEAD", "/metrics", 200),
                                   ("GET", "/nowhere", 404), ("POST", "/metrics", 405)):
        equal(get(exporter, path=path, method=method, headers=ME)[0], expected, path)
    Page(get(exporter, path="/metrics", headers=ME)[2].decode()).check()


@test_without_bpf
def a_password_is_hashed_once_however_many_bring_it():
    exporter = start(folder(), users(me=bcrypt("secret", SLOW)), "--log.level=debug")
    claims = ((ME, 200), (basic("me", "wrong"), 401), (basic("them", "x"), 401))
    for headers, status in claims:
        with concurrent.futures.ThreadPoolExecutor(100) as pool:
            got = list(pool.map(lambda _: get(exporter, headers=headers)[0], range(100)))
        equal(got, [status] * 100, "100 at once")
    for headers, status in claims:
        with connect(exporter) as connection:
            equal([ask(connection, headers)[0] for _ in range(100)], [status] * 100, "one by one")
    check_hashes(exporter, len(claims))


@test_without_bpf
def while_a_password_is_hashed_others_are_answered():
    exporter = start(folder(), users(me=bcrypt("secret"), slow=bcrypt("secret", 13)))
    equal(get(exporter, headers=ME)[0], 200, "the first")
    with concurrent.futures.ThreadPoolExecutor(1) as pool, connect(exporter) as connection:
        slow = pool.submit(get, exporter, headers=basic("slow", "secret"))
        answered = 0
        while not slow.done():
            equal(ask(connection, ME)[0], 200, "meanwhile")
            answered += 1
        equal(slow.result()[0], 200, "the slow one")
    true(answered > 20, f"{answered} answers meanwhile")


@test_without_bpf
def wrong_passwords_cannot_push_a_right_one_out():
    exporter = start(folder(), users(me=bcrypt("secret")), "--log.level=debug")
    with connect(exporter) as connection:
        equal(ask(connection, ME)[0], 200, "the first")
        for i in range(1500):  # more than are remembered
            equal(ask(connection, basic("me", f"wrong{i}"))[0], 401, "a wrong one")
        equal(ask(connection, ME)[0], 200, "the right one")
        equal(ask(connection, basic("me", "wrong1499"))[0], 401, "one that is remembered")
    check_hashes(exporter, 1501)


@test_without_bpf
def too_many_passwords_at_once_are_turned_away():
    exporter = start(folder(), users(me=bcrypt("secret", 11)), "--log.level=debug")
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        got = list(pool.map(lambda i: get(exporter, headers=basic("me", f"wrong{i}"))[0],
                            range(40)))
    refused = got.count(503)
    true(refused and set(got) == {401, 503}, f"statuses {got}")
    equal(get(exporter, headers=ME)[0], 200, "afterwards")
    check_hashes(exporter, 40 - refused + 1)


@test_without_bpf
def requests_that_wait_for_a_hash_keep_nobody_out():
    """More than there are connections, of somebody who knows no password."""
    exporter = start(folder(), users(me=bcrypt("secret"),
                                     slow=bcrypt("secret").replace("$04$", "$22$")))  # minutes
    equal(get(exporter, headers=ME)[0], 200, "the first")
    claim = basic("slow", "x")["Authorization"]
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.ExitStack() as clients:
        clients.callback(resource.setrlimit, resource.RLIMIT_NOFILE, limits)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
        for _ in range(1000):
            client = clients.enter_context(socket.create_connection(("127.0.0.1", exporter.port)))
            with contextlib.suppress(ConnectionError):  # it has to go for another
                client.sendall(f"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: {claim}\r\n\r\n".encode())
        for _ in range(10):
            equal(get(exporter, headers=ME)[0], 200, "beside them")
        equal(exporter.end(), 0, "exit status")


@test_without_bpf
def an_exporter_stops_at_once_while_a_password_is_hashed():
    exporter = start(folder(), users(me=bcrypt("secret").replace("$04$", "$22$")),
                     "--log.level=debug")  # minutes
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(get, exporter, headers=ME)
        exporter.wait_line('msg="hashing a password"')
        equal(exporter.end(), 0, "exit status")
        true(waiting.exception() is not None or waiting.result()[0] == 503, "no page")


@test_without_bpf
def a_probe_finds_an_exporter_alive_that_wants_a_password():
    exporter = start(folder(), users(me=bcrypt("secret")) + "rate_limit: {interval: 24h, burst: 1}\n")
    for what in "401", "429":
        equal(exporter_once("--probe", f"--web.listen-address=127.0.0.1:{exporter.port}"),
              (0, "", ""), what)
    equal(get(exporter)[0], 429, "it was 429")


@test_without_bpf
def headers_are_on_each_response_and_not_twice():
    exporter = start(folder(), users(me=bcrypt("secret")) + """
http_server_config:
  http2: false
  headers:
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection: 1
    Content-Security-Policy: "default-src 'self' *.example.net"
    Strict-Transport-Security: max-age=31536000; includeSubDomains
""")
    expected = {"X-Frame-Options": "deny", "X-Content-Type-Options": "nosniff",
                "X-XSS-Protection": "1",
                "Content-Security-Policy": "default-src 'self' *.example.net",
                "Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
    for status, path, method, headers in ((200, "/metrics", "GET", ME), (200, "/", "HEAD", ME),
                                          (404, "/no", "GET", ME), (405, "/", "POST", ME),
                                          (401, "/", "GET", {})):
        got_status, got, _ = get(exporter, headers=headers, path=path, method=method)
        equal(got_status, status, path)
        equal({name: got.get_all(name) for name in expected},
              {name: [value] for name, value in expected.items()}, f"{method} {path}")


@test_without_bpf
def a_header_that_is_blank_is_not_sent():
    exporter = start(folder(), "http_server_config:\n  headers: {Content-Security-Policy: ''}\n")
    got = get(exporter)[1]
    equal((got.get_all("Content-Security-Policy"), got.get_all("X-Content-Type-Options")),
          (None, ["nosniff"]), "headers")


@test_without_bpf
def requests_above_the_rate_are_refused():
    exporter = start(folder(), "rate_limit:\n  interval: 24h\n  burst: 3\n")
    got = [get(exporter)[0] for _ in range(5)]
    equal(got, [200, 200, 200, 429, 429], "statuses")
    equal(get(exporter)[2], b"Too many requests.\n", "body")


@test_without_bpf
def no_secret_is_ever_logged():
    secret = bcrypt("secret")
    where = folder()
    exporter = start(where, users(me=secret), "--log.level=debug")
    for headers in ME, basic("me", "secret2"), basic("secret3", "secret4"):
        get(exporter, headers=headers)
    (where / "web.yml").write_text("basic_auth_users:\n  me: secret\n")
    exporter.wait_line("reload the web configuration")
    equal(exporter.end(), 0, "exit status")
    said = "".join(exporter.lines)
    true("me' is no bcrypt hash" in said, said)
    for word in "secret", secret[-20:], ME["Authorization"][6:]:
        true(word not in said, f"{word!r} in {said}")


@test_without_bpf
def http2_is_warned_of():
    where = folder()
    for text, warned in (("http2: true", True), ("http2: false", False), ("headers: {}", False)):
        exporter = start(where, f"http_server_config: {{{text}}}\n")
        equal(exporter.end(), 0, "exit status")
        equal(any(re.search("level=warn.*HTTP/2 is not served", line) for line in exporter.lines),
              warned, text)


@test_without_bpf
def without_a_web_configuration_nothing_is_asked():
    exporter = Exporter("--replay", example())
    equal(get(exporter, headers=basic("any", "one"))[0], 200, "status")
