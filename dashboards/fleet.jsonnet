// SPDX-License-Identifier: Apache-2.0
// Many machines: which of them is not like the others?
local grafana = import 'lib/grafana.libsonnet';
local panels = import 'lib/panels.libsonnet';
local query = import 'lib/query.libsonnet';
local variables = import 'lib/variables.libsonnet';
local views = import 'lib/views.libsonnet';

local all = query.series;
local working = query.working(all);
local by = ['cluster', 'instance'];
local range = '$__range';
local machine = [['cluster', 'Cluster'], ['instance', 'Machine']];
local graph(title, description, unit, expr, width=12) =
  panels.graph(title, description, unit, [grafana.target(expr, '{{cluster}} {{instance}}')], width);
local against(value, window='$__rate_interval') =
  local each = value(by, window);
  // of a machine without such calls there is no p99: it is not a number, and no part of the median
  '%s / ignoring (cluster, instance) group_left () quantile(0.5, %s >= 0)' % [each, each];
local p99(by, window) = query.quantile(0.99, working, by, window);
local time(by, window) = query.totalRate(query.sum, working, by, window);

grafana.dashboard(
  'fleet', 'Fleet',
  'Many machines side by side: which of them is slower than the others, and by what.',
  variables.machines + [variables.family, variables.syscall] + variables.who + [variables.waits] +
  variables.levels(['instance', 'family', 'syscall']),
  [
    grafana.line(4, [
      panels.stat('Machines', 'Exporters that answer and read their kernel. Fewer than there are machines: see Not answering, or the targets of Prometheus.', 'none', 'sum(%s)' % query.select(query.machine, 'ior_up')),
      panels.stat('Not answering', 'Targets of the job that Prometheus cannot scrape, or whose exporter cannot read its kernel. The runbooks of IorExporterDown and IorReadStale say what to do.', 'none',
                  'sum((%s == bool 0) or (%s == bool 0)) or vector(0)' % [query.select(query.machine, 'ior_up'), query.select(query.machine, 'up')],
                  [[null, 'green'], [1, 'red']]),
      panels.stat('Calls', 'System calls a second, over all machines, waiting ones included. Calls by machine says whose.', 'cps', query.totalRate(query.count, all)),
      panels.stat('Time in calls', 'Seconds in system calls each second, over all threads of all machines. Time by machine says whose. ' + views.waitHelp, 'none', query.totalRate(query.sum, working)) + grafana.defaults({ decimals: 3 }),
      panels.stat('Slowest p99', 'The 99th percentile of the slowest machine, which is the first of the table. ' + views.waitHelp, 's', 'max(%s)' % query.quantile(0.99, working, by)),
      panels.stat('Furthest from the middle', 'p99 of the slowest machine as a multiple of the median of all. Near 1 they are alike; from 4 on look at that machine, not at the program.', 'none',
                  'max(%s)' % against(p99), [[null, 'green'], [2, 'orange'], [4, 'red']]) + grafana.defaults({ decimals: 2 }),
    ]),
    grafana.line(11, [
      panels.table('Machines side by side', 'Over the range shown; outliers are far from 1. Click a machine to go on with it. ' + views.waitHelp, machine,
                   [
                     { name: 'p99', unit: 's', gauge: true, expr: p99(by, range) },
                     { name: 'p99 / median', unit: 'none', expr: against(p99, range) },
                     { name: 'Time', unit: 'percentunit', expr: time(by, range) },
                     { name: 'Time / median', unit: 'none', expr: against(time, range) },
                     { name: 'Calls', unit: 'cps', expr: query.totalRate(query.count, all, by, range) },
                     { name: 'Failed', unit: 'percentunit', expr: query.errorShare(all, by, range) },
                     { name: 'Lost', unit: 'short', expr: query.total(query.increase('ior_observations_lost_total', query.machine, range), by) },
                   ],
                   { instance: panels.link('ior-overview', 'This machine', 'instance', 'Machine') }),
    ]),
    grafana.line(8, [
      graph('p99 by machine', 'One line far above the others is a machine to look at. ' + views.waitHelp, 's', p99(by, '$__rate_interval')) + panels.logarithmic,
      graph('Against the median', 'p99 of each machine as a multiple of the median of all: 1 is like the others, 4 is four times as slow.', 'none', against(p99)),
    ]),
    grafana.line(11, [views.flameTime(all, ['$l1', '$l2', '$l3'], 24)]),
    grafana.line(8, [
      graph('Time by machine', 'Seconds in system calls each second, over all threads. One with more than its share has more work, or is slower at it: p99 tells which. ' + views.waitHelp, 'none', time(by, '$__rate_interval'), 8) + panels.stacked,
      graph('Calls by machine', 'Calls a second, waiting ones included: is the work spread evenly?', 'cps', query.totalRate(query.count, all, by), 8) + panels.stacked,
      graph('Failing calls by machine', 'Share of calls that returned an error. One unlike the others has a fault of its own: its Overview says which errno.', 'percentunit', query.errorShare(all, by), 8),
    ]),
    grafana.line(8, [
      graph('Lost calls by machine', 'Calls that are in no series, a second; the dashboard Exporter says why.', 'cps',
            query.totalRate('ior_observations_lost_total', query.machine, by), 8),
      views.oldest(all, 16),
    ]),
    grafana.line(8, [
      panels.facts('What runs', 'Versions of the exporter on each machine. After an upgrade all should be alike.',
                   'max by (cluster, instance, version, revision, arch, libbpf) (%s)' % query.select(query.machine, 'ior_build_info'),
                   ['cluster', 'instance', 'version', 'revision', 'arch', 'libbpf'], 12),
      panels.facts('How it is attached', 'Kernel and mode of each machine; exact="false" is a machine whose programs may miss calls.',
                   'max by (cluster, instance, kernel, mode, copies, exact) (%s)' % query.select(query.machine, 'ior_attach_info'),
                   ['cluster', 'instance', 'kernel', 'mode', 'copies', 'exact'], 12),
    ]),
  ],
  variables.annotations
)
