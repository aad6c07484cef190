// SPDX-License-Identifier: Apache-2.0
// What heatmaps, flame graphs and tables draw, made of real answers by Grafana's own code.
import { choose, panelsOf } from './model.mjs';
import { grown, waiting } from './check_figures.mjs';
import { repeats } from './check_data.mjs';
import { column, dataSourceFrames, majors, sources, transformed } from './frames.mjs';

const close = (a, b) => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b), 1e-9);
const total = (values) => values.reduce((a, b) => a + b, 0);

// ---- heatmaps: one frame, a column for each le in order, which add up to the calls

export function heatmapProblem(frames, expected) {
  if (frames.length !== 1) return `${frames.length} frames; the panel draws one`;
  const [frame] = frames;
  if (frame.meta?.type !== 'heatmap-rows') return `frame of type ${frame.meta?.type}`;
  const columns = frame.fields.slice(1);
  const bounds = columns.map((field) => (field.name === '+Inf' ? Infinity : Number(field.name)));
  if (bounds.length < 2 || bounds.some((bound, i) => Number.isNaN(bound) || (i && bound <= bounds[i - 1]))) return `columns ${columns.map((field) => field.name)}`;
  if (bounds.at(-1) !== Infinity) return 'no column +Inf';
  if (columns.some((field) => field.values.some((value) => value < 0))) return 'negative cells';
  const last = total(columns.map((field) => field.values.at(-1)));
  return close(last, expected) ? '' : `cells add up to ${last}, calls are ${expected}`;
}

async function heatmapOf(world, panel, chosen, major) {
  const [target] = panel.targets;
  // its interval is a minute, to which $__rate_interval adds that of the scrapes
  const answer = await world.answer(target, chosen);
  const { metric } = target.expr.match(/increase\((?<metric>\w+)_bucket/).groups;
  const counts = { ...target, expr: target.expr.replace(/sum by \(le\)/, 'sum').replace(`${metric}_bucket`, `${metric}_count`) };
  const { result } = await world.exact(counts, chosen, 'one', 61);
  return heatmapProblem(dataSourceFrames([{ target, answer }], major), Number(result[0]?.value[1]));
}

async function checkHeatmap(world, dashboard, panel, chosen, report) {
  for (const major of Object.keys(sources)) {
    await report.run(dashboard.name, panel.title, 'frames', async () => {
      const problem = await heatmapOf(world, panel, chosen, major);
      return problem && `by @grafana/prometheus ${major}: ${problem}`;
    });
  }
}

// ---- flame graphs: a nested set in which each parent is the sum of its children

export function treeProblem(frame, depth) {
  const [labels, levels, values, selfs] = ['label', 'level', 'value', 'self'].map((name) => frame.fields.find((field) => field.name === name)?.values);
  if (!labels || !levels || !values || !selfs) return `fields ${frame.fields.map((field) => field.name)}`;
  if (levels[0] !== 0) return 'the first row is not the root';
  const children = new Array(levels.length).fill(0);
  const above = [];
  for (let i = 0; i < levels.length; i++) {
    if (typeof levels[i] !== 'number' || typeof values[i] !== 'number') return `row ${i} is not of numbers`;
    if (i && (levels[i] < 1 || levels[i] > levels[i - 1] + 1)) return `row ${i} (${labels[i]}) jumps from level ${levels[i - 1]} to ${levels[i]}`;
    above.length = levels[i];
    if (levels[i]) children[above[levels[i] - 1]] += values[i];
    above.push(i);
  }
  for (let i = 0; i < levels.length; i++) {
    if (levels[i] < depth && !close(children[i], values[i])) return `row ${i} (${labels[i]}) is ${values[i]}, its children ${children[i]}`;
    if (!close(selfs[i], levels[i] === depth ? values[i] : 0)) return `row ${i} (${labels[i]}) has self ${selfs[i]}`;
  }
  return '';
}

// {path of labels: value} of the leaves
export function leaves(frame, depth) {
  const found = {};
  const path = [];
  column(frame, 'level').forEach((level, i) => {
    path.length = level;
    path.push(column(frame, 'label')[i]);
    if (level === depth) found[path.slice(1).join('|')] = column(frame, 'value')[i];
  });
  return found;
}

async function leafTruth(world, kind, order) {
  const key = (labels) => order.map((label) => labels[label] ?? '-').join('|');
  const found = {};
  const add = (labels, n) => { if (n > 0) found[key(labels)] = (found[key(labels)] ?? 0) + n; };
  if (kind === 'ns') {
    for (const [labels, seconds] of await grown(world, 'ior_syscall_duration_seconds_sum{cluster="one"}')) if (!waiting.has(labels.syscall)) add(labels, seconds * 1e9);
  } else {
    const [instance] = await world.prometheus.labelValues('ior_up{cluster="one"}', 'instance', world.end() - 1000, world.end());
    for (const call of world.calls) add({ ...call, instance }, kind === 'bytes' ? call.bytes : call.calls);
  }
  return found;
}

export const orders = [
  ['family', 'syscall', 'comm'],
  ['comm', 'family', 'syscall'],
  ['comm', 'syscall', 'family'],
  ['instance', 'comm', 'syscall'],
  ['pod_uid', 'comm', 'syscall'],  // a label that one of the exporters has not
];

export async function flameFrame(world, dashboard, panel, order, major) {
  const levels = Object.fromEntries(order.map((label, i) => [`l${i + 1}`, label]));
  const chosen = choose(dashboard, { ...world.choice(dashboard.name), cluster: ['one'], ...levels });
  const [target] = panel.targets;
  const frames = dataSourceFrames([{ target, answer: await world.exact(target, chosen) }], major);
  return transformed(frames, panel.transformations, major);
}

async function flameProblem(world, dashboard, panel, order, major) {
  const frames = await flameFrame(world, dashboard, panel, order, major);
  if (frames.length !== 1) return `${frames.length} frames`;
  const problem = treeProblem(frames[0], order.length);
  if (problem) return problem;
  const found = leaves(frames[0], order.length);
  const expected = await leafTruth(world, panel.fieldConfig.defaults.unit, order);
  const wrong = [...new Set([...Object.keys(found), ...Object.keys(expected)])].filter((key) => !close(found[key] ?? 0, expected[key] ?? 0));
  return wrong.map((key) => `${key} is ${found[key]}, not ${expected[key]}`).join('; ');
}

async function checkFlame(world, dashboard, panel, report) {
  const depth = dashboard.json.templating.list.filter(({ name }) => /^l\d$/.test(name)).length;
  for (const order of orders) {
    for (const major of Object.keys(majors)) {
      await report.run(dashboard.name, panel.title, 'frames', async () => {
        const problem = await flameProblem(world, dashboard, panel, order.slice(0, depth), major);
        return problem && `${order.slice(0, depth)} by @grafana/data ${major}: ${problem}`;
      });
    }
  }
}

// ---- tables: the columns that they name, and a row for each of their keys

async function tableProblem(world, panel, chosen, major) {
  const answers = [];
  for (const target of panel.targets) answers.push({ target, answer: await world.exact(target, chosen) });
  const frames = await transformed(dataSourceFrames(answers, major), panel.transformations, major);
  if (frames.length !== 1) return `${frames.length} frames`;
  const [frame] = frames;
  const shown = frame.fields.map((field) => field.shown);
  const named = panel.fieldConfig.overrides.map((override) => override.matcher.options);
  const missing = named.filter((name) => !shown.includes(name));
  if (missing.length) return `no column ${missing}, only ${shown}`;
  const raw = shown.filter((name) => /^Value|^Time$/.test(name) && !named.includes(name));
  if (raw.length) return `columns ${raw} should not show`;
  const rows = answers[0].answer.result.length;
  if (frame.length !== rows) return `${frame.length} rows of ${rows} results`;
  const empty = frame.fields.filter((field) => field.values.every((value) => value === null || value === undefined));
  return empty.length ? `empty columns: ${empty.map((field) => field.shown)}` : '';
}

async function checkTable(world, dashboard, panel, chosen, report) {
  for (const major of Object.keys(majors)) {
    await report.run(dashboard.name, panel.title, 'frames', async () => {
      const problem = await tableProblem(world, panel, chosen, major);
      return problem && `@grafana/data ${major}: ${problem}`;
    });
  }
}

export async function checkFrames(world, dashboard, report) {
  const chosen = choose(dashboard, { ...world.choice(dashboard.name), cluster: ['one'] });
  for (const panel of panelsOf(dashboard)) {
    if (panel.type === 'heatmap') {
      for (const one of await repeats(world, dashboard, panel, chosen)) await checkHeatmap(world, dashboard, panel, one, report);
    }
    if (panel.type === 'flamegraph') await checkFlame(world, dashboard, panel, report);
    if (panel.type === 'table') await checkTable(world, dashboard, panel, chosen, report);
  }
}
