// SPDX-License-Identifier: Apache-2.0
// File system, network, memory, ...: which kind of work is it?
local grafana = import 'lib/grafana.libsonnet';
local panels = import 'lib/panels.libsonnet';
local query = import 'lib/query.libsonnet';
local variables = import 'lib/variables.libsonnet';
local views = import 'lib/views.libsonnet';

local all = query.series { syscall:: null };
local working = query.working(all);
local by = ['family'];
local range = '$__range';
local graph(title, description, unit, expr, width=12) =
  panels.graph(title, description, unit, [grafana.target(expr, '{{family}}')], width);

grafana.dashboard(
  'families', 'Families',
  'Which kind of work the system calls do: file system, network, memory, and so on.',
  variables.machines + [variables.family] + variables.who + [variables.waits] +
  variables.levels(['family', 'comm', 'syscall']),
  [
    grafana.line(9, [
      panels.bars('Share of time', 'Share of the time in calls, over the range shown. Choose the largest above, to see only its calls. ' + views.waitHelp, 'percentunit',
                  '%s / ignoring (family) group_left () %s' % [query.totalRate(query.sum, working, by, range), query.totalRate(query.sum, working, [], range)], '{{family}}'),
      panels.bars('Share of calls', 'Share of the calls, over the range shown. Many quick calls are work for the kernel, too: a family with most calls and little time may make too small ones.', 'percentunit',
                  '%s / ignoring (family) group_left () %s' % [query.totalRate(query.count, all, by, range), query.totalRate(query.count, all, [], range)], '{{family}}'),
      panels.bars('Share of bytes', 'Share of the bytes read, written and transferred, over the range shown: is it files or the network that moves them?', 'percentunit',
                  '%s / ignoring (family) group_left () %s' % [query.total(query.byteRate(all, range), by), query.total(query.byteRate(all, range))], '{{family}}'),
    ]),
    grafana.line(11, [views.flameTime(all, ['$l1', '$l2', '$l3'], 24)]),
    grafana.line(8, [
      graph('Time in calls', 'Seconds in system calls each second, over all threads. What grew, and since when? ' + views.waitHelp, 'none', query.totalRate(query.sum, working, by)) + panels.stacked,
      graph('Calls', 'Calls a second, waiting ones included. If they grew and time did not, they are quick: somebody polls.', 'cps', query.totalRate(query.count, all, by)) + panels.stacked,
    ]),
    grafana.line(8, [
      graph('99th percentile', '99 of 100 calls of the family took no longer. One that jumps: its heatmap below shows whether all calls became slower, or some. ' + views.waitHelp, 's', query.quantile(0.99, working, by), 8) + panels.logarithmic,
      graph('Failing calls', 'Share of the calls of the family that returned an error. If it changed, Errors by errno of the dashboard Overview says which.', 'percentunit', query.errorShare(all, by), 8),
      graph('Bytes', 'Bytes a second that calls of the family moved. Calls without bytes, such as stat, count for nothing here.', 'Bps', query.total(query.byteRate(all), by), 8) + panels.stacked,
    ]),
    grafana.section('Latency of each family'),
    grafana.line(8, [
      panels.heatmap(
        'Latency of $family',
        'Calls of the family by how long they took, waiting ones included: some families, such as Polling, have little else.',
        query.total(query.increase(query.bucket, all), ['le']), 8
      ) + { json+: { repeat: 'family', repeatDirection: 'h', maxPerRow: 3 } },
    ]),
    grafana.section('Their calls'),
    grafana.line(10, [
      views.table('Where the time goes in them', query.series { syscall:: null }, [['family', 'Family'], ['syscall', 'Syscall']], { syscall: views.syscallLink }),
    ]),
    grafana.line(8, [views.gaps(all, 24)]),
  ],
  variables.annotations
)
