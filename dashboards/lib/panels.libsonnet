// SPDX-License-Identifier: Apache-2.0
// Panels by what they look like.
local grafana = import 'grafana.libsonnet';

{
  // A number, with its course behind it.
  stat(title, description, unit, expr, steps=[[null, 'green']], width=4)::
    grafana.panel('stat', title, description, width, unit, [grafana.target(expr, title)]) +
    grafana.thresholds(steps) +
    grafana.options({
      colorMode: 'value',
      graphMode: 'area',
      justifyMode: 'auto',
      textMode: 'value',
      wideLayout: true,
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    }),

  graph(title, description, unit, targets, width=12)::
    grafana.panel('timeseries', title, description, width, unit, targets) +
    grafana.defaults({
      min: 0,
      custom: { drawStyle: 'line', lineWidth: 1, fillOpacity: 8, showPoints: 'auto', spanNulls: false },
    }) +
    grafana.options({
      legend: if width < 12
      then { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] }
      else { displayMode: 'table', placement: 'right', showLegend: true, calcs: ['mean', 'max'] },
      tooltip: { mode: 'multi', sort: 'desc' },
    }),
  // What adds up to a whole.
  stacked:: grafana.defaults({ custom+: { fillOpacity: 40, lineWidth: 0, stacking: { mode: 'normal', group: 'A' } } }),
  logarithmic:: grafana.defaults({ custom+: { scaleDistribution: { type: 'log', log: 10 } } }) +
                { json+: { fieldConfig+: { defaults+: { min:: null } } } },

  // expr: increases by le alone
  heatmap(title, description, expr, width=12)::
    grafana.panel('heatmap', title, description, width, 's', [grafana.buckets(expr)]) +
    grafana.options({
      calculate: false,
      cellGap: 1,
      cellValues: { unit: 'short' },
      color: { mode: 'scheme', scheme: 'Oranges', scale: 'exponential', exponent: 0.5, steps: 64, fill: 'dark-orange', reverse: false },
      exemplars: { color: 'rgba(255,0,255,0.7)' },
      filterValues: { le: 1e-9 },
      legend: { show: true },
      rowsFrame: { layout: 'auto', value: 'Calls' },
      selectionMode: 'xy',
      showValue: 'never',
      tooltip: { mode: 'single', yHistogram: true, showColorScale: true },
      yAxis: { unit: 's', axisPlacement: 'left', reverse: false },
    }),

  bars(title, description, unit, expr, legend, width=8)::
    grafana.panel('bargauge', title, description, width, unit, [
      grafana.target(expr, legend) { instant: true, range: false },
    ]) +
    grafana.thresholds([[null, 'blue']]) +
    grafana.options({
      displayMode: 'gradient',
      orientation: 'horizontal',
      showUnfilled: true,
      minVizHeight: 10,
      minVizWidth: 0,
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    }),

  // keys: [[label, shown]]; columns: [{ name, unit, expr, gauge }], the first of which sorts it
  table(title, description, keys, columns, links={}, width=24)::
    local shown = {
      ['Value #' + std.char(65 + i)]: columns[i].name
      for i in std.range(0, std.length(columns) - 1)
    };
    local order = {
      [keys[i][0]]: i
      for i in std.range(0, std.length(keys) - 1)
    } + {
      ['Value #' + std.char(65 + i)]: std.length(keys) + i
      for i in std.range(0, std.length(columns) - 1)
    };
    grafana.panel('table', title, description, width, 'short', [grafana.instant(column.expr) for column in columns]) +
    grafana.transform([
      { id: 'merge', options: {} },
      { id: 'organize', options: {
        excludeByName: { Time: true },
        indexByName: order,
        renameByName: shown + { [key[0]]: key[1] for key in keys },
      } },
    ]) +
    grafana.overrides([
      grafana.column(column.name, { unit: column.unit } + (
        if std.objectHas(column, 'gauge') then { 'custom.cellOptions': { type: 'gauge', mode: 'gradient' }, min: 0 } else {}
      ))
      for column in columns
    ] + [
      grafana.column(key[1], { links: [links[key[0]]] })
      for key in keys
      if std.objectHas(links, key[0])
    ]) +
    grafana.options({
      showHeader: true,
      cellHeight: 'sm',
      footer: { show: false, reducer: ['sum'], countRows: false, fields: '' },
      sortBy: [{ displayName: columns[0].name, desc: true }],
    }),

  // Facts that stand in labels.
  facts(title, description, expr, labels, width=24)::
    grafana.panel('table', title, description, width, 'none', [grafana.instant(expr)]) +
    grafana.transform([{ id: 'organize', options: {
      excludeByName: { Time: true, Value: true },
      indexByName: { [labels[i]]: i for i in std.range(0, std.length(labels) - 1) },
      renameByName: {},
    } }]) +
    grafana.options({ showHeader: true, cellHeight: 'sm' }),

  flamegraph(title, description, unit, query, transformations, width=12)::
    grafana.panel('flamegraph', title, description, width, unit, [grafana.instant(query)]) +
    grafana.transform(transformations),

  // To another dashboard, with a variable set by the cell.
  link(uid, title, variable, cell)::
    local kept = [name for name in ['datasource', 'cluster', 'job', 'instance'] if name != variable];
    {
      title: title,
      url: '/d/%s?%s&var-%s=${__data.fields["%s"]:percentencode}&${__url_time_range}' %
           [uid, std.join('&', ['${%s:queryparam}' % name for name in kept]), variable, cell],
    },
}
