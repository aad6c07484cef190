// SPDX-License-Identifier: Apache-2.0
// One command in depth: what does it wait for, what does it do, how much at once?
local grafana = import 'lib/grafana.libsonnet';
local panels = import 'lib/panels.libsonnet';
local query = import 'lib/query.libsonnet';
local variables = import 'lib/variables.libsonnet';
local views = import 'lib/views.libsonnet';

local this = query.series;
local working = query.working(this);
local waiting = this { ' waits': 'syscall=~"$waiting"' };
local family = this { syscall:: null };
local levels = ['$l1', '$l2'];

local calls(selection) = query.totalRate(query.sum, selection);

grafana.dashboard(
  'process', 'Process',
  'One command (or some) in depth: which calls its threads spend their time in, how slow they are, and how much each moves.',
  variables.machines + [
    variables.some(variables.comm),
    variables.family,
    variables.syscall,
    variables.container,
    variables.pod,
    variables.waits,
    variables.waiting,
  ] + variables.levels(['family', 'syscall']),
  [
    grafana.line(4, [
      panels.stat('Calls', 'System calls a second, waiting ones included. Many, with little time in them, are worth fewer and larger calls.', 'cps', query.totalRate(query.count, this)),
      panels.stat('Time in calls', 'Seconds in system calls each second, over all its threads. If it is little, the command computes or waits: see where its threads\' time goes. ' + views.waitHelp, 'none', calls(working)) + grafana.defaults({ decimals: 3 }),
      panels.stat('Waiting', 'Share of its time in calls that is waiting (poll, futex, nanosleep and the like). Near 100 % for a server without work; if there is work, look at what it waits for (Waiting calls: show).',
                  'percentunit', '(%s or vector(0)) / %s' % [calls(waiting), calls(this)]),
      panels.stat('99th percentile', '99 of 100 calls took no longer. Its calls, below, has that of each. ' + views.waitHelp, 's', query.quantile(0.99, working), [[null, 'green'], [0.1, 'orange'], [1, 'red']]),
      panels.stat('Failing calls', 'Share of its calls that returned an error. Some are how it asks (does it exist, is there more); if the share changed, Failing calls by syscall says where.', 'percentunit', query.errorShare(this)),
      panels.stat('Bytes', 'Bytes a second that its calls moved. Mean size says whether in pieces that are too small.', 'Bps', query.total(query.byteRate(this)) + ' or vector(0)'),
    ]),
    grafana.line(11, [views.flameTime(this, levels), views.latency(this)]),
    grafana.line(8, [
      panels.graph(
        "Where its threads' time goes",
        'Seconds each second, over all its threads: outside of calls (it computes, or a processor is not free for it), in calls that work, and in calls that wait. The largest is where it can become faster: a profiler shows the first, the flame graph the others.',
        'none',
        [
          grafana.target(query.totalRate(query.gap, this), 'outside of calls'),
          grafana.target(calls(this { ' waits': 'syscall!~"$waiting"' }), 'calls that work'),
          grafana.target(calls(waiting), 'calls that wait'),
        ]
      ) + panels.stacked,
      views.quantiles(this),
    ]),
    grafana.line(10, [
      views.table('Its calls', this, [['syscall', 'Syscall'], ['family', 'Family']], { syscall: views.syscallLink }),
    ]),
    grafana.line(11, [views.flameCalls(this, levels), views.flameBytes(this, levels)]),
    grafana.line(8, [
      views.bytes(this, 'syscall', 8),
      views.meanSize(this, 'syscall', 8),
      panels.graph('Failing calls by syscall', 'Failed calls a second, by call; the dashboard Syscall says with which errno.', 'cps',
                   [grafana.target('%s > 0 or %s == 0' % [query.totalRate(query.errors, this, ['syscall']), query.totalRate(query.errors, this)], '{{syscall}}')], 8) + panels.stacked,
    ]),
    grafana.line(8, [
      views.gaps(family),
      views.inFlight(this, ['cluster', 'instance', 'syscall']),
    ]),
    grafana.line(8, [
      panels.graph('Time by machine', 'Seconds in system calls each second, over all its threads. A machine that stands out has other work, or is slower: choose it above. ' + views.waitHelp, 'none',
                   [grafana.target(query.totalRate(query.sum, working, ['cluster', 'instance']), '{{cluster}} {{instance}}')]) + panels.stacked,
      panels.graph('Time by container', 'The same by container: choose the largest above. One line without a name if containers are not told apart: start the exporter with --by comm,container.', 'none',
                   [grafana.target(query.totalRate(query.sum, working, ['container_id', 'pod_uid']), '{{container_id}} {{pod_uid}}')]) + panels.stacked,
    ]),
  ],
  variables.annotations
)
