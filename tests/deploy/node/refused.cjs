// SPDX-License-Identifier: Apache-2.0
// That validate.cjs can say no: spoils the objects of a manifest, each time one thing in one of
// them, and wants exactly that mistake to be found.
// usage: node refused.cjs FILE
'use strict';
const { read, mistakes, kindOf } = require('./objects.cjs');

const pod = (object) => object.spec.template.spec;
const unknown = (at) => [`${at}: unknown field`];
const type = (at, expected) => [`${at}: type {"type":"${expected}"}`];
const missing = (at, field) => [`${at}: required {"missingProperty":"${field}"}`];

// kind, what is spoiled, the mistakes then; null: none
const cases = [
  ['DaemonSet', (o) => { o.spce = {}; }, unknown('/spce')],
  ['DaemonSet', (o) => { pod(o).hostPid = true; }, unknown('/spec/template/spec/hostPid')],
  ['DaemonSet', (o) => { pod(o).containers[0].securityContext.capabilities.remove = []; },
    unknown('/spec/template/spec/containers/0/securityContext/capabilities/remove')],
  ['DaemonSet', (o) => { pod(o).containers[0].startupProbe.httpGet.url = '/'; },
    unknown('/spec/template/spec/containers/0/startupProbe/httpGet/url')],
  ['DaemonSet', (o) => { pod(o).hostPID = 'yes'; }, type('/spec/template/spec/hostPID', 'boolean')],
  ['DaemonSet', (o) => { delete o.spec.selector; }, missing('/spec', 'selector')],
  ['DaemonSet', (o) => { o.metadata.labels.anything = 'x'; }, []],
  ['Namespace', (o) => { o.metadata.label = {}; }, unknown('/metadata/label')],
  ['ServiceAccount', (o) => { o.spec = {}; }, unknown('/spec')],
  ['ConfigMap', (o) => { o.data.number = 1; }, type('/data/number', 'string')],
  ['NetworkPolicy', (o) => { o.spec.ingress[0].form = []; }, unknown('/spec/ingress/0/form')],
  ['PodMonitor', (o) => { o.spec.endpoints = []; }, unknown('/spec/endpoints')],
  ['PodMonitor', (o) => { o.spec.podMetricsEndpoints[0].scrapeinterval = '15s'; },
    unknown('/spec/podMetricsEndpoints/0/scrapeinterval')],
  ['PodMonitor', (o) => { delete o.spec.selector; }, missing('/spec', 'selector')],
  ['PrometheusRule', (o) => { o.spec.groups[0].rules[0].severity = 'x'; },
    unknown('/spec/groups/0/rules/0/severity')],
  ['PrometheusRule', (o) => { delete o.spec.groups[0].rules[0].expr; },
    missing('/spec/groups/0/rules/0', 'expr')],
  ['DaemonSet', (o) => { o.apiVersion = 'apps/v1beta1'; },
    ['apps/v1beta1 DaemonSet: no schema in the list of this test']],
];

let wrong = 0;
const kinds = new Set();
for (const [kind, spoil, expected] of cases) {
  const object = read(process.argv[2]).find((one) => one.kind === kind);
  if (!object) {
    console.log(`no ${kind} in ${process.argv[2]}`);
    wrong++;
    continue;
  }
  kinds.add(kindOf(object));
  spoil(object);
  const found = mistakes(object);
  if (JSON.stringify(found) !== JSON.stringify(expected)) {
    console.log(`${spoil}: found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);
    wrong++;
  }
}
console.log(`${cases.length} spoiled objects of ${kinds.size} kinds`);
process.exitCode = wrong > 0 ? 1 : 0;
