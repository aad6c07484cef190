# SPDX-License-Identifier: Apache-2.0
"""Exporters with a web configuration: certificates made by openssl, passwords, requests."""
import base64
import contextlib
import crypt
import http.client
import pathlib
import ssl

from harness import DEADLINE, Exporter, Skip, equal, exporter_once, folder, need, run
from test_once import example

TLS = "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n"


def need_tls():
    if "TLS:           yes" not in exporter_once("--version")[1]:
        raise Skip("this build has no TLS")
    need("openssl")


def openssl(*arguments):
    equal(run("openssl", *arguments)[0], 0, f"openssl {arguments[0]}")


def key_of(where, name):
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", where / f"{name}.key")


def authority(where, name="ca"):
    """Makes NAME.pem and NAME.key."""
    key_of(where, name)
    openssl("req", "-x509", "-new", "-key", where / f"{name}.key", "-days", "2", "-subj",
            f"/CN={name}", "-out", where / f"{name}.pem")


def certify(where, name, by="ca", san="DNS:localhost,IP:127.0.0.1", usage="clientAuth",
            dates=("-days", "2")):
    """Makes NAME.pem and NAME.key, signed by an authority; dates as for `openssl x509`."""
    extensions = where / f"{name}.ext"
    extensions.write_text(f"subjectAltName={san}\nextendedKeyUsage={usage}\n")
    key_of(where, name)
    openssl("req", "-new", "-key", where / f"{name}.key", "-subj", f"/CN={name}", "-out",
            where / f"{name}.csr")
    openssl("x509", "-req", "-in", where / f"{name}.csr", "-CA", where / f"{by}.pem", "-CAkey",
            where / f"{by}.key", "-CAcreateserial", *dates, "-extfile", extensions, "-out",
            where / f"{name}.pem")


def with_tls():
    """A folder with an authority and a server's certificate of it."""
    need_tls()
    where = folder()
    authority(where)
    certify(where, "server", usage="serverAuth")
    return where


def bcrypt(password, rounds=4, kind="2b"):
    """A hash of 2^rounds rounds."""
    salt = crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=1 << rounds).replace("$2b$", f"${kind}$")
    return crypt.crypt(password, salt)


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def start(where, text, *flags):
    """An exporter with this web configuration."""
    path = pathlib.Path(where) / "web.yml"
    path.write_text(text)
    return Exporter("--replay", example(), f"--web.config.file={path}", *flags)


def context(where, client=None, ca="ca", version=None):
    """A TLS client's, that trusts the authority and has a certificate."""
    made = ssl.create_default_context(cafile=str(where / f"{ca}.pem"))
    if client:
        made.load_cert_chain(where / f"{client}.pem", where / f"{client}.key")
    if version:
        made.set_ciphers("DEFAULT:@SECLEVEL=0")
        made.minimum_version = made.maximum_version = version
    return made


def connect(exporter, tls=None):
    if tls:
        made = http.client.HTTPSConnection("127.0.0.1", exporter.port, timeout=DEADLINE,
                                           context=tls)
    else:
        made = http.client.HTTPConnection("127.0.0.1", exporter.port, timeout=DEADLINE)
    return contextlib.closing(made)


def ask(connection, headers=None, path="/-/healthy", method="GET"):
    """Returns (status, headers, body) of one request on the connection."""
    connection.request(method, path, headers=headers or {})
    response = connection.getresponse()
    return response.status, response.headers, response.read()


def get(exporter, tls=None, headers=None, path="/-/healthy", method="GET"):
    with connect(exporter, tls) as connection:
        return ask(connection, headers, path, method)


def outcome(exporter, tls):
    """The status of a request, or the alert that ended the handshake."""
    try:
        return get(exporter, tls)[0]
    except ssl.SSLError as error:
        return error.reason
