# SPDX-License-Identifier: Apache-2.0
"""`promtool check web-config` and the exporter judge the same files. That of Debian 12 knows neither
texts in the file itself, nor client_allowed_sans, nor rate_limit: it is not asked about these."""
from harness import equal, exporter_once, run, test_without_bpf
from judges import judge
from web import TLS, authority, bcrypt, with_tls

CA = "  client_ca_file: ca.pem\n"
VERIFY = "  client_auth_type: RequireAndVerifyClientCert\n"
USERS = "basic_auth_users:\n  a: "
HEADERS = "http_server_config:\n  headers:\n    "
SUITES = "  cipher_suites:\n  - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\n"

GOOD = ("", "{}", "# nothing\n", "basic_auth_users:\n", TLS, TLS + VERIFY, TLS + VERIFY + CA,
        TLS + "  client_auth_type: NoClientCert\n", TLS + "  client_auth_type: RequestClientCert\n",
        TLS + "  client_auth_type: RequireAnyClientCert\n",
        TLS + "  client_auth_type: RequireClientCert\n",
        TLS + "  client_auth_type: VerifyClientCertIfGiven\n" + CA,
        TLS + "  min_version: TLS13\n", TLS + "  min_version: TLS10\n  max_version: TLS11\n",
        TLS + SUITES, TLS + SUITES + "  max_version: TLS12\n  prefer_server_cipher_suites: no\n",
        TLS + "  curve_preferences: [CurveP256, CurveP384, CurveP521, X25519]\n",
        HEADERS + "X-Frame-Options: deny\n", HEADERS + "X-XSS-Protection: 1\n",
        HEADERS + "Content-Security-Policy: default-src 'self'\n",
        HEADERS + "X-Content-Type-Options: nosniff\n",
        HEADERS + "Strict-Transport-Security: max-age=1\n", HEADERS.replace(":\n    ", ": {}\n"),
        "http_server_config:\n  http2: false\n", "http_server_config:\n  http2: true\n",
        USERS + bcrypt("x", kind="2a"), USERS + bcrypt("x", kind="2b"),
        USERS + bcrypt("x", kind="2y"), TLS + USERS + bcrypt("x", 12),
        "tls_server_config: &a\n  cert_file: server.pem\n  key_file: 'server.key'\n")

BAD = ("junk", "- a\n", "a: b: c\n", "\tx: y\n", "{", "tls_server_config: yes\n",
       "tls_server_config:\n  cert_filse: server.pem\n", "other: {}\n",
       TLS + "  x: y\n", TLS + "  cert_file: server.pem\n", TLS + TLS,
       TLS.replace("server.pem", "''"), TLS.replace("server.key", "''"),
       TLS.replace("server.pem", "none.pem"), TLS.replace("server.key", "none.key"),
       TLS.replace("server.key", "other.key"), TLS.replace("server.pem", "web.yml"),
       "tls_server_config:\n  cert_file: server.pem\n", "tls_server_config:\n  key: x\n",
       "tls_server_config:\n  client_auth_type: RequestClientCert\n", TLS + CA,
       TLS + VERIFY + "  client_ca_file: none.pem\n", TLS + "  client_auth_type: Sometimes\n",
       TLS + "  min_version: TLS111\n", TLS + "  max_version: [TLS12]\n",
       TLS + SUITES.replace("384", "2048"), TLS + "  curve_preferences: [CurveP257]\n",
       TLS + "  prefer_server_cipher_suites: maybe\n", TLS + "  curve_preferences: {a: b}\n",
       HEADERS + "Content-Type: text/plain\n", HEADERS + "X-Frame-Options: foo\n",
       HEADERS + "X-Content-Type-Options: sniff\n", HEADERS + "x-frame-options: deny\n",
       "http_server_config:\n  http2: maybe\n", "http_server_config:\n  http3: true\n",
       USERS + "doe\n", USERS + "''\n", USERS + bcrypt("x").replace("$2b", "$3b"),
       USERS + bcrypt("x").replace("$04$", "$03$"), USERS + bcrypt("x").replace("$04$", "$xx$"),
       USERS + bcrypt("x") + "\n  a: " + bcrypt("y"))

# accepted by the toolkit, silently without what they ask for; README.md says why not here
STRICTER = ("tls_server_config: {}\n", "tls_server_config:\n  min_version: TLS13\n",
            TLS + "  min_version: TLS13\n  max_version: TLS12\n",
            TLS + SUITES.replace("RSA", "ECDSA") + SUITES.splitlines()[1].replace("256", "128")
            .replace("384", "256") + "\n",
            USERS + bcrypt("x").replace("$2b", "$2x"), USERS + bcrypt("x")[:-1] + "!",
            TLS + "---\nbasic_auth_users: {a: b}\n")


def verdicts(where, text):
    """(promtool accepts it, the exporter accepts it, what they said)."""
    path = where / "web.yml"
    path.write_text(text)
    theirs, out, err = run(judge("promtool"), "check", "web-config", path)
    # a dump that is none comes after the configuration and ends the exporter
    _, _, ours = exporter_once("--replay", "/dev/null", f"--web.config.file={path}",
                               "--web.listen-address=127.0.0.1:0")
    return theirs == 0, "--web.config.file" not in ours, f"{text!r}: {out}{err}{ours}"


def check(texts, theirs, ours):
    where = with_tls()
    authority(where, "other")
    for text in texts:
        promtool, exporter, said = verdicts(where, text)
        equal((promtool, exporter), (theirs, ours), said)


@test_without_bpf
def what_promtool_accepts_the_exporter_accepts():
    check(GOOD, True, True)


@test_without_bpf
def what_promtool_refuses_the_exporter_refuses():
    check(BAD, False, False)


@test_without_bpf
def what_would_silently_be_absent_only_the_exporter_refuses():
    check(STRICTER, True, False)
