// SPDX-License-Identifier: Apache-2.0
// The dashboards are of the type that Grafana gives them (@grafana/schema), and are what jsonnet
// renders.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

// In JSON a value of an enum is its text. The schema knows no data source; Query and annotation() are what Prometheus' adds to annotations and their queries.
const HEAD = `import type { AnnotationQuery, Dashboard, DataQuery } from '@grafana/schema';
type Query = DataQuery & { expr: string; interval?: string; limit?: number; matchAny?: boolean; tags?: string[]; type?: string };
type Plain<T> = unknown extends T ? T : T extends string ? \`\${T}\` : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;
const query = (one: Query): DataQuery => one;
const annotation = (one: Plain<AnnotationQuery> & { titleFormat?: string; textFormat?: string }): Plain<AnnotationQuery> => one;
`;

function typescript(json) {
  const text = (value) => JSON.stringify(value, null, 1);
  const list = json.annotations.list.map(({ target, ...rest }) => (target
    ? `annotation({ ...${text(rest)}, target: query(${text(target)}) })`
    : `annotation(${text(rest)})`));
  const { annotations, ...rest } = json;
  return `${HEAD}export const dashboard: Plain<Dashboard> = ${text(rest).slice(0, -2)},\n annotations: { list: [${list}] } };\n`;
}

// What tsc says of dashboards, by their name; nothing of those that are right.
export function typeProblems(dashboards, npm) {
  const files = dashboards.map(({ name }) => path.join(npm, `types-${name}.ts`));
  dashboards.forEach(({ json }, i) => fs.writeFileSync(files[i], typescript(json)));
  const done = spawnSync(process.execPath, [path.join(npm, 'node_modules/typescript/bin/tsc'), '--noEmit', '--strict', '--skipLibCheck', '--module', 'esnext', '--moduleResolution', 'bundler', '--target', 'es2022', ...files], { encoding: 'utf8' });
  const lines = done.stdout.trim().split('\n');
  return Object.fromEntries(dashboards.map(({ name }) => {
    const own = lines.filter((line) => line.includes(`types-${name}.ts`));
    return [name, done.status && !lines.some((line) => line.includes('types-')) ? done.stdout : own.slice(0, 2).join('; ')];
  }));
}

export function renderProblem(name, text) {
  const done = spawnSync('jsonnet', [`dashboards/${name}.jsonnet`], { encoding: 'utf8' });
  if (done.status) return done.stderr;
  return done.stdout === text ? '' : 'is not what jsonnet renders: run make dashboards';
}

export function checkTypes(dashboards, npm, report) {
  const problems = typeProblems(dashboards, npm);
  for (const { name } of dashboards) {
    report.check(name, '(dashboard)', 'types', problems[name]);
    report.check(name, '(dashboard)', 'types', renderProblem(name, fs.readFileSync(`dashboards/json/${name}.json`, 'utf8')));
  }
  const sources = fs.readdirSync('dashboards').filter((file) => file.endsWith('.jsonnet')).map((file) => path.basename(file, '.jsonnet')).sort();
  const extra = dashboards.map(({ name }) => name).filter((name) => !sources.includes(name));
  const missing = sources.filter((name) => !dashboards.some((one) => one.name === name));
  report.check('(all)', 'each source has its JSON, and nothing else is there', 'types', [...extra, ...missing].join(' '));
}
