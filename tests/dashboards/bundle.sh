#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Bundles the proof with the parts of Grafana that it takes, for node and for a browser.
#
# usage: bundle.sh FOLDER     that has package.json's node_modules
set -eu

npm=$1
modules=$PWD/$npm/node_modules
prometheus=$modules/@grafana/prometheus/dist/esm
banner="import{createRequire}from'module';import{fileURLToPath as __f}from'url';import{dirname as __d}from'path'"
banner="$banner;const require=createRequire(import.meta.url),__filename=__f(import.meta.url),__dirname=__d(__filename);"

NODE_PATH=$modules "$modules/.bin/esbuild" tests/dashboards/main.mjs --bundle --platform=node --format=esm \
	--outfile="$npm/main.mjs" --log-level=error --loader:.css=empty --loader:.svg=empty \
	--alias:@grafana/runtime=./tests/dashboards/stub/runtime.mjs \
	--alias:grafana-escaping="$prometheus/escaping.mjs" \
	--alias:grafana-result-transformer="$prometheus/result_transformer.mjs" \
	--external:playwright-core --banner:js="$banner"
