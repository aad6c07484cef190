// SPDX-License-Identifier: Apache-2.0
// Grafana's flame graph component draws the frames in a real browser, and its picture is kept.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { panelsOf } from './model.mjs';
import { flameFrame } from './check_frames.mjs';

const WIDTH = 1000;
const HEIGHT = 190;

function browserPath() {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    const done = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
    if (done.status === 0) return done.stdout.trim();
  }
  throw new Error('no chromium on PATH');
}

export class Browser {
  constructor(npm) {
    this.script = fs.readFileSync(path.join(npm, 'flame_page.js'), 'utf8');
  }

  async open() {
    this.browser = await chromium.launch({ executablePath: browserPath(), args: ['--no-sandbox', '--disable-gpu'] });
  }

  close() {
    return this.browser?.close();
  }

  // Draws a frame; returns what is wrong with it, and writes the picture into a file.
  async draw(frame, unit, file) {
    const page = await this.browser.newPage({ viewport: { width: WIDTH, height: HEIGHT } });
    const said = [];
    page.on('console', (message) => message.type() === 'error' && said.push(message.text()));
    page.on('pageerror', (wrong) => said.push(wrong.message));
    // icons are files of a Grafana server, and nothing else is asked for
    await page.route('**/*', (route) => (/\.svg$/.test(route.request().url())
      ? route.fulfill({ contentType: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg"/>' })
      : route.fulfill({ contentType: 'text/html', body: '<!doctype html><html><body><div id="root"></div></body></html>' })));
    try {
      await page.goto('http://flame.invalid/');
      const fields = frame.fields.map(({ name, values }) => ({ name, values }));
      await page.evaluate((data) => { window.frame = data; }, { fields, unit });
      await page.addScriptTag({ content: this.script });
      try {
        await page.waitForSelector('#wrong, canvas', { timeout: 20000 });
      } catch {
        return said[0] ?? 'nothing is drawn';
      }
      const message = await page.locator('#wrong').allTextContents();
      if (message.length) return message[0];
      const colours = await page.evaluate(coloursOfCanvas);
      await page.screenshot({ path: file });
      if (said.length) return said[0];
      return colours < 10 ? `only ${colours} colours in the picture` : '';
    } finally {
      await page.close();
    }
  }
}

// Runs in the page: waits until something is drawn.
async function coloursOfCanvas() {
  const canvas = document.querySelector('canvas');
  let colours = new Set();
  for (let i = 0; i < 200 && colours.size < 10; i++) {
    await new Promise((next) => { requestAnimationFrame(next); });
    if (!canvas.width || !canvas.height) continue;
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    colours = new Set(new Uint32Array(data.buffer));
  }
  return colours.size;
}

const PICTURES = [
  ['overview', 'Where the time goes (ns)', ['family', 'syscall', 'comm'], 'flame-time'],
  ['overview', 'Where the calls come from', ['comm', 'family', 'syscall'], 'flame-calls'],
  ['overview', 'Where the bytes go', ['comm', 'syscall', 'family'], 'flame-bytes'],
];

export async function checkPictures(world, dashboards, browser, folder, report) {
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, title, order, file] of PICTURES) {
    await report.run(name, title, 'picture', async () => {
      const dashboard = dashboards.find((one) => one.name === name);
      const panel = panelsOf(dashboard).find((one) => one.title === title);
      const [frame] = await flameFrame(world, dashboard, panel, order, 13);
      const picture = path.join(folder, `${file}.png`);
      return (await browser.draw(frame, panel.fieldConfig.defaults.unit, picture)) ||
        (fs.statSync(picture).size < 200000 ? '' : 'the picture is larger than 200 kB');
    });
  }
}
