# SPDX-License-Identifier: Apache-2.0
# make check-rules: the recording and alert rules. Included by the main Makefile.

check-rules: deps-build deps-check deps-rules all ## try the rules for Prometheus, with promtool and with the exporter's real page
	@BUILD=$(BUILD) CC='$(CC)' /usr/bin/python3 tests/rules/run.py

.PHONY: check-rules
