# SPDX-License-Identifier: Apache-2.0
"""Many scrapes at once: whole pages, and memory that does not grow with the clients."""
import gzip

from scrapers import large_dump, scrape
from harness import Exporter, equal, folder, test_without_bpf, true

# as many as like at a time, wherever that has a limit
MANY = {"IOR_WEB_MAX_REQUESTS": "0"}


@test_without_bpf
def hundreds_of_scrapes_get_one_page_in_little_memory():
    exporter = Exporter("--replay", large_dump(folder() / "large", 600), "--max-age=1h", env=MANY)
    page = exporter.page().encode()
    true(1_800_000 < len(page) < 4 << 20, f"{len(page)} bytes are shared")
    for coding, unpack in (("identity", bytes), ("gzip", gzip.decompress)):
        seconds, answers, peak = scrape(exporter.port, 500, 100, coding, exporter.pid)
        equal(len(seconds), 500, f"scrapes with {coding}")
        equal([(status, unpack(body) == page) for status, body in answers], [(200, True)],
              f"answers with {coding}")
        true(peak < 20 << 10, f"anonymous memory with {coding}: {peak} kB")


@test_without_bpf
def scrapes_of_a_changing_page_are_whole():
    exporter = Exporter("--replay", large_dump(folder() / "large", 600), env=MANY)  # each reads anew
    seconds, answers, peak = scrape(exporter.port, 100, 50, "gzip", exporter.pid)
    equal((len(seconds), {status for status, _ in answers}), (100, {200}), "scrapes")
    lines = {gzip.decompress(body).count(b"\n") for _, body in answers}
    equal(len(lines), 1, f"lines of the pages: {lines}")
    true(peak < 20 << 10, f"anonymous memory: {peak} kB")


@test_without_bpf
def a_page_too_large_to_be_shared_is_compressed_too():
    exporter = Exporter("--replay", large_dump(folder() / "large", 3000), "--max-age=1h")
    plain = exporter.request(headers={"Accept-Encoding": "identity"})
    packed = exporter.request(headers={"Accept-Encoding": "gzip"})
    true(len(plain[2]) > 4 << 20, f"{len(plain[2])} bytes")
    equal((plain[0], plain[1]["Transfer-Encoding"], plain[1]["Content-Length"]), (200, "chunked", None),
          "a page that is not shared")
    equal((packed[0], packed[1]["Transfer-Encoding"], packed[1]["Content-Length"]),
          (200, None, str(len(packed[2]))), "the same, which is shared when it is compressed")
    equal(gzip.decompress(packed[2]), plain[2], "the page")
    status, headers, body = exporter.request("HEAD", headers={"Accept-Encoding": "identity"})
    equal((status, headers["Content-Length"], body), (200, str(len(plain[2])), b""), "its HEAD")
