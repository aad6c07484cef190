// SPDX-License-Identifier: Apache-2.0
// Trees of random, hostile names: rows as the flame graphs' query makes them, in any order, must come
// out of Grafana's transformations as the tree that they were.
import { panelsOf } from './model.mjs';
import { treeProblem } from './check_frames.mjs';
import { majors, transformed } from './frames.mjs';

const TREES = 200;
const LETTERS = [...'aAbBzZ09 _-/:.()[]#+~<>@$%&*\'"`,;!?|^={}\\\u00e9\u00df\u4e2d'];

// The same trees each time.
function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
}

// What a query's label_replace(..., "mask", ...) makes of a name.
export function maskOf(expr) {
  const [, text, pattern] = /"mask", "([^"]*)", "[^"]*", "((?:[^"\\]|\\.)*)"/.exec(expr) ?? [];
  if (!pattern) throw new Error('the query makes no mask');
  const regex = new RegExp(`^(?:${JSON.parse(`"${pattern}"`).replaceAll('\\x{', '\\u{')})$`, 'u');
  return (name) => {
    const found = regex.exec(name);
    return found ? text.replace(/\$(\d+)/g, (_, n) => found[n] ?? '') : '';
  };
}

function rowsOf(next, n, key) {
  const comms = new Set();
  const longest = n % 3 ? 4 : 15;
  for (let count = 2 + next(25); comms.size < count;) {
    let comm = '';
    for (let length = 1 + next(longest); comm.length < length;) comm += LETTERS[next(LETTERS.length)];
    comms.add(comm);
  }
  const rows = [];
  const row = (names, value) => rows.push({
    label: names.at(-1) ?? 'all',
    level: String(names.length),
    leaf: names.length === 3 ? '1' : '0',
    path: ['all', ...names.map(key)].join('\t'),
    value,
  });
  let all = 0;
  for (const comm of comms) {
    let ofComm = 0;
    for (const family of ['FS', 'Network', 'IPC']) {
      const calls = ['read', 'pread64', 'readv'].filter(() => next(3) === 0).map((call) => [call, 1 + next(1000)]);
      const ofFamily = calls.reduce((sum, [, value]) => sum + value, 0);
      for (const [call, value] of calls) row([comm, family, call], value);
      if (ofFamily) row([comm, family], ofFamily);
      ofComm += ofFamily;
    }
    if (ofComm) row([comm], ofComm);
    all += ofComm;
  }
  row([], all);
  for (let i = rows.length - 1; i > 0; i--) {
    const j = next(i + 1);
    [rows[i], rows[j]] = [rows[j], rows[i]];
  }
  return rows;
}

const frameOf = (rows) => ({
  refId: 'A',
  fields: [
    { name: 'Time', type: 'time', values: rows.map(() => 0), config: {} },
    ...['label', 'leaf', 'level', 'path'].map((name) => ({ name, type: 'string', values: rows.map((row) => row[name]), config: {} })),
    { name: 'Value', type: 'number', values: rows.map((row) => row.value), config: {} },
  ],
});

// How many of the trees come out wrong, and why the first.
export async function wrongTrees(transformations, mask, major) {
  const next = random(7);
  const wrong = [];
  for (let n = 0; n < TREES; n++) {
    const rows = rowsOf(next, n, (name) => `${name} ${mask(name)}`);
    if (rows.length < 2) continue;
    const [frame] = await transformed([frameOf(rows)], transformations, major);
    const problem = treeProblem(frame, 3);
    if (problem) wrong.push(problem);
  }
  return wrong.length ? `${wrong.length} of ${TREES} trees: ${wrong[0]}` : '';
}

export const callsFlame = (dashboards) => panelsOf(dashboards.find(({ name }) => name === 'overview')).find(({ title }) => title === 'Where the calls come from');

export async function checkRandom(dashboards, report) {
  const panel = callsFlame(dashboards);
  for (const major of Object.keys(majors)) {
    await report.run('(all)', `trees of random names, @grafana/data ${major}`, 'frames', () => wrongTrees(panel.transformations, maskOf(panel.targets[0].expr), major));
  }
}
