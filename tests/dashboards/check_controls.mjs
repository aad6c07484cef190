// SPDX-License-Identifier: Apache-2.0
// Negative controls: what is broken on purpose must be found by the check that is there for it.
import { choose, panelsOf } from './model.mjs';
import { hasData } from './check_data.mjs';
import { figure, truths } from './check_figures.mjs';
import { flameFrame, heatmapProblem, orders, treeProblem } from './check_frames.mjs';
import { dataSourceFrames, majors, sources } from './frames.mjs';
import { callsFlame, wrongTrees } from './check_random.mjs';
import { panelProblems } from './check_lint.mjs';
import { renderProblem, typeProblems } from './check_types.mjs';

// A panel of a copy of the overview, changed.
function broken(dashboards, type, change) {
  const overview = structuredClone(dashboards.find(({ name }) => name === 'overview'));
  const panel = panelsOf(overview).find((one) => one.type === type);
  change(panel);
  return { overview, panel };
}

const withoutMask = (panel) => {
  panel.targets[0].expr = panel.targets[0].expr.replaceAll(', " ", "name", "mask")', ', " ", "name")');
};
const without = (id) => (panel) => {
  panel.transformations = panel.transformations.filter((one) => one.id !== id);
};

export async function checkControls(world, dashboards, npm, browser, report) {
  // the check must find it, and say what it is
  const found = (what, saying, check) => report.run('(broken)', what, 'control', async () => {
    let problem;
    try {
      problem = await check();
    } catch (wrong) {
      problem = wrong.message;
    }
    if (!problem) return 'not found';
    return saying.test(problem) ? '' : `found as: ${problem}`;
  });
  const chosen = choose(dashboards.find(({ name }) => name === 'overview'), world.choice('overview'));
  const target = (change) => broken(dashboards, 'stat', (panel) => { panel.targets[0].expr = change(panel.targets[0].expr); }).panel.targets[0];

  await found('a metric that is not there', /^no data/, () => hasData(world, target((expr) => expr.replaceAll('_count', '_counts')), chosen));
  await found('a query that is no PromQL', /parse error/, () => hasData(world, target((expr) => expr.slice(1)), chosen));
  await found('a variable that is not there', /^no variable jobs/, () => hasData(world, target((expr) => expr.replace('$job', '$jobs')), chosen));
  await found('a figure that is twice what it should be', /^wrong/, async () => {
    const [[, , , , labels, expected]] = await truths(world);
    const one = choose(dashboards.find(({ name }) => name === 'overview'), { ...world.choice('overview'), cluster: ['one'] });
    const got = await figure(world, target((expr) => `2 * ${expr}`), one, labels);
    return got.get('') === expected[''] ? '' : 'wrong';
  });
  for (const major of Object.keys(sources)) {
    await found(`a heatmap by le and family (${major})`, /\d frames; the panel draws one/, async () => {
      const { panel } = broken(dashboards, 'heatmap', (one) => { one.targets[0].expr = one.targets[0].expr.replace('by (le)', 'by (le, family)'); });
      const answer = await world.answer(panel.targets[0], chosen);
      return heatmapProblem(dataSourceFrames([{ target: panel.targets[0], answer }], major), 0);
    });
  }
  for (const major of Object.keys(majors)) {
    const flame = (change) => async () => {
      const { overview, panel } = broken(dashboards, 'flamegraph', change);
      for (const order of orders) {
        const [frame] = await flameFrame(world, overview, panel, order, major);
        const problem = treeProblem(frame, order.length);
        if (problem) return problem;
      }
      return '';
    };
    await found(`a flame graph that is not sorted (${major})`, /jumps from|its children|first row/, flame(without('sortBy')));
    await found(`a flame graph whose levels are text (${major})`, /not of numbers|first row/, flame(without('convertFieldType')));
    await found(`a flame graph without values (${major})`, /^fields /, flame(without('calculateField')));
    await found(`a flame graph that takes comms of other case for one (${major})`, /jumps from|its children/, flame(withoutMask));
  }
  await found('trees of random names without a mask', /^\d+ of \d+ trees/, () => wrongTrees(callsFlame(dashboards).transformations, () => '', 13));
  await found('a panel without a description', /^no description$/, () => panelProblems(broken(dashboards, 'stat', (panel) => { panel.description = ''; }).panel).join());
  await found('a panel without a unit', /^no unit$/, () => panelProblems(broken(dashboards, 'stat', (panel) => { delete panel.fieldConfig.defaults.unit; }).panel).join());
  await found('a counter without a rate', /^counter .* without rate/, () => panelProblems(broken(dashboards, 'stat', (panel) => { panel.targets[0].expr = panel.targets[0].expr.replace(/rate\((.*)\[.*?\]\)/, '$1'); }).panel).join());
  await found('a query of all jobs', /without job=/, () => panelProblems(broken(dashboards, 'stat', (panel) => { panel.targets[0].expr = panel.targets[0].expr.replace('job=~"$job",', ''); }).panel).join());
  await found('a schemaVersion that is text', /TS2322.*'string'.*'number'/, () => typeProblems([{ name: 'broken', json: { ...dashboards[0].json, schemaVersion: '39' } }], npm).broken);
  await found('JSON that was changed by hand', /not what jsonnet renders/, () => renderProblem(dashboards[0].name, `${JSON.stringify(dashboards[0].json)}\n`));
  await found('a picture without values', /missing fields/, async () => {
    const { overview, panel } = broken(dashboards, 'flamegraph', without('calculateField'));
    const [frame] = await flameFrame(world, overview, panel, orders[0], 13);
    return browser.draw(frame, 'ns', `${npm}/broken.png`);
  });
}
