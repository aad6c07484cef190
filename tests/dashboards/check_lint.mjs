// SPDX-License-Identifier: Apache-2.0
// The rules of Grafana's dashboard linter that apply, and some of our own. Exceptions have a reason.
import fs from 'node:fs';
import { annotationsOf, panelsOf, variablesOf } from './model.mjs';

const EXCEPTIONS = {
  'allValue of job': 'All is the jobs that exporters have; of any other, up, scrape_* and process_* would be counted, too',
  'matchers of ALERTS': 'alerts have the labels of their rule, which may aggregate job and instance away',
  '$__range': 'a query of an instant shows what happened over the whole range that is shown, in one go',
};
export const exceptions = () => Object.entries(EXCEPTIONS).map(([rule, reason]) => `${rule}: ${reason}`);

const COUNTER = /_(total|sum|count|bucket)$/;
const OTHERS = /^(up|scrape_(samples_scraped|series_added|duration_seconds)|ALERTS)$/;

// What the README says there is, and what Prometheus adds.
const known = new Set([...fs.readFileSync('README.md', 'utf8').matchAll(/^\| `(ior_\w+|process_\w+)` \|/gm)].map((found) => found[1]));
const isKnown = (metric) => OTHERS.test(metric) || known.has(metric) || known.has(metric.replace(/_(sum|count|bucket)$/, ''));

// [{ metric, before, matchers, window }] of the selectors of an expression, past what is in strings.
export function selectors(expr) {
  const bare = expr.replace(/"(?:[^"\\]|\\.)*"|`[^`]*`/g, (text) => 'x'.repeat(text.length));
  return [...bare.matchAll(/(\w*)\{([^}]*)\}(\[[^\]]*\])?/g)].map((found) => {
    const start = found.index + found[1].length + 1;
    const matchers = expr.slice(start, start + found[2].length);
    return {
      metric: found[1] || /__name__=~"([^"]*)"/.exec(matchers)?.[1],
      before: /(\w*)\($/.exec(bare.slice(0, found.index))?.[1] ?? '',
      matchers,
      window: found[3],
    };
  });
}

export function targetProblems(target) {
  const wrong = [];
  for (const { metric, before, matchers, window } of selectors(target.expr)) {
    if (metric === 'ALERTS') continue;
    for (const label of ['cluster', 'job', 'instance']) {
      if (!matchers.includes(`${label}=~"$${label}"`)) wrong.push(`${metric} without ${label}=~"$${label}"`);
    }
    if (/[|(]/.test(metric)) continue;
    if (!isKnown(metric)) wrong.push(`no metric ${metric}`);
    if (COUNTER.test(metric) && !(window && /^(rate|increase|resets)$/.test(before))) wrong.push(`counter ${metric} without rate or increase`);
    const allowed = target.instant ? ['[$__range]', '[$__rate_interval]'] : ['[$__rate_interval]'];
    if (window && !allowed.includes(window)) wrong.push(`${metric}${window}`);
  }
  if (!selectors(target.expr).length) wrong.push('no selector');
  return wrong;
}

function dashboardProblems({ name, json }) {
  const wrong = [];
  const must = (right, what) => right || wrong.push(what);
  must(json.uid === `ior-${name}` && json.id === null, 'uid or id');
  must(json.title.startsWith('ior / ') && json.description && json.tags.includes('ior'), 'title, description or tag');
  must(json.editable === false && json.schemaVersion === 39, 'editable or schemaVersion');
  must(json.links.some((link) => link.tags.includes('ior') && link.includeVars && link.keepTime), 'no links to the others');
  const [first] = variablesOf({ json });
  must(first.type === 'datasource' && first.name === 'datasource' && first.label === 'Data source', 'first variable is not the data source');
  for (const [variable, label, allValue] of [['job', 'Job', undefined], ['instance', 'Instance', '.+']]) {
    const found = variablesOf({ json }).find((one) => one.name === variable);
    must(found?.type === 'query' && found.multi && found.includeAll && found.allValue === allValue && found.label === label, `variable ${variable}`);
  }
  for (const one of variablesOf({ json }).filter(({ type }) => type === 'query')) {
    must(one.refresh === 2 && one.datasource.uid === '${datasource}' && one.description, `variable ${one.name}: refresh, data source or description`);
  }
  for (const one of annotationsOf({ json })) must(one.datasource.uid === '${datasource}', `annotation ${one.name}: data source`);
  const titles = json.panels.map((panel) => `${panel.type === 'row'} ${panel.title}`);
  must(new Set(titles).size === titles.length, 'two panels of one title');
  must(new Set(json.panels.map((panel) => panel.id)).size === json.panels.length, 'two panels of one id');
  return [...wrong, ...layoutProblems(json.panels)];
}

// Every line is full, and nothing lies on another.
function layoutProblems(panels) {
  const wrong = [];
  const taken = new Map();
  for (const { title, repeat, gridPos: { x, y, w, h } } of panels) {
    if (x + w > 24) wrong.push(`${title} is outside`);
    for (let row = y; row < y + h; row++) {
      for (let at = x; at < x + w; at++) {
        if (taken.has(`${row} ${at}`)) wrong.push(`${title} lies on ${taken.get(`${row} ${at}`)}`);
        taken.set(`${row} ${at}`, title);
      }
    }
    if (repeat) for (let row = y; row < y + h; row++) for (let at = x + w; at < 24; at++) taken.set(`${row} ${at}`, title);
  }
  const rows = Math.max(...panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  if (taken.size !== rows * 24) wrong.push('a gap between panels');
  return [...new Set(wrong)];
}

const plain = (text) => typeof text === 'string' && text.trim().length > 0;

export function panelProblems(panel) {
  const wrong = [];
  if (!plain(panel.title)) wrong.push('no title');
  if (!plain(panel.description) || panel.description.length < 20) wrong.push('no description');
  if (!plain(panel.fieldConfig?.defaults?.unit)) wrong.push('no unit');
  if (panel.datasource?.uid !== '${datasource}') wrong.push('data source');
  if (!panel.targets?.length) wrong.push('no target');
  for (const target of panel.targets ?? []) {
    if (target.datasource?.uid !== '${datasource}') wrong.push('data source of a target');
    wrong.push(...targetProblems(target));
  }
  return wrong;
}

function linkProblems(panel, dashboards) {
  const links = panel.fieldConfig.overrides.flatMap((override) => override.properties).filter(({ id }) => id === 'links').flatMap(({ value }) => value);
  return links.flatMap(({ url }) => {
    const [, uid] = /^\/d\/([\w-]+)\?/.exec(url);
    const target = dashboards.find(({ json }) => json.uid === uid);
    if (!target) return [`link to ${uid}, which is not there`];
    const names = [...url.matchAll(/var-(\w+)=|\$\{(\w+):queryparam\}/g)].map((found) => found[1] ?? found[2]);
    const there = variablesOf(target).map(({ name }) => name);
    const columns = panel.fieldConfig.overrides.map(({ matcher }) => matcher.options);
    const cells = [...url.matchAll(/fields\["([^"]+)"\]/g)].map((found) => found[1]);
    if (!cells.length || cells.some((cell) => !columns.includes(cell))) return [`link by the cell ${cells}, which is not there`];
    return names.filter((name) => !there.includes(name)).map((name) => `link sets ${name}, which ${uid} has not`);
  });
}

export function checkLint(dashboards, report) {
  for (const dashboard of dashboards) {
    report.check(dashboard.name, '(dashboard)', 'lint', dashboardProblems(dashboard).join('; '));
    for (const panel of panelsOf(dashboard)) {
      report.check(dashboard.name, panel.title, 'lint', [...panelProblems(panel), ...linkProblems(panel, dashboards)].join('; '));
    }
    for (const { name, target } of annotationsOf(dashboard)) report.check(dashboard.name, `@ ${name}`, 'lint', targetProblems(target).join('; '));
  }
}
