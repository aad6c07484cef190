# SPDX-License-Identifier: Apache-2.0
"""What an expression names. Not a parser: promtool has parsed it before."""
import re

TOKEN = re.compile(r'"(?P<string>(?:[^"\\]|\\.)*)"|(?P<number>\d[\w.]*)|(?P<word>[a-zA-Z_:][\w:]*)'
                   r'|(?P<operator>=~|!~|!=|==|[^\s\w])')
LISTS = {"by", "without", "on", "ignoring", "group_left", "group_right"}
AGGREGATIONS = {"count", "max", "min", "sum"}
WORDS = {"and", "or", "unless", "offset", "bool"}


class Uses:
    """metrics: names; matchers: (metric, label, operator, value); listed: labels of by (...),
    on (...) and their like."""

    def __init__(self, text):
        self.metrics, self.matchers, self.listed = set(), set(), set()
        self.tokens = [(found.lastgroup, found.group(found.lastgroup))
                       for found in TOKEN.finditer(text)]
        self.at = 0
        self._read()

    def _peek(self):
        return self.tokens[self.at][1] if self.at < len(self.tokens) else None

    def _next(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def _read(self):
        while self.at < len(self.tokens):
            kind, text = self._next()
            if kind != "word" or text in WORDS | AGGREGATIONS:
                continue
            if text in LISTS:
                self._labels(text)
            elif self._peek() != "(":
                self.metrics.add(text)
                if self._peek() == "{":
                    self._matchers(text)

    def _labels(self, keyword):
        if self._peek() != "(":
            if not keyword.startswith("group_"):
                raise ValueError(f"{keyword} without a list")
            return
        while self._peek() != ")":
            kind, text = self._next()
            if kind == "word":
                self.listed.add(text)

    def _matchers(self, metric):
        while self._peek() != "}":
            kind, label = self._next()
            if kind == "word":
                (_, operator), (_, value) = self._next(), self._next()
                self.matchers.add((metric, label, operator, value))
