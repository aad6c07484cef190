// SPDX-License-Identifier: Apache-2.0
// Reads rendered manifests, and holds objects against the schemas of Kubernetes and of the
// prometheus-operator, unknown fields included.
'use strict';
const fs = require('fs');
const path = require('path');
const yaml = require('js-yaml');

const kubernetes = 'kubernetes-models/_schemas/IoK8sApi';
const operator = '@kubernetes-models/prometheus-operator/_schemas/MonitoringCoreosCom';
const schemas = {
  'v1 Namespace': `${kubernetes}CoreV1Namespace`,
  'v1 ServiceAccount': `${kubernetes}CoreV1ServiceAccount`,
  'v1 ConfigMap': `${kubernetes}CoreV1ConfigMap`,
  'apps/v1 DaemonSet': `${kubernetes}AppsV1DaemonSet`,
  'networking.k8s.io/v1 NetworkPolicy': `${kubernetes}NetworkingV1NetworkPolicy`,
  'monitoring.coreos.com/v1 PodMonitor': `${operator}V1PodMonitor`,
  'monitoring.coreos.com/v1 PrometheusRule': `${operator}V1PrometheusRule`,
};

const kindOf = (object) => `${object.apiVersion} ${object.kind}`;
const nameOf = (object) => `${kindOf(object)} ${object.metadata.name}`;

function read(file) {
  return yaml.loadAll(fs.readFileSync(file, 'utf8')).filter((object) => object !== null);
}

// The object, whose every read of a field is written down in seen: a Map of objects to Sets.
function watched(object, seen) {
  const fields = new Set();
  seen.set(object, fields);
  const children = new Map();
  const child = (value) => {
    if (value === null || typeof value !== 'object') return value;
    if (!children.has(value)) children.set(value, watched(value, seen));
    return children.get(value);
  };
  return new Proxy(object, {
    get(target, field) {
      fields.add(field);
      return child(target[field]);
    },
    ownKeys(target) {
      const keys = Reflect.ownKeys(target);
      keys.forEach((key) => fields.add(key));
      return keys;
    },
  });
}

function unread(object, seen, path) {
  const fields = seen.get(object);
  return Object.entries(object).flatMap(([field, value]) => {
    const at = `${path}/${field}`;
    if (!fields || !fields.has(field)) return [`${at}: unknown field`];
    return value !== null && typeof value === 'object' ? unread(value, seen, at) : [];
  });
}

// The schemas are compiled to functions, which pass over fields that they do not know. A field that
// such a function never reads is one.
function mistakes(object) {
  const schema = schemas[kindOf(object)];
  if (!schema) return [`${kindOf(object)}: no schema in the list of this test`];
  // by its path: the packages do not export them
  const { validate } = require(path.join(process.env.NODE_PATH, `${schema}.js`));
  const seen = new Map();
  if (!validate(watched(object, seen)))
    return validate.errors.map((error) => `${error.instancePath}: ${error.keyword} ` +
      JSON.stringify(error.params));
  return unread(object, seen, '');
}

module.exports = { read, mistakes, kindOf, nameOf };
