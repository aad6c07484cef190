// SPDX-License-Identifier: Apache-2.0
// Proves the dashboards in the world that world.py made: node main.mjs WORLD.
import { load } from './model.mjs';
import { Report } from './report.mjs';
import { World } from './world.mjs';
import { checkData } from './check_data.mjs';
import { checkFigures } from './check_figures.mjs';
import { checkFrames } from './check_frames.mjs';

const world = new World(process.argv[2]);
const dashboards = load('dashboards/json');
const report = new Report();
for (const dashboard of dashboards) {
  await checkData(world, dashboard, report);
  await checkFrames(world, dashboard, report);
}
await checkFigures(world, dashboards, report);
process.exitCode = report.print();
