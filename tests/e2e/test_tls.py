# SPDX-License-Identifier: Apache-2.0
"""TLS by --web.config.file, in the format of Prometheus' exporter-toolkit."""
import http.client
import ssl

from harness import (Exporter, Skip, equal, exporter_once, folder, need, run, ssl_context,
                     test_without_bpf, true)
from page import Page
from test_once import example


def certificate(where, name="cert"):
    """Makes a certificate that signs itself, and its key."""
    need("openssl")
    status, _, _ = run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                       "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                       "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                       "-keyout", where / f"{name}.key", "-out", where / f"{name}.pem")
    equal(status, 0, "openssl")


def configure(text):
    """A folder with a certificate and a configuration; returns the configuration's path."""
    if "TLS:           yes" not in exporter_once("--version")[1]:
        raise Skip("this build has no TLS")
    where = folder()
    certificate(where)
    path = where / "web.yml"
    path.write_text(text)
    return path


GOOD = "tls_server_config:\n  cert_file: cert.pem\n  key_file: cert.key\n"


@test_without_bpf
def pages_are_served_over_tls():
    config = configure(GOOD)
    exporter = Exporter("--replay", example(), f"--web.config.file={config}")
    context = ssl_context(config.with_name("cert.pem"))
    for host in ("127.0.0.1", "localhost"):
        status, _, body = exporter.request(host=host, context=context)
        equal(status, 200, host)
        Page(body.decode()).check()
    true(any("tls=true" in line for line in exporter.lines), "the log says so")


@test_without_bpf
def a_probe_speaks_tls_where_the_exporter_does():
    config = configure(GOOD)
    tls = f"--web.config.file={config}"
    exporter = Exporter("--replay", example(), tls)
    for host in ("127.0.0.1", "localhost", ""):
        where = f"--web.listen-address={host}:{exporter.port}"
        equal(exporter_once("--probe", where, tls), (0, "", ""), f"probe of {where}")
    where = f"127.0.0.1:{exporter.port}"
    status, out, err = exporter_once("--probe", f"--web.listen-address={where}")
    equal((status, out), (1, ""), "probe without TLS")
    equal(err, f"ior_exporter: probe {where}: the answer is not a healthy exporter's\n", "its line")


@test_without_bpf
def a_probe_over_tls_of_an_exporter_without_is_a_failure():
    config = configure(GOOD)
    exporter = Exporter("--replay", example())
    where = f"127.0.0.1:{exporter.port}"
    status, out, err = exporter_once("--probe", f"--web.listen-address={where}",
                                     f"--web.config.file={config}")
    equal((status, out), (1, ""), "probe over TLS")
    equal(err, f"ior_exporter: probe {where}: the answer is not a healthy exporter's\n", "its line")


@test_without_bpf
def a_client_that_does_not_trust_the_certificate_or_speaks_no_tls_gets_nothing():
    config = configure(GOOD)
    certificate(config.parent, "other")
    exporter = Exporter("--replay", example(), f"--web.config.file={config}")
    try:
        exporter.request(context=ssl_context(config.with_name("other.pem")))
        raise AssertionError("a page under a foreign certificate")
    except ssl.SSLCertVerificationError:
        pass
    try:
        status, _, _ = exporter.request()
        raise AssertionError(f"an answer without TLS: {status}")
    except (http.client.HTTPException, OSError):
        pass
    equal(exporter.request(context=ssl_context(config.with_name("cert.pem")))[0], 200, "afterwards")


@test_without_bpf
def a_mistake_in_the_file_is_named_with_its_line():
    for text, line, words in (
            (GOOD + "basic_auth_users:\n  a: b\n", 5, "is no bcrypt hash"),
            (GOOD + "  min_version: TLS9\n", 4, "min_version: 'TLS9'"),
            ("tls_server_config:\n  cert_file: cert.pem\n", 2, "needs cert_file and key_file"),
            ("tls_server_config: yes\n", 1, "tls_server_config is no mapping"),
            ("# nothing\n- a\n", 2, "the file is no mapping"),
            (GOOD + "\tx: y\n", 4, "found a tab character"),
            (GOOD + GOOD, 4, "'tls_server_config' is given twice")):
        config = configure(text)
        status, out, err = exporter_once("--replay", example(), f"--web.config.file={config}",
                                         "--web.listen-address=127.0.0.1:0")
        equal((status, out, err.count("\n")), (2, "", 1), f"{text!r}: status, output, lines")
        true(f"{config}:{line}: " in err and words in err, f"{text!r}: {err}")


@test_without_bpf
def certificates_that_are_no_good_are_a_failure():
    config = configure(GOOD)
    certificate(config.parent, "other")
    for text, words, expected in (
            (GOOD.replace("cert.key", "other.key"), "(do they match?)", 2),
            (GOOD.replace("cert.pem", "web.yml"), "certificate and key", 2),
            (GOOD.replace("cert.pem", "none.pem"), "No such file", 1)):
        config.write_text(text)
        status, out, err = exporter_once("--replay", example(), f"--web.config.file={config}",
                                         "--web.listen-address=127.0.0.1:0")
        equal((status, out, err.count("\n")), (expected, "", 1), f"{text!r}: status, output, lines")
        true(words in err, f"{text!r}: {err}")
