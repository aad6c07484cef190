// SPDX-License-Identifier: Apache-2.0
// Prints the objects of a manifest so that equal ones are equal text: sorted, keys too.
// usage: node canonical.cjs FILE
'use strict';
const { read, nameOf } = require('./objects.cjs');

function sorted(key, value) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const objects = read(process.argv[2]).map((object) => [
  `${object.metadata.namespace} ${nameOf(object)}`, JSON.stringify(object, sorted, 1)]);
objects.sort(([a, x], [b, y]) => (a + x < b + y ? -1 : 1));
objects.forEach(([name, text]) => console.log(`${name}\n${text}`));
