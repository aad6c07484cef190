# SPDX-License-Identifier: Apache-2.0
"""The format and the coding that a client asks for, against a second model of RFC 9110."""
import gzip
import http.client
import random
import re
import subprocess

from harness import DEADLINE, Exporter, equal, need, test_without_bpf, true
from judges import promtool
from page import Page
from test_once import example

TYPES = {
    "text": "text/plain; version=0.0.4; charset=utf-8",
    "openmetrics": "application/openmetrics-text; version=1.0.0; charset=utf-8",
    "protobuf": "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
                "encoding=delimited",
}
PROTOBUF = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"


# ---- the model

ELEMENT = re.compile(r'((?:"(?:\\.|[^"\\])*"|[^",])*)(?:,|$)')
PARAMETER = re.compile(r'((?:"(?:\\.|[^"\\])*"|[^";])*)(?:;|$)')


def elements(header):
    """(name, parameters, q) of each element of a list that is well-formed."""
    found = []
    for text in split(ELEMENT, header):
        name, *rest = (part.strip(" \t") for part in split(PARAMETER, text))
        parameters = {}
        for part in rest:
            key, equals, value = part.partition("=")
            value = value.strip(" \t")
            if value.startswith('"'):
                value = re.sub(r"\\(.)", r"\1", value[1:-1])
            if equals and value:
                parameters.setdefault(key.strip(" \t").lower(), value.lower())
        q = parameters.get("q", "1")
        if name and re.fullmatch(r"0(\.\d*)?|1(\.0*)?", q):
            found.append((name.lower(), parameters, int(float((q + ("." if "." not in q else "") + "000")[:5]) * 1000 + 0.5)))
    return found


def split(pattern, text):
    return [match[1] for match in pattern.finditer(text) if match[1].strip(" \t")]


def rank(name, parameters, wanted):
    """How exactly an element means a format; 0: it does not."""
    version = parameters.get("version")
    if wanted == "protobuf":
        return 9 * (name == "application/vnd.google.protobuf" and parameters.get("encoding") == "delimited"
                    and parameters.get("proto") == "io.prometheus.client.metricfamily")
    kind, exact, ours = {"text": ("text/*", "text/plain", "0.0.4"),
                         "openmetrics": ("application/*", "application/openmetrics-text", "1.0.0")}[wanted]
    if name == exact:
        return {None: 3, ours: 4}.get(version, 0)
    return 2 if name == kind else int(name == "*/*" and wanted == "text")


def model_format(header):
    best = (0, 0, "text", {})
    asked = elements(header)
    for wanted in TYPES:
        ranges = [(rank(name, parameters, wanted), q, -at, parameters)
                  for at, (name, parameters, q) in enumerate(asked)]
        top = max((r[:3] for r in ranges if r[0]), default=None)
        if top and top[1] and (top[1], top[2]) > best[:2] or top and top[1] and not best[0]:
            best = (top[1], top[2], wanted, asked[-top[2]][1])
    escaping = best[3].get("escaping")
    return (TYPES[best[2]] + "; escaping=" +
            (escaping if escaping in ("allow-utf-8", "values") else "underscores"))


def model_coding(header):
    q = {}
    for name, _, weight in elements(header):
        name = "gzip" if name == "x-gzip" else name
        q[name] = max(weight, q.get(name, 0))
    weights = [(q.get("zstd", 0), 2, "zstd"), (q.get("gzip", q.get("*", 0)), 1, "gzip"),
               (q.get("identity", 0), 0, None)]
    weights = [w for w in weights if w[0]]
    return max(weights)[2] if weights else None


# ---- against the server

class Asking:
    """Requests on one connection."""

    def __init__(self, exporter):
        self.connection = http.client.HTTPConnection("127.0.0.1", exporter.port, timeout=DEADLINE)

    def head(self, **headers):
        self.connection.putrequest("HEAD", "/metrics", skip_accept_encoding=True)
        for name, value in headers.items():
            self.connection.putheader(name.replace("_", "-"), value)
        self.connection.endheaders()
        response = self.connection.getresponse()
        equal((response.read(), response.status), (b"", 200), f"answer to HEAD {headers}")
        return response.headers


def shared():
    """An exporter that reads once, so that thousands of questions cost little."""
    return Exporter("--replay", example(), "--max-age=1h")


def a_word(random_, words):
    word = random_.choice(words)
    return "".join(random_.choice((c.upper(), c.lower())) for c in word) if random_.random() < .2 else word


def a_list(random_, names, parameters):
    """A random header: mostly of what means something, with space and nonsense between."""
    gap = lambda: random_.choice(("", "", "", " ", "\t", "  "))
    items = []
    for _ in range(random_.randint(0, 6)):
        item = a_word(random_, names)
        for key, values in random_.sample(parameters, random_.randint(0, len(parameters))):
            value = random_.choice(values)
            if random_.random() < .2:
                value = f'"{value}"'
            item += f"{gap()};{gap()}{a_word(random_, (key,))}{gap()}={gap()}{value}"
        items.append(gap() + item + gap())
    return ",".join(items)


QS = ("0", "1", "0.5", "0.50", "0.499", "0.001", "0.0009", "1.000", "0.", "1.5", "-1", "x", ".5", "0.5x", "")
VERSIONS = ("0.0.4", "1.0.0", "0.0.1", "2.0.0", "", "1.0")
ESCAPINGS = ("underscores", "allow-utf-8", "values", "dots", "x")


@test_without_bpf
def formats_are_those_of_a_second_model():
    random_ = random.Random(1)
    asking = Asking(shared())
    seen = {}
    for _ in range(4000):
        accept = a_list(random_, ("text/plain", "application/openmetrics-text", "*/*", "text/*", "application/*",
                                  PROTOBUF, "application/vnd.google.protobuf", "image/png", "", "x"),
                        [("q", QS), ("version", VERSIONS), ("escaping", ESCAPINGS),
                         ("x", ("a,b", "a;b", "1"))])
        if random_.random() < .1:
            accept = accept.replace(";", random_.choice((";;", "; ;", ",", "=", ";a;")), 1)
        expected = model_format(accept)
        equal(asking.head(Accept=accept)["Content-Type"], expected, f"Content-Type for {accept!r}")
        seen[expected] = seen.get(expected, 0) + 1
    equal(len(seen), 9, f"Content-Types seen: {seen}")
    true(min(seen.values()) > 20, f"each often enough: {seen}")


@test_without_bpf
def codings_are_those_of_a_second_model():
    random_ = random.Random(2)
    asking = Asking(shared())
    seen = {}
    for _ in range(4000):
        accept = a_list(random_, ("gzip", "x-gzip", "zstd", "identity", "*", "br", "deflate", ""), [("q", QS)])
        expected = model_coding(accept)
        headers = asking.head(Accept_Encoding=accept)
        equal(headers["Content-Encoding"], expected, f"Content-Encoding for {accept!r}")
        equal(headers["Vary"], "Accept, Accept-Encoding", "Vary")
        seen[expected] = seen.get(expected, 0) + 1
    equal(len(seen), 3, f"codings seen: {seen}")
    true(min(seen.values()) > 300, f"each often enough: {seen}")


@test_without_bpf
def several_headers_are_one_list():
    asking = Asking(shared())
    asking.connection.putrequest("HEAD", "/metrics", skip_accept_encoding=True)
    for name, value in (("Accept", "image/png"), ("accept-encoding", "br"), ("accept", "application/*"),
                        ("Accept-Encoding", "x-gzip")):
        asking.connection.putheader(name, value)
    asking.connection.endheaders()
    response = asking.connection.getresponse()
    response.read()
    equal((response.headers["Content-Type"], response.headers["Content-Encoding"]),
          (TYPES["openmetrics"] + "; escaping=underscores", "gzip"), "answer")


# ---- what clients do with it

def curl(exporter, *flags, path="/metrics"):
    need("curl")
    done = subprocess.run(("curl", "-sS", "-g", "-D", "/dev/stderr", *flags, f"http://127.0.0.1:{exporter.port}{path}"),
                          capture_output=True, timeout=DEADLINE, check=True)
    return dict(re.findall(r"(?m)^([\w-]+): (.*)\r$", done.stderr.decode())), done.stdout


@test_without_bpf
def curl_and_gzip_and_zstd_read_the_same_page():
    need("gzip", "zstd")
    exporter = shared()
    plain = exporter.page().encode()
    Page(plain.decode()).check()
    equal(promtool(plain), (0, ""), "promtool")
    headers, body = curl(exporter, "--compressed")
    true(headers["Content-Encoding"] in ("gzip", "zstd"), headers)
    equal(body, plain, "curl --compressed")
    for name in ("gzip", "zstd"):
        headers, body = curl(exporter, "-H", f"Accept-Encoding: {name}")
        equal((headers["Content-Encoding"], headers["Content-Length"]), (name, str(len(body))), f"headers of {name}")
        true(len(body) * 4 < len(plain), f"{name} is smaller: {len(body)} of {len(plain)}")
        for command in ((name, "-qt"), (name, "-qdc")):
            done = subprocess.run(command, input=body, capture_output=True, check=False, timeout=DEADLINE)
            equal((done.returncode, done.stderr), (0, b""), f"{command}")
        equal(done.stdout, plain, f"what {name} unpacks")


@test_without_bpf
def head_is_the_headers_of_get():
    exporter = shared()
    for headers in ({"Accept-Encoding": "gzip"}, {"Accept-Encoding": "identity"}, {}):
        got = [exporter.request(method, headers=headers) for method in ("GET", "HEAD")]
        for _, fields, _ in got:
            del fields["Date"]
        equal(list(got[1][1].items()), list(got[0][1].items()), f"headers with {headers}")
        equal(got[0][1]["Content-Length"], str(len(got[0][2])), "Content-Length")
        equal(got[1][2], b"", "body of HEAD")


@test_without_bpf
def a_page_is_filtered_by_name_and_collector():
    exporter = shared()
    whole = Page(exporter.page())
    for path, families in (("?name[]=ior_up&name%5B%5D=ior_rows", {"ior_up", "ior_rows"}),
                           ("?collect[]=errno", {"ior_syscall_errors_by_errno_total"}),
                           ("?name[]=nothing", set())):
        status, _, body = exporter.request(path="/metrics" + path)
        page = Page(body.decode())
        equal((status, {name for name, _ in page.samples}), (200, families), path)
        for key, value in page.samples.items():
            equal(value, whole.samples[key], f"{key}")
    for path in ("?collect[]=cpu", "?collect[]=gap&exclude[]=gap", "?exclude%5b%5d=%00", "?name[]=ior_up%00"):
        status, headers, body = exporter.request(path="/metrics" + path)
        equal(status, 400, f"status of {path}")
        equal((headers["Content-Type"], body.count(b"\n")), ("text/plain; charset=utf-8", 1), path)
    equal(exporter.request(path="/-/healthy?collect[]=cpu")[0], 200, "another page has no filters")


@test_without_bpf
def a_small_page_is_not_compressed():
    exporter = shared()
    status, headers, body = exporter.request(path="/metrics?name[]=ior_up", headers={"Accept-Encoding": "gzip"})
    equal((status, headers["Content-Encoding"], headers["Content-Length"]), (200, None, str(len(body))), "a small page")
    status, headers, body = exporter.request(headers={"Accept-Encoding": "gzip"})
    equal((status, headers["Content-Encoding"]), (200, "gzip"), "the whole page")
    true(len(gzip.decompress(body)) > 1024, "which is larger")
