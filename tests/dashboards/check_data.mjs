// SPDX-License-Identifier: Apache-2.0
// Every query of every panel, variable and annotation gives data, and no error.
import { annotationsOf, choose, fill, panelsOf, variablesOf } from './model.mjs';
import { losses } from './world.mjs';

const finite = ({ result }) => result.some(({ value, values }) => (values ?? [value]).some(([, text]) => Number.isFinite(Number(text))));

async function variableValues(world, variable, chosen) {
  const [, selector, label] = /^label_values\((.+), (\w+)\)$/.exec(variable.query.query) ?? [];
  if (!selector) throw new Error(`not label_values(...): ${variable.query.query}`);
  const end = world.end();
  return world.prometheus.labelValues(fill(selector, chosen), label, end - world.range * 1000, end);
}

async function checkVariable(world, variable, chosen) {
  const found = await variableValues(world, variable, chosen);
  if (!found.length) return 'no values';
  const { value } = chosen[variable.name];
  const missing = [value].flat().filter((one) => one !== '$__all' && !found.includes(one));
  return missing.length ? `chosen, but not there: ${missing}` : '';
}

// All the choices that a panel is drawn for: one, or one for each value that it is repeated by.
export async function repeats(world, dashboard, panel, chosen) {
  if (!panel.repeat) return [chosen];
  const { variable } = chosen[panel.repeat];
  const found = await variableValues(world, variable, chosen);
  return found.map((value) => ({ ...chosen, [panel.repeat]: { variable, value: [value] } }));
}

export async function hasData(world, target, chosen) {
  return finite(await world.answer(target, chosen)) ? '' : `no data: target ${target.refId}`;
}

export async function checkData(world, dashboard, report) {
  const chosen = choose(dashboard, world.choice(dashboard.name));
  for (const variable of variablesOf(dashboard).filter((one) => one.type === 'query')) {
    await report.run(dashboard.name, `$${variable.name}`, 'data', () => checkVariable(world, variable, chosen));
  }
  for (const { name, target } of annotationsOf(dashboard)) {
    // over everything that was scraped: restarts and losses are events
    await report.run(dashboard.name, `@ ${name}`, 'data', async () => {
      const query = fill(losses(target.expr), chosen, { __rate_interval: '4s' });
      const end = world.end('two');
      const answer = await world.prometheus.range(query, end - 3 * world.range * 1000, end, 1);
      return finite(answer) ? '' : 'no event found';
    });
  }
  for (const panel of panelsOf(dashboard)) {
    for (const one of await repeats(world, dashboard, panel, chosen)) {
      for (const target of panel.targets) {
        await report.run(dashboard.name, panel.title, 'data', () => hasData(world, target, one));
      }
    }
  }
}
