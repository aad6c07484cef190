// SPDX-License-Identifier: Apache-2.0
// The dashboards as Grafana reads them: panels in a row, variables, and the filling in of variables.
import fs from 'node:fs';
import path from 'node:path';
import { escapeRegex } from '@grafana/data';
import { interpolateQueryExpr } from 'grafana-escaping';

export function load(folder) {
  return fs.readdirSync(folder).filter((name) => name.endsWith('.json')).sort()
    .map((name) => ({ name: path.basename(name, '.json'), json: JSON.parse(fs.readFileSync(path.join(folder, name))) }));
}

export const panelsOf = (dashboard) => dashboard.json.panels.filter((panel) => panel.type !== 'row');
export const variablesOf = (dashboard) => dashboard.json.templating.list;
export const annotationsOf = (dashboard) => dashboard.json.annotations.list.filter((one) => !one.builtIn);

// What is chosen when a dashboard is opened: { name: { value, variable } }; `choice` overrides it.
export function choose(dashboard, choice = {}) {
  const chosen = {};
  for (const variable of variablesOf(dashboard)) {
    const value = choice[variable.name] ?? variable.current.value ?? '';
    chosen[variable.name] = { variable, value };
  }
  return chosen;
}

const isAll = (value) => value === '$__all' || (Array.isArray(value) && value[0] === '$__all');
const REGEX = /\$(\w+)|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}/g;

// As Grafana's template service does it for a Prometheus query. $1 and the like are no variables; any
// other name that nobody knows is a mistake of ours.
export function fill(text, chosen, builtIn = {}) {
  return text.replace(REGEX, (whole, plain, braced, _field, format) => {
    const name = plain ?? braced;
    if (name in builtIn) return builtIn[name];
    if (/^\d+$/.test(name)) return whole;
    if (!(name in chosen)) throw new Error(`no variable ${name}`);
    const { variable, value } = chosen[name];
    if (isAll(value)) {
      if (!variable.includeAll) throw new Error(`variable ${name} has no All`);
      if (variable.allValue === undefined) throw new Error(`All of ${name} is a list of values, to be chosen`);
      return fill(variable.allValue, chosen, builtIn);
    }
    if (format === 'regex') return regex(value);
    if (format) throw new Error(`format ${format} in a query`);
    return interpolateQueryExpr(value, variable);
  });
}

function regex(value) {
  const all = [value].flat().map((one) => escapeRegex(one));
  return all.length === 1 ? all[0] : `(${all.join('|')})`;
}

const seconds = (text) => {
  const [, n, unit] = /^(\d+)(s|m)$/.exec(text);
  return Number(n) * { s: 1, m: 60 }[unit];
};

// $__interval and the like of a target; `scrape` is the data source's scrape interval, `points` how
// many the panel has room for. All in seconds.
export function times(target, range, { scrape = 1, points = 1000 } = {}) {
  const least = target.interval ? seconds(target.interval) : scrape;
  const interval = Math.max(least, Math.ceil(range / points));
  const rate = Math.max(interval + scrape, 4 * scrape);
  return { step: interval, builtIn: { __interval: `${interval}s`, __rate_interval: `${rate}s`, __range: `${range}s` } };
}
