# SPDX-License-Identifier: Apache-2.0
"""The web configuration is read again when a file changes, and at SIGHUP."""
import os
import shutil
import signal
import ssl
import threading

from harness import Exporter, equal, folder, test_without_bpf, true, wait_for
from page import Page
from test_once import example
from test_privileges import own_mounts
from web import (TLS, ask, authority, basic, bcrypt, certify, connect, context, get, outcome, start,
                 with_tls)

ME = basic("me", "secret")
RELOADED = 'msg="reloaded the web configuration"'
FAILED = 'level=error msg="reload the web configuration" err='


def serial(exporter, tls):
    """Of the server's certificate."""
    with connect(exporter, tls) as connection:
        connection.connect()
        return connection.sock.getpeercert()["serialNumber"]


def replace(where, *names):
    """As a careful operator does, or Kubernetes: each file at once."""
    for name in names:
        os.rename(where / f"new-{name}", where / name)


def wait_reloads(exporter, n):
    wait_for(lambda: sum(RELOADED in line for line in exporter.lines) >= n, f"{n} reloads")


def success(exporter, tls=None):
    """ior_config_last_reload_successful."""
    page = get(exporter, tls, path="/metrics")[2].decode()
    return Page(page).value("ior_config_last_reload_successful")


@test_without_bpf
def a_new_certificate_is_served_under_load_without_a_failed_request():
    where = with_tls()
    exporter = start(where, TLS)
    tls = context(where)
    stop, failures, done = threading.Event(), [], [0, 0]

    def load(keep, at):
        try:
            while not stop.is_set():
                with connect(exporter, tls) as connection:
                    for _ in range(keep):
                        equal(ask(connection)[0], 200, "status")
                        done[at] += 1
        except Exception as error:  # whatever it is
            failures.append(error)

    threads = [threading.Thread(target=load, args=args) for args in ((1, 0), (1, 0), (200, 1))]
    for thread in threads:
        thread.start()
    serials = {serial(exporter, tls)}
    for n in range(4):
        before = done[0]
        certify(where, "new-server", usage="serverAuth")
        replace(where, "server.key", "server.pem")
        if n % 2:
            exporter.popen.send_signal(signal.SIGHUP)
        new = wait_for(lambda: {serial(exporter, tls)} - serials, "the new certificate")
        serials |= new
        wait_for(lambda: done[0] > before + 20 or failures, "handshakes under load")
    stop.set()
    for thread in threads:
        thread.join()
    equal(failures, [], "failures under load")
    equal(len(serials), 5, "certificates")
    wait_for(lambda: success(exporter, tls) == 1, "the metric to tell")


@test_without_bpf
def a_bad_certificate_leaves_the_old_one_and_is_told():
    where = with_tls()
    exporter = start(where, TLS)
    tls = context(where)
    old = serial(exporter, tls)
    good = (where / "server.pem").read_bytes()
    (where / "server.pem").write_text("no certificate")
    exporter.wait_line(FAILED + ".*web.yml: certificate and key")
    wait_for(lambda: success(exporter, tls) == 0, "the metric to tell")
    equal(serial(exporter, tls), old, "the certificate")
    os.unlink(where / "server.pem")
    exporter.wait_line(FAILED + ".*web.yml:2: read .*server.pem: No such file or directory")
    equal(serial(exporter, tls), old, "the certificate")
    (where / "server.pem").write_bytes(good)
    exporter.wait_line(RELOADED)
    wait_for(lambda: success(exporter, tls) == 1, "the metric to tell")
    equal(serial(exporter, tls), old, "the certificate")


@test_without_bpf
def files_that_do_not_change_are_not_read_again():
    where = with_tls()
    exporter = start(where, TLS + "basic_auth_users:\n  me: " + bcrypt("secret") + "\n",
                     "--log.level=debug")
    tls = context(where)
    equal(get(exporter, tls, ME)[0], 200, "before")
    exporter.popen.send_signal(signal.SIGHUP)
    exporter.wait_line(RELOADED)
    equal(get(exporter, tls, ME)[0], 200, "afterwards")
    equal(exporter.end(), 0, "exit status")
    equal(sum(RELOADED in line for line in exporter.lines), 1, "reloads")
    equal(sum('msg="hashed a password"' in line for line in exporter.lines), 1, "hashes")


@test_without_bpf
def other_authorities_and_versions_are_for_new_connections():
    where = with_tls()
    authority(where, "other")
    certify(where, "one")
    certify(where, "two", by="other")
    text = TLS + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: clients.pem\n"
    shutil.copy(where / "ca.pem", where / "clients.pem")
    exporter = start(where, text)
    with connect(exporter, context(where, "one")) as kept:
        equal(ask(kept)[0], 200, "before")
        shutil.copy(where / "other.pem", where / "new-clients.pem")
        replace(where, "clients.pem")
        exporter.wait_line(RELOADED)
        (where / "new-web.yml").write_text(text + "  max_version: TLS12\n")
        replace(where, "web.yml")
        wait_reloads(exporter, 2)
        equal(ask(kept)[0], 200, "an open connection")
        equal(outcome(exporter, context(where, "one")), "TLSV1_ALERT_UNKNOWN_CA", "a new one")
        equal(outcome(exporter, context(where, "two")), 200, "of the other authority")
        with connect(exporter, context(where, "two")) as other:
            other.connect()
            equal(other.sock.version(), "TLSv1.2", "version")


@test_without_bpf
def the_machines_authorities_are_asked_after_a_reload_as_well():
    where = with_tls()
    certify(where, "client")
    (where / "web.yml").write_text(TLS + "  client_auth_type: RequireAndVerifyClientCert\n")
    machine = "/etc/ssl/certs/ca-certificates.crt"
    mounts = f"mount -t tmpfs none /etc/ssl\nmkdir /etc/ssl/certs\ncp '{where}/ca.pem' {machine}"
    exporter = Exporter("--replay", example(), f"--web.config.file={where}/web.yml",
                        prefix=own_mounts(mounts))
    for reloads in range(2):
        wait_reloads(exporter, reloads)
        equal(outcome(exporter, context(where, "client")), 200, "of the machine's")
        equal(outcome(exporter, context(where)), "TLSV13_ALERT_CERTIFICATE_REQUIRED", "none")
        exporter.popen.send_signal(signal.SIGHUP)
    equal(exporter.end(), 0, "exit status")


@test_without_bpf
def users_headers_and_rate_are_for_new_requests():
    where = folder()
    exporter = start(where, "basic_auth_users:\n  me: " + bcrypt("secret") + "\n")
    with connect(exporter) as connection:
        equal(ask(connection, ME)[0], 200, "before")
        (where / "new-web.yml").write_text(
            "basic_auth_users:\n  me: " + bcrypt("changed") + "\n"
            "http_server_config:\n  headers: {X-Frame-Options: deny}\n")
        replace(where, "web.yml")
        exporter.wait_line(RELOADED)
        equal(ask(connection, ME)[0], 401, "the old password")
        status, headers, _ = ask(connection, basic("me", "changed"))
        equal((status, headers["X-Frame-Options"]), (200, "deny"), "the new one")
        (where / "new-web.yml").write_text("rate_limit: {interval: 24h, burst: 1}\n")
        replace(where, "web.yml")
        wait_reloads(exporter, 2)
        equal([ask(connection)[0], ask(connection)[0]], [200, 429], "no users, and a rate")


@test_without_bpf
def a_mistake_or_tls_turned_off_is_told_and_changes_nothing():
    where = with_tls()
    exporter = start(where, TLS)
    tls = context(where)
    for text, words in (("basic_auth_users: {}\n", "web.yml: to turn TLS on or off needs a restart"),
                        (TLS + "  x: y\n", "web.yml:4: tls_server_config: unknown key 'x'")):
        (where / "new-web.yml").write_text(text)
        replace(where, "web.yml")
        exporter.wait_line(FAILED + ".*" + words)
        equal(get(exporter, tls)[0], 200, words)
    try:
        status = get(exporter)[0]
    except (OSError, ssl.SSLError):
        status = None
    except Exception as error:
        status = type(error).__name__
    true(status in (None, "BadStatusLine", "RemoteDisconnected"), f"without TLS: {status}")
