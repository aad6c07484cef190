#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# make check-dashboards: renders nothing, installs Grafana's packages under build/, makes a world of
# known calls, and proves the dashboards in it. (package-lock.json was made with npm's override of
# react-data-grid to 7.0.0-beta.56, and names that version where @grafana/ui has a commit on GitHub:
# npm ci takes all from the registry, and npm 9 fails at overrides of such.) The last line is
#   dashboards: N passed, N failed, N skipped
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
export BUILD
work=$BUILD/dashboards
npm=$work/npm
SECONDS=0

fail() {
	echo "$1"
	echo "dashboards: 0 passed, 1 failed, 0 skipped"
	exit 1
}

mkdir -p "$npm"
if ! cmp -s tests/dashboards/package-lock.json "$npm/installed"; then
	rm -rf "$npm"
	mkdir -p "$npm"
	cp tests/dashboards/package.json tests/dashboards/package-lock.json "$npm"
	(cd "$npm" && npm ci --legacy-peer-deps --ignore-scripts --no-audit --no-fund --loglevel=error) ||
		fail "npm ci failed"
	cp tests/dashboards/package-lock.json "$npm/installed"
	echo "npm: $SECONDS s"
fi
tests/dashboards/bundle.sh "$npm" || fail "esbuild failed"
echo "bundled: $SECONDS s"
/usr/bin/python3 tests/dashboards/world.py "$work/world.json" \
	node "$npm/main.mjs" "$work/world.json" "$npm" "$work/pictures" | tee "$work/log"
status=${PIPESTATUS[0]}
if ! tail -n 1 "$work/log" | grep -Eqx 'dashboards: [0-9]+ passed, [0-9]+ failed, [0-9]+ skipped'; then
	fail "ended without its totals (exit status $status)"
fi
[ "$status" -eq 0 ]
