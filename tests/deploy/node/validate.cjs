// SPDX-License-Identifier: Apache-2.0
// usage: node validate.cjs FILE     prints each object, exit status 1 if one is not valid
'use strict';
const { read, mistakes, nameOf } = require('./objects.cjs');

const objects = read(process.argv[2]);
const found = objects.flatMap((object) => {
  console.log(`  ${nameOf(object)}`);
  return mistakes(object).map((mistake) => `${nameOf(object)}: ${mistake}`);
});
found.forEach((line) => console.log(line));
if (objects.length === 0) console.log(`${process.argv[2]}: no object`);
process.exitCode = found.length > 0 || objects.length === 0 ? 1 : 0;
