// SPDX-License-Identifier: Apache-2.0
// Proves the dashboards in the world that world.py made.
//
// usage: node main.mjs WORLD NPM PICTURES     NPM: the folder with node_modules
import { load } from './model.mjs';
import { Report } from './report.mjs';
import { World } from './world.mjs';
import { checkControls } from './check_controls.mjs';
import { checkData } from './check_data.mjs';
import { checkFigures } from './check_figures.mjs';
import { checkFrames } from './check_frames.mjs';
import { checkLint, exceptions } from './check_lint.mjs';
import { checkRandom } from './check_random.mjs';
import { Browser, checkPictures } from './check_picture.mjs';
import { checkTypes } from './check_types.mjs';

const [, , file, npm, pictures] = process.argv;
const world = await new World(file).look();
const dashboards = load('dashboards/json');
const report = new Report();
const browser = new Browser(npm);

async function timed(what, check) {
  const began = Date.now();
  await check();
  console.log(`${what}: ${((Date.now() - began) / 1000).toFixed(1)} s`);
}

await timed('lint', () => checkLint(dashboards, report));
await timed('data', async () => { for (const one of dashboards) await checkData(world, one, report); });
await timed('figures', () => checkFigures(world, dashboards, report));
await timed('frames', async () => { for (const one of dashboards) await checkFrames(world, one, report); });
await timed('random trees', () => checkRandom(dashboards, report));
await timed('types', () => checkTypes(dashboards, npm, report));
try {
  await browser.open();
  await timed('pictures', () => checkPictures(world, dashboards, browser, pictures, report));
  await timed('controls', () => checkControls(world, dashboards, npm, browser, report));
} finally {
  await browser.close();
}
for (const exception of exceptions()) console.log(`lint exception: ${exception}`);
process.exitCode = report.print();
