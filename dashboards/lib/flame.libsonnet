// SPDX-License-Identifier: Apache-2.0
// Flame graphs out of plain Prometheus.
//
// The panel wants the rows of a tree in depth-first order, with fields label, level, value, self.
// One instant query gives one row for each frame, level by level, each with its whole path; sorting
// by path makes it depth-first.
//   - Grafana sorts text without regard to case, so two comms that differ in nothing else would
//     interleave. The key of a comm therefore ends with its capitals and what is not ASCII, each at
//     its place.
//   - A tab sorts before all that a label can hold, so a frame comes right before its children.
//   - An empty path would sort last, hence the root "all".
//   - The panel looks at the real names of the fields; renaming sets only the displayed ones. So
//     `value` and `self` are made by calculations.
local query = import 'query.libsonnet';

local places = 15;  // bytes of a comm
local capitals = std.repeat('(?:([A-Z\\\\x{80}-\\\\x{10FFFF}])|.)?', places) + '.*';
local atPlaces = std.join('.', ['$%d' % i for i in std.range(1, places)]);

local replace(expr, to, text, from='', regex='') =
  'label_replace(%s, "%s", "%s", "%s", "%s")' % [expr, to, text, from, regex];
local join(expr, to, separator, from) =
  'label_join(%s, "%s", "%s", %s)' % [expr, to, separator, std.join(', ', ['"%s"' % l for l in from])];
local key(i) = 'key%d' % i;

// The label of level i under the fixed name keyI: "-" where it is missing, and a mask behind it.
local withKey(expr, i, label) =
  local named = replace(replace(expr, 'name', '-'), 'name', '$1', label, '(.+)');
  local masked = replace(named, 'mask', atPlaces, label, capitals);
  join(masked, key(i), ' ', ['name', 'mask']);

// The frames of level n; level 0 is the root.
local frames(source, levels, n) =
  local of = query.total(source, levels[:n]) + ' > 0';
  local keyed = std.foldl(function(expr, i) withKey(expr, i, levels[i]), std.range(0, n - 1), of);
  local rooted = replace(keyed, 'root', 'all');
  local path = join(rooted, 'path', '\\t', ['root'] + [key(i) for i in std.range(0, n - 1)]);
  local level = replace(path, 'level', '%d' % n);
  local leaf = replace(level, 'leaf', if n == std.length(levels) then '1' else '0');
  local label = if n == 0 then replace(leaf, 'label', 'all')
  else replace(replace(leaf, 'label', '-'), 'label', '$1', levels[n - 1], '(.+)');
  query.total(label, ['path', 'level', 'leaf', 'label']);

{
  // source: an instant vector of increases
  query(source, levels)::
    std.join('\nor\n', [frames(source, levels, n) for n in std.range(0, std.length(levels))]),

  // factor: from the query's unit to the panel's
  transformations(factor=1):: [
    { id: 'sortBy', options: { fields: {}, sort: [{ field: 'path', desc: false }] } },
    { id: 'convertFieldType', options: { fields: {}, conversions: [
      { targetField: 'level', destinationType: 'number' },
      { targetField: 'leaf', destinationType: 'number' },
    ] } },
    { id: 'calculateField', options: { mode: 'binary', alias: 'value', replaceFields: false,
                                       binary: { left: 'Value', operator: '*', right: '%d' % factor } } },
    { id: 'calculateField', options: { mode: 'binary', alias: 'self', replaceFields: false,
                                       binary: { left: 'value', operator: '*', right: 'leaf' } } },
    { id: 'organize', options: { excludeByName: { Time: true, path: true, leaf: true, Value: true },
                                 indexByName: {}, renameByName: {} } },
  ],
}
