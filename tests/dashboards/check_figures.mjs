// SPDX-License-Identifier: Apache-2.0
// Figures that have one right value are it: by the calls that were made, or, for times, by the
// difference of raw samples.
import fs from 'node:fs';
import { choose, panelsOf } from './model.mjs';
import { losses } from './world.mjs';

const near = (got, expected) => Math.abs(got - expected) <= 1e-9 * Math.max(Math.abs(expected), 1e-9);

export const waiting = new Set(fs.readFileSync('bpf/syscalls.tsv', 'utf8').split('\n')
  .map((line) => line.split('\t')).filter((row) => row[9]?.split(',').includes('wait')).map((row) => row[0]));

// What a raw counter grew by over the range: [[labels, growth]].
export async function grown(world, selector) {
  const end = world.end();
  const key = (metric) => JSON.stringify(Object.entries(metric).sort());
  const [after, before] = await Promise.all([end, end - world.range * 1000].map((at) => world.prometheus.instant(selector, at)));
  const old = new Map(before.result.map(({ metric, value }) => [key(metric), Number(value[1])]));
  return after.result.map(({ metric, value }) => [metric, Number(value[1]) - old.get(key(metric))]);
}

const sum = (rows, test = () => true) => rows.filter(([labels]) => test(labels)).reduce((total, [, value]) => total + value, 0);
const DURATION = 'ior_syscall_duration_seconds';

// With those that may wait for somebody, such as the read that hangs.
const withOthers = (expr) => expr.replace(/syscall!~"bpf\|[^"]*",/, '');

// With the targets of other jobs in the cluster: one answers, one does not.
const ofAllJobs = (expr) => expr.replaceAll('job=~"$job"', 'job=~".+"');

// [dashboard, panel, target, choice, labels of the result, what is right: {labels: value}, a change of
// the expression]
export async function truths(world) {
  const rate = (n) => n / world.range;
  const all = (value) => ({ '': value });
  const of = (test, field = 'calls') => rate(world.total(field, test));
  const by = (label, field, test = () => true) => {
    const found = {};
    for (const call of world.calls.filter(test)) found[call[label]] = (found[call[label]] ?? 0) + rate(call[field]);
    return found;
  };
  const times = await grown(world, `${DURATION}_sum{cluster="one"}`);
  const counts = await grown(world, `${DURATION}_count{cluster="one"}`);
  const works = ({ syscall }) => !waiting.has(syscall);
  const read = (call) => call.syscall === 'read';
  const moves = (call) => call.bytes > 0;
  const le = '0.03125';
  const naps = await grown(world, `${DURATION}_bucket{cluster="one",syscall="clock_nanosleep"}`);
  const share = (part, whole) => part / whole;
  const shares = (field, test) => Object.fromEntries(Object.entries(by('family', field, test))
    .map(([family, value]) => [family, value / of(() => true, field)]));

  const web = (call) => call.comm === 'shop-web' && works(call);
  const bySyscall = (value) => Object.fromEntries(world.calls.filter(web).map((call) => [call.syscall, value(call)]));
  const means = Object.fromEntries(Object.keys(by('comm', 'calls', read)).map((comm) => {
    const own = (labels) => read(labels) && labels.comm === comm;
    return [comm, share(sum(times, own), sum(counts, own))];
  }));
  const oldest = await world.prometheus.values('ior_syscall_in_flight_oldest_seconds{cluster="one",syscall="read"}', world.end(), []);

  const list = [
    ['overview', 'Calls', 0, {}, [], all(of(() => true))],
    ['overview', 'Calls', 0, { cluster: ['two'] }, [], all(of(() => true))],
    ['overview', 'Failing calls', 0, {}, [], all(share(world.total('errors'), world.total('calls')))],
    ['overview', 'Lost calls', 0, {}, [], all(0)],
    ['overview', 'Lost calls', 0, {}, [], all(share(world.lost, world.total('calls'))), losses],
    ['overview', 'Time in calls', 0, {}, [], all(rate(sum(times, works)))],
    ['overview', 'Time in calls', 0, { waits: '-' }, [], all(rate(sum(times)))],
    ['overview', 'Calls', 0, { comm: ['shop-web'] }, [], all(of((call) => call.comm === 'shop-web'))],
    ['overview', 'Calls', 0, { family: ['Network'], syscall: ['sendto'] }, [], all(of((call) => call.syscall === 'sendto'))],
    ['overview', 'Errors by errno', 0, {}, ['syscall', 'errno'],
      Object.fromEntries(world.calls.filter((call) => call.errno).map((call) => [`${call.syscall}|${call.errno}`, rate(call.errors)]))],
    ['overview', 'Calls in flight', 0, {}, ['comm', 'syscall'], { 'shop hang|read': 1 }],
    ['overview', 'Oldest in flight', 0, {}, [], all(0)],
    ['overview', 'Oldest in flight', 0, {}, [], all(oldest.get('')), withOthers],
    ['syscall', 'Commands', 1, {}, ['comm'], by('comm', 'calls', read)],
    ['syscall', 'Commands', 2, {}, ['comm'], means],
    ['process', 'Its calls', 1, { comm: ['shop-web'] }, ['syscall'], bySyscall((call) => rate(call.calls))],
    ['process', 'Its calls', 4, { comm: ['shop-web'] }, ['syscall'], bySyscall((call) => share(call.errors, call.calls))],
    ['fleet', 'Machines side by side', 4, {}, ['cluster'], { one: of(() => true) }],
    ['fleet', 'Machines side by side', 6, {}, ['cluster'], { one: world.lost }],
    ['exporter', 'Audit', 0, {}, [], all(1)],
    ['syscall', 'Calls', 0, {}, [], all(of(read))],
    ['syscall', 'Mean', 0, {}, [], all(share(sum(times, read), sum(counts, read)))],
    ['syscall', 'Calls by command', 0, {}, ['comm'], { ...by('comm', 'calls', read) }],
    ['syscall', 'Bytes a second by comm', 0, {}, ['comm'], by('comm', 'bytes', read)],
    ['syscall', 'Mean size by comm', 0, {}, ['comm'], Object.fromEntries(world.calls.filter(read).map(({ comm }) => [comm, 10]))],
    ['syscall', 'Failing calls', 0, { syscall: 'close' }, [], all(1)],
    ['syscall', 'Errors by errno', 0, { syscall: 'kcmp' }, ['syscall', 'errno'], { 'kcmp|ESRCH': of((call) => call.syscall === 'kcmp') }],
    ['syscall', 'Within the bound', 0, { syscall: 'clock_nanosleep', le }, [],
      all(share(sum(naps, (labels) => labels.le === le), sum(naps, (labels) => labels.le === '+Inf')))],
    ['process', 'Where its threads\' time goes', 1, {}, [], all(rate(sum(times, works)))],
    ['process', 'Where its threads\' time goes', 2, {}, [], all(rate(sum(times, (labels) => !works(labels))))],
    ['families', 'Share of calls', 0, {}, ['family'], shares('calls')],
    ['families', 'Share of bytes', 0, {}, ['family'], shares('bytes', moves)],
    ['families', 'Calls', 0, {}, ['family'], by('family', 'calls')],
    ['fleet', 'Machines', 0, {}, [], all(1)],
    ['fleet', 'Not answering', 0, {}, [], all(0)],
    ['fleet', 'Not answering', 0, {}, [], all(1), ofAllJobs],
    ['fleet', 'Calls', 0, {}, [], all(of(() => true))],
    ['fleet', 'Furthest from the middle', 0, {}, [], all(1)],
    ['exporter', 'Up', 0, {}, [], all(1)],
    ['exporter', 'Up', 0, {}, [], all(1 / 3), ofAllJobs],
    ['exporter', 'Exact', 0, {}, [], all(1)],
    ['exporter', 'Lost calls', 0, {}, [], all(0)],
    ['exporter', 'Lost calls', 0, {}, [], all(share(world.lost, world.total('calls'))), losses],
    ['exporter', 'Lost calls by reason', 0, {}, ['reason'],
      { died: rate(world.lost), ...Object.fromEntries(['clock', 'no_entry', 'no_exit', 'no_memory', 'recursion'].map((reason) => [reason, 0])) }],
    ['exporter', 'Reads that failed', 0, {}, ['collector'], {}],
    ['exporter', 'Configuration', 0, {}, [], all(1)],
  ];
  for (const comm of world.comms) {
    const own = (call) => call.comm === comm;
    list.push(
      ['process', 'Calls', 0, { comm: [comm] }, [], all(of(own))],
      ['process', 'Failing calls', 0, { comm: [comm] }, [], all(share(world.total('errors', own), world.total('calls', own)))],
      ['process', 'Bytes', 0, { comm: [comm] }, [], all(of(own, 'bytes'))],
    );
  }
  return list;
}

function compare(found, expected) {
  const wrong = [];
  for (const [key, value] of Object.entries(expected)) {
    if (!found.has(key)) wrong.push(`${key || 'value'} is missing`);
    else if (!near(found.get(key), value)) wrong.push(`${key || 'value'} is ${found.get(key)}, not ${value}`);
  }
  for (const [key, value] of found) if (!(key in expected) && value !== 0) wrong.push(`${key} is ${value}, but should not be`);
  return wrong.join('; ');
}

export async function figure(world, target, chosen, labels) {
  const { result } = await world.exact(target, chosen, chosen.cluster.value[0]);
  return new Map(result.map(({ metric, value }) => [labels.map((label) => metric[label] ?? '').join('|'), Number(value[1])]));
}

export async function checkFigures(world, dashboards, report) {
  for (const [name, title, index, choice, labels, expected, change = (expr) => expr] of await truths(world)) {
    const dashboard = dashboards.find((one) => one.name === name);
    const subject = panelsOf(dashboard).filter((panel) => panel.title === title);
    await report.run(name, title, 'figures', async () => {
      if (subject.length !== 1) return `${subject.length} panels of this title`;
      const chosen = choose(dashboard, { ...world.choice(name), cluster: ['one'], ...choice });
      const target = subject[0].targets[index];
      const changed = { ...target, expr: change(target.expr) };
      return compare(await figure(world, changed, chosen, labels), expected);
    });
  }
}
