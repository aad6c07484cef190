# SPDX-License-Identifier: Apache-2.0
"""Client certificates, by client_auth_type."""
import ssl
import warnings

from harness import equal, exporter_once, run, test_without_bpf, true
from web import TLS, authority, certify, context, get, outcome, start, with_tls

warnings.filterwarnings("ignore", category=DeprecationWarning)  # of old versions of TLS

REQUIRED = "TLSV13_ALERT_CERTIFICATE_REQUIRED"
UNKNOWN = "TLSV1_ALERT_UNKNOWN_CA"
EXPIRED = "SSLV3_ALERT_CERTIFICATE_EXPIRED"
BAD = "SSLV3_ALERT_BAD_CERTIFICATE"

CA = "  client_ca_file: ca.pem\n"


def clients():
    """A folder with clients' certificates of every kind."""
    where = with_tls()
    authority(where, "other")
    certify(where, "good", san="DNS:prometheus")
    certify(where, "foreign", by="other", san="DNS:prometheus")
    certify(where, "expired", san="DNS:prometheus", dates=("-days", "-1"))
    certify(where, "unfit", san="DNS:prometheus", usage="serverAuth")
    certify(where, "renamed", san="DNS:prometheus.evil")
    return where


ALL = (None, "good", "foreign", "expired", "unfit", "renamed")


def outcomes(text, who=ALL):
    where = clients()
    exporter = start(where, TLS + text)
    found = {}
    for version in ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3:
        got = {name: outcome(exporter, context(where, name, version=version)) for name in who}
        equal(found or got, got, "outcomes by version of TLS")
        found = got
    return tuple(found[name] for name in who)


@test_without_bpf
def without_client_auth_type_no_certificate_is_asked_for():
    equal(outcomes(""), (200,) * 6)
    equal(outcomes("  client_auth_type: NoClientCert\n"), (200,) * 6)


@test_without_bpf
def a_certificate_that_is_only_requested_may_be_any_or_none():
    equal(outcomes("  client_auth_type: RequestClientCert\n" + CA), (200,) * 6)


@test_without_bpf
def any_certificate_is_enough_where_any_is_required():
    equal(outcomes("  client_auth_type: RequireAnyClientCert\n"), (REQUIRED,) + (200,) * 5)


@test_without_bpf
def a_certificate_that_is_given_must_be_good_where_it_is_verified():
    equal(outcomes("  client_auth_type: VerifyClientCertIfGiven\n" + CA),
          (200, 200, UNKNOWN, EXPIRED, BAD, 200))


@test_without_bpf
def a_good_certificate_is_needed_where_it_is_required_and_verified():
    equal(outcomes("  client_auth_type: RequireAndVerifyClientCert\n" + CA),
          (REQUIRED, 200, UNKNOWN, EXPIRED, BAD, 200))


@test_without_bpf
def only_listed_names_are_let_in():
    names = "  client_allowed_sans: [no-one, prometheus]\n"
    equal(outcomes("  client_auth_type: RequireAndVerifyClientCert\n" + CA + names),
          (REQUIRED, 200, UNKNOWN, EXPIRED, BAD, BAD))
    equal(outcomes("  client_auth_type: VerifyClientCertIfGiven\n" + CA + names),
          (200, 200, UNKNOWN, EXPIRED, BAD, BAD))


@test_without_bpf
def names_are_of_four_kinds_and_match_exactly():
    where = with_tls()
    for name, san in (("dns", "DNS:a.example"), ("mail", "email:a@example"),
                      ("ip4", "IP:192.0.2.1"), ("ip6", "IP:2001:db8::1"),
                      ("uri", "URI:spiffe://a/b"), ("longer", "DNS:a.example.org"),
                      ("upper", "DNS:A.example"), ("second", "DNS:other,URI:spiffe://a/b")):
        certify(where, name, san=san)
    text = TLS + CA + "  client_auth_type: RequireAndVerifyClientCert\n  client_allowed_sans: "
    expected = {"a.example": {"dns"}, "a@example": {"mail"}, "192.0.2.1": {"ip4"},
                "'2001:db8::1'": {"ip6"}, "spiffe://a/b": {"uri", "second"}}
    for allowed, welcome in expected.items():
        exporter = start(where, f"{text}[{allowed}]\n")
        for name in ("dns", "mail", "ip4", "ip6", "uri", "longer", "upper", "second"):
            equal(outcome(exporter, context(where, name)), 200 if name in welcome else BAD,
                  f"{name} where {allowed} is allowed")
        equal(exporter.end(), 0, "exit status")


@test_without_bpf
def a_certificate_may_be_its_own_authority_and_stand_in_the_file():
    where = with_tls()
    authority(where, "self")
    lines = "".join(f"    {line}\n" for line in (where / "self.pem").read_text().splitlines())
    exporter = start(where, f"{TLS}  client_ca: |\n{lines}"
                            "  client_auth_type: RequireAndVerifyClientCert\n")
    equal(outcome(exporter, context(where, "self")), 200, "itself")
    equal(outcome(exporter, context(where)), REQUIRED, "none")


@test_without_bpf
def an_authority_that_is_none_is_refused():
    where = with_tls()
    for content in ("", "-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n"):
        (where / "ca.pem").write_text(content)
        (where / "web.yml").write_text(
            TLS + CA + "  client_auth_type: RequireAndVerifyClientCert\n")
        status, out, err = exporter_once("--replay", "none", "--web.config.file",
                                         where / "web.yml", "--web.listen-address=127.0.0.1:0")
        equal((status, out, err.count("\n")), (2, "", 1), f"{content!r}: status, output, lines")
        true(f"{where}/web.yml: client_ca: " in err, err)


@test_without_bpf
def versions_are_those_of_the_file():
    where = with_tls()
    versions = [getattr(ssl.TLSVersion, f"TLSv1{minor}") for minor in ("", "_1", "_2", "_3")]
    for text, expected in (("", (False, False, True, True)),
                           ("  min_version: TLS13\n", (False, False, False, True)),
                           ("  max_version: TLS12\n", (False, False, True, False)),
                           ("  min_version: TLS11\n", (False, True, True, True)),
                           ("  min_version: TLS10\n  max_version: TLS10\n",
                            (True, False, False, False))):
        exporter = start(where, TLS + text)
        got = tuple(outcome(exporter, context(where, version=version)) == 200
                    for version in versions)
        equal(got, expected, repr(text))
        equal(exporter.end(), 0, "exit status")


@test_without_bpf
def suites_and_curves_are_those_of_the_file():
    where = with_tls()
    exporter = start(where, TLS + "  max_version: TLS12\n  cipher_suites:\n"
                                  "  - TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384\n"
                                  "  - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\n"
                                  "  curve_preferences: [CurveP384]\n")
    names = "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"
    # P-256 is the certificate's own curve
    for ciphers, curve, chosen in ((":".join(names), "P-384", names[1]),
                                   (names[0], "P-384", names[0]),
                                   ("ECDHE-ECDSA-CHACHA20-POLY1305", "P-384", "(NONE)"),
                                   ("ECDHE-ECDSA-AES128-SHA", "P-384", "(NONE)"),
                                   (names[0], "P-521", "(NONE)")):
        _, out, _ = run("openssl", "s_client", "-connect", f"127.0.0.1:{exporter.port}",
                        "-tls1_2", "-cipher", ciphers, "-curves", f"P-256:{curve}", stdin=b"")
        true(f"Cipher is {chosen}\n" in out, f"{ciphers} on {curve}: {out}")
        equal("Server Temp Key: ECDH, secp384r1" in out, chosen != "(NONE)", curve)


@test_without_bpf
def a_probe_finds_an_exporter_alive_that_wants_a_certificate():
    where = with_tls()
    for version in "TLS12", "TLS13":
        exporter = start(where, TLS + CA + "  client_auth_type: RequireAndVerifyClientCert\n"
                                           f"  max_version: {version}\n")
        equal(exporter_once("--probe", f"--web.listen-address=127.0.0.1:{exporter.port}",
                            f"--web.config.file={where}/web.yml"), (0, "", ""), version)
        equal(exporter.end(), 0, "exit status")


@test_without_bpf
def a_refused_client_leaves_the_others_alone():
    where = clients()
    exporter = start(where, TLS + CA + "  client_auth_type: RequireAndVerifyClientCert\n")
    for _ in range(20):
        equal(outcome(exporter, context(where, "foreign")), UNKNOWN)
        equal(get(exporter, context(where, "good"))[0], 200, "a good one after it")
