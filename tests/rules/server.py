# SPDX-License-Identifier: Apache-2.0
"""A real Prometheus with rules, every second a scrape and an evaluation."""
import contextlib
import json
import urllib.parse
import urllib.request

from harness import Process, folder, free_port
from judges import judge


class Prometheus(Process):
    def __init__(self, targets, rule_files):
        where = folder()
        config = where / "prometheus.yml"
        config.write_text(json.dumps({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(path) for path in rule_files],
            "scrape_configs": [{"job_name": "ior", "static_configs": [{"targets": targets}]}]}))
        self.port = free_port()
        super().__init__(judge("prometheus"), f"--config.file={config}",
                         f"--storage.tsdb.path={where}/data",
                         f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=error",
                         cwd=where)

    def _get(self, path):
        """What the API answers; None as long as nobody does."""
        with contextlib.suppress(OSError), \
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/{path}",
                                       timeout=10) as answer:
            return json.load(answer)["data"]
        return None

    def query(self, text):
        found = self._get("query?" + urllib.parse.urlencode({"query": text}))
        return found["result"] if found else []

    def rules(self):
        found = self._get("rules")
        return [rule for group in found["groups"] for rule in group["rules"]] if found else []
