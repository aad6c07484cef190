#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Bundles the proof with the parts of Grafana that it takes, for node and for a browser.
#
# usage: bundle.sh FOLDER     that has package.json's node_modules
set -eu

npm=$1
modules=$PWD/$npm/node_modules
prometheus=$modules/@grafana/prometheus/dist/esm
prometheus11=$modules/grafana-prometheus-11
banner="import{createRequire}from'module';import{fileURLToPath as __f}from'url';import{dirname as __d}from'path'"
banner="$banner;const require=createRequire(import.meta.url),__filename=__f(import.meta.url),__dirname=__d(__filename);"

bundle() { # ENTRY OUTPUT OPTION...
	entry=$1
	output=$2
	shift 2
	NODE_PATH=$modules "$modules/.bin/esbuild" "tests/dashboards/$entry" --bundle --outfile="$npm/$output" \
		--log-level=error --loader:.css=empty --loader:.svg=empty --alias:@grafana/runtime=./tests/dashboards/stub/runtime.mjs \
		"$@"
}

bundle main.mjs main.mjs --platform=node --format=esm --external:playwright-core --banner:js="$banner" \
	--inject:tests/dashboards/stub/browser.cjs \
	--alias:grafana-escaping="$prometheus/escaping.mjs" \
	--alias:grafana-result-transformer="$prometheus/result_transformer.mjs" \
	--alias:grafana-result-transformer-11="$prometheus11/dist/esm/result_transformer.mjs" \
	--alias:grafana-data-11="$prometheus11/node_modules/@grafana/data/dist/esm/index.mjs"
bundle flame_page.mjs flame_page.js --platform=browser --format=iife --minify \
	--define:process.env.NODE_ENV='"production"' \
	--alias:@grafana/assistant=./tests/dashboards/stub/assistant.mjs \
	--alias:@grafana/data="$modules/@grafana/data/dist/cjs/index.cjs" \
	--alias:@grafana/flamegraph="$modules/@grafana/flamegraph/dist/cjs/index.cjs" \
	--alias:@grafana/ui="$modules/@grafana/ui/dist/cjs/index.cjs"
