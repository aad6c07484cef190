// SPDX-License-Identifier: Apache-2.0
// Grafana's JSON model (schemaVersion 39, which 10.4 to 13 load): dashboards, panels, targets.
local datasource = { type: 'prometheus', uid: '${datasource}' };

// Lines of panels from top to bottom; each panel has its width, each line its height.
local place(lines) =
  local step(at, line) = at {
    y+: line.height,
    panels+: std.foldl(
      function(row, panel) row {
        x+: panel.width,
        panels+: [panel.json { gridPos: { x: row.x, y: at.y, w: panel.width, h: line.height } }],
      }, line.panels, { x: 0, panels: [] }
    ).panels,
  };
  local placed = std.foldl(step, lines, { y: 0, panels: [] }).panels;
  [placed[i] { id: i + 1 } for i in std.range(0, std.length(placed) - 1)];

{
  datasource: datasource,

  // A query whose points are drawn over time.
  target(expr, legend='', interval=''):: {
    datasource: datasource,
    editorMode: 'code',
    expr: expr,
    format: 'time_series',
    [if interval != '' then 'interval']: interval,
    legendFormat: if legend == '' then '__auto' else legend,
    range: true,
  },

  // A query whose rows at the end of the range fill a table.
  instant(expr):: $.target(expr) { format: 'table', instant: true, range: false },

  // One column for each le: group by le alone, or Grafana draws one of many histograms.
  buckets(expr):: $.target(expr, '{{le}}', '1m') { format: 'heatmap' },

  panel(type, title, description, width, unit, targets):: {
    width: width,
    json: {
      type: type,
      title: title,
      description: description,
      datasource: datasource,
      targets: [targets[i] { refId: std.char(65 + i) } for i in std.range(0, std.length(targets) - 1)],
      fieldConfig: { defaults: { unit: unit }, overrides: [] },
      options: {},
    },
  },

  options(options):: { json+: { options+: options } },
  defaults(defaults):: { json+: { fieldConfig+: { defaults+: defaults } } },
  overrides(overrides):: { json+: { fieldConfig+: { overrides+: overrides } } },
  transform(transformations):: { json+: { transformations: transformations } },
  links(links):: $.defaults({ links: links }),
  // thresholds: [[null, 'green'], [0.01, 'red']]
  thresholds(steps):: $.defaults({
    color: { mode: 'thresholds' },
    thresholds: { mode: 'absolute', steps: [{ value: step[0], color: step[1] } for step in steps] },
  }),

  // What holds for the columns of one name.
  column(name, properties):: {
    matcher: { id: 'byName', options: name },
    properties: [{ id: id, value: properties[id] } for id in std.objectFields(properties)],
  },

  line(height, panels):: { height: height, panels: panels },
  section(title):: $.line(1, [{
    width: 24,
    json: { type: 'row', title: title, collapsed: false, panels: [] },
  }]),

  dashboard(name, title, description, variables, lines, annotations):: {
    uid: 'ior-' + name,
    id: null,
    title: 'ior / ' + title,
    description: description,
    tags: ['ior'],
    editable: false,
    graphTooltip: 1,
    schemaVersion: 39,
    version: 1,
    time: { from: 'now-1h', to: 'now' },
    refresh: '30s',
    timezone: 'browser',
    templating: { list: variables },
    annotations: { list: annotations },
    links: [{
      title: 'ior dashboards',
      type: 'dashboards',
      tags: ['ior'],
      asDropdown: true,
      includeVars: true,
      keepTime: true,
      icon: 'external link',
      targetBlank: false,
      tooltip: 'The other dashboards, with the same choices',
      url: '',
    }],
    panels: place(lines),
  },
}
