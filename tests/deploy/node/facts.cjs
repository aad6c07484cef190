// SPDX-License-Identifier: Apache-2.0
// Writes down beside each manifest what is to know of it: FILE.objects, their names; FILE.mistakes,
// by the schemas; FILE.canonical, in which equal manifests are equal text; and of the DaemonSet's
// pod FILE.args; FILE.limit, of memory, in bytes; FILE.rights and FILE.promised; FILE.pod, all of
// it, for tests/deploy/run_pod.py. One process for all: the schemas take long to load.
// usage: node facts.cjs FILE...    files are named VARIANT.RENDERER.yaml
'use strict';
const fs = require('fs');
const path = require('path');
const { read, mistakes, nameOf } = require('./objects.cjs');
const { rights, promised } = require('./rights.cjs');

function bytes(quantity) {
  const [, number, unit] = /^(\d+)(Ki|Mi|Gi)$/.exec(quantity);
  return Number(number) * { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 }[unit];
}

function sortKeys(key, value) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function canonical(objects) {
  return objects.map((object) =>
    `${object.metadata.namespace} ${nameOf(object)}\n${JSON.stringify(object, sortKeys, 1)}`).sort();
}

const json = (value) => [JSON.stringify(value, sortKeys, 1)];
const paths = (objects) => objects.filter((object) => object.kind === 'PodMonitor')
  .flatMap((object) => object.spec.podMetricsEndpoints.map((endpoint) => endpoint.path));

function facts(objects, variant) {
  const pod = objects.find((object) => object.kind === 'DaemonSet').spec.template.spec;
  const [container] = pod.containers;
  return {
    objects: objects.map(nameOf),
    mistakes: objects.flatMap((object) =>
      mistakes(object).map((mistake) => `${nameOf(object)}: ${mistake}`)),
    canonical: canonical(objects),
    args: container.args,
    limit: [bytes(container.resources.limits.memory)],
    rights: json(rights(objects, pod)),
    promised: json(promised(variant)),
    pod: json({ container, paths: paths(objects) }),
  };
}

for (const file of process.argv.slice(2)) {
  const known = facts(read(file), path.basename(file).split('.')[0]);
  for (const [name, lines] of Object.entries(known))
    fs.writeFileSync(`${file}.${name}`, lines.map((line) => `${line}\n`).join(''));
}
