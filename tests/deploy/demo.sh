#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Stage of tests/deploy/run.sh: the configuration of Prometheus, the provisioning of Grafana, the
# compose file, and the demo itself, until Ctrl-C.
set -u
stage=demo
# shellcheck source=tests/deploy/lib/check.sh
. tests/deploy/lib/check.sh

export BUILD=${BUILD:-build}
tools/judges.sh
PATH=$PWD/build/judges/usr/bin:$PATH
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

says_no() { # COMMAND...: with its own word for no, not for want of the command
	"$@"
	[ $? -eq 1 ]
}

yaml_is_clean() {
	yamllint -s -d '{extends: default, rules: {line-length: disable, document-start: disable}}' \
		deploy/prometheus deploy/grafana deploy/compose dashboards/prometheus tests/rules
}

check 'YAML is clean' yaml_is_clean
check 'the configuration of Prometheus and its rules are valid' \
	promtool check config deploy/prometheus/prometheus.yml
cp deploy/prometheus/prometheus.yml "$scratch"
mkdir "$scratch/rules"
echo 'groups: [{name: wrong, rules: [{record: a, expr: sum(}]}]' >"$scratch/rules/wrong.yml"
check 'a wrong rule beside it is noticed' says_no promtool check config "$scratch/prometheus.yml"

if command -v docker-compose >/dev/null; then
	check 'docker-compose takes the compose file' \
		docker-compose -f deploy/compose/compose.yml config
	sed 's/cap_drop/cap_dorp/' deploy/compose/compose.yml >"$scratch/compose.yml"
	check '... and no other' says_no docker-compose -f "$scratch/compose.yml" config
else
	echo "skipped demo: docker-compose takes the compose file: there is none"
fi
# it ends early at what it does not expect, and has not said so in the words of run.sh
/usr/bin/python3 tests/deploy/demo/files.py || echo "failed demo: files.py ended with exit status $?"
/usr/bin/python3 tests/deploy/demo/run.py
