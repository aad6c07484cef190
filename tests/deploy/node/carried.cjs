// SPDX-License-Identifier: Apache-2.0
// Compares the rules and dashboards of a manifest with the files that they are made from.
// usage: node carried.cjs FILE FOLDER    FOLDER has prometheus/{alerts,rules}.yml and json/*.json
'use strict';
const assert = require('assert');
const fs = require('fs');
const path = require('path');
const yaml = require('js-yaml');
const { read } = require('./objects.cjs');

const [file, folder] = process.argv.slice(2);
const objects = read(file);

const text = (...parts) => fs.readFileSync(path.join(folder, ...parts), 'utf8');
const files = (name, pattern) => (fs.existsSync(path.join(folder, name)) ?
  fs.readdirSync(path.join(folder, name)).filter((file) => pattern.test(file)).sort() : []);
const bare = (name) => name.replace(/\.\w+$/, '').replace(/^ior-/, '');

const rules = files('prometheus', /^(alerts|rules)\.yml$/).map((name) =>
  [`ior-exporter-${bare(name)}`, yaml.load(text('prometheus', name))]);
const dashboards = files('json', /\.json$/).map((name) =>
  [`ior-exporter-dashboard-${bare(name)}`, { [`ior-${bare(name)}.json`]: text('json', name) }]);

const found = (kind, field) => objects.filter((object) => object.kind === kind)
  .map((object) => [object.metadata.name, object[field]])
  .sort(([a], [b]) => (a < b ? -1 : 1));

assert.deepStrictEqual(found('PrometheusRule', 'spec'), rules);
assert.deepStrictEqual(found('ConfigMap', 'data'), dashboards);
console.log(`${rules.length} of rules, ${dashboards.length} dashboards`);
