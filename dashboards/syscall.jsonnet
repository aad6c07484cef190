// SPDX-License-Identifier: Apache-2.0
// One system call in depth: is it slow, since when, whose, where?
local grafana = import 'lib/grafana.libsonnet';
local panels = import 'lib/panels.libsonnet';
local query = import 'lib/query.libsonnet';
local variables = import 'lib/variables.libsonnet';
local views = import 'lib/views.libsonnet';

local this = query.series { family:: null, syscall: '="$syscall"' };
local call = query.callsOf(query.series { syscall: '="$syscall"' }) { family:: null };

local within(by=[]) =
  '%s / %s' % [
    query.totalRate(query.bucket, this { le: '="$le"' }, by),
    query.totalRate(query.count, this, by),
  ];
// The call is chosen by name, so it shows even if it is one that waits.
local quantiles(offset) = query.quantile(0.99, this, [], '$__rate_interval', offset);

grafana.dashboard(
  'syscall', 'Syscall',
  'One system call in depth: how slow, since when, for whom, and on which machine.',
  variables.machines + [variables.one(variables.syscall, 'read') { query+: { query: 'label_values(%s, syscall)' % query.select(query.machine, query.count) } }] +
  variables.who + [variables.bound, variables.ago],
  [
    grafana.line(4, [
      panels.stat('Calls', 'Calls a second, over all commands that are chosen. Calls by command says whose.', 'cps', query.totalRate(query.count, this)),
      panels.stat('Mean', 'Mean time of a call, exact. Far above the median: a few calls are very slow, and the heatmap shows how slow.', 's', query.mean(this)),
      panels.stat('Median', 'Half of the calls took no longer: what is usual.', 's', query.quantile(0.5, this)),
      panels.stat('99th percentile', '99 of 100 calls took no longer; an estimate within a power of two. p99 by machine and by command say where it comes from.', 's', query.quantile(0.99, this)),
      panels.stat('Failing calls', 'Share of calls that returned an error. Errors by errno says which, and whether that is normal.', 'percentunit', query.errorShare(this)),
      panels.stat('Within the bound', 'Share of calls that took no longer than the bound chosen above. Exact, since the bound is one of a bucket. Use it as the figure of a service level.',
                  'percentunit', within(), [[null, 'red'], [0.99, 'orange'], [0.999, 'green']]),
    ]),
    grafana.line(10, [
      panels.heatmap('Latency', 'Calls by how long they took: one row for each power of two. A second band is a second reason, such as a cache that missed.',
                     query.total(query.increase(query.bucket, this), ['le'])),
      panels.graph('Latency, and that of before', 'p50, p99 and the mean, and p99 as long ago as "Compare with" says: is it slower than it used to be?', 's', [
        grafana.target(query.quantile(0.5, this), 'p50'),
        grafana.target(query.quantile(0.99, this), 'p99'),
        grafana.target(query.mean(this), 'mean'),
        grafana.target(quantiles(' offset $ago'), 'p99 $ago ago'),
      ]) + panels.logarithmic,
    ]),
    grafana.line(8, [
      panels.graph('p99 by machine', 'One line far from the others is a machine to look at, not the program.', 's',
                   [grafana.target(query.quantile(0.99, this, ['cluster', 'instance']), '{{cluster}} {{instance}}')]) + panels.logarithmic,
      panels.graph('p99 by command', 'Whose calls are slow: the twelve slowest at each moment.', 's',
                   [grafana.target(query.top(12, query.quantile(0.99, this, ['comm'])), '{{comm}}')]) + panels.logarithmic,
    ]),
    grafana.line(8, [
      panels.graph('Time by command', 'Seconds in this call each second, over all threads. The widest is who waits most for it.', 'none',
                   [grafana.target(query.totalRate(query.sum, this, ['comm']), '{{comm}}')]) + panels.stacked,
      panels.graph('Calls by command', 'Who makes it, and how often. Many quick ones may be worth fewer, larger ones.', 'cps',
                   [grafana.target(query.totalRate(query.count, this, ['comm']), '{{comm}}')]) + panels.stacked,
    ]),
    grafana.line(8, [
      views.errorsByErrno(call, 8),
      panels.graph('Failing calls by command', 'Failed calls a second: whose errors they are.', 'cps',
                   [grafana.target(query.totalRate(query.errors, this, ['comm']), '{{comm}}')], 8) + panels.stacked,
      panels.graph('Within the bound by machine', 'Share of calls that took no longer than the bound chosen above. One machine below the others is slower.', 'percentunit',
                   [grafana.target(within(['cluster', 'instance']), '{{cluster}} {{instance}}')], 8) + grafana.defaults({ max: 1 }),
    ]),
    grafana.line(8, [
      views.bytes(this, 'comm', 8),
      views.meanSize(this, 'comm', 8),
      views.inFlight(this, ['cluster', 'instance', 'comm'], 8),
    ]),
    grafana.line(9, [
      panels.table('Commands', 'The 20 with most time in this call over the range shown. Click one to see all that it does.', [['comm', 'Command']],
                   views.columns(this, ['comm']), { comm: views.commLink }),
    ]),
    grafana.line(6, [
      panels.facts('What the call is', 'From the table of the exporter: its family, its kind, the class of its bytes, and whether its time is mostly waiting.',
                   'max by (syscall, family, kind, bytes, wait) (%s)' % query.select(call, 'ior_syscall_info'),
                   ['syscall', 'family', 'kind', 'bytes', 'wait']),
    ]),
  ],
  variables.annotations
)
