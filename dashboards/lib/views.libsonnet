// SPDX-License-Identifier: Apache-2.0
// Panels that several dashboards have, for a selection of calls.
local flame = import 'flame.libsonnet';
local grafana = import 'grafana.libsonnet';
local panels = import 'panels.libsonnet';
local query = import 'query.libsonnet';

local frameHelp = 'Frames are all, then the levels chosen above. Click one to see it alone.';
local waitHelp = 'Calls that mostly wait are left out unless "Waiting calls" is on show.';

{
  waitHelp: waitHelp,
  commLink: panels.link('ior-process', 'This command in depth', 'comm', 'Command'),
  syscallLink: panels.link('ior-syscall', 'This call in depth', 'syscall', 'Syscall'),

  lost:: panels.stat(
    'Lost calls',
    'Share of the calls that are in no series. Not of those whose thread was killed inside of them (died), which is normal. Red is 1 in 1,000, by which counts and sums are too low then: see the reason on the dashboard Exporter, and the runbook of IorObservationsLost.',
    'percentunit', query.lostShare(query.machine), [[null, 'green'], [0.0001, 'orange'], [0.001, 'red']]
  ),

  latency(selection, width=12)::
    panels.heatmap(
      'Latency',
      'Calls by how long they took: one row for each power of two. A band that moves up is a call that became slower; a second band is a second reason. Narrow down by the variables above to see whose. ' + waitHelp,
      query.total(query.increase(query.bucket, query.working(selection)), ['le']), width
    ),

  gaps(selection, width=12)::
    panels.heatmap(
      'Gaps between calls',
      'Time that threads spent outside of system calls before one of the family: short is a program that calls the kernel all the time, long one that computes, or that waits in calls that are not traced. Off by default: start the exporter with --collector.gap.',
      query.total(query.increase(query.gapBucket, selection), ['le']), width
    ),

  quantiles(selection, width=12)::
    panels.graph(
      'Quantiles of latency',
      'Half, nine of ten and 99 of 100 calls took no longer; the mean is exact. Quantiles are estimates within a power of two. ' + waitHelp,
      's',
      [
        grafana.target(query.quantile(q[0], query.working(selection)), q[1])
        for q in [[0.5, 'p50'], [0.9, 'p90'], [0.99, 'p99']]
      ] + [grafana.target(query.mean(query.working(selection)), 'mean')],
      width
    ) + panels.logarithmic,

  flameTime(selection, levels, width=12)::
    panels.flamegraph(
      'Where the time goes (ns)',
      'Time in system calls over the range shown. The widest frame is the first place to look. ' + frameHelp + ' ' + waitHelp,
      'ns',
      flame.query(query.increase(query.sum, query.working(selection), '$__range'), levels),
      flame.transformations(1000000000), width
    ),
  flameCalls(selection, levels, width=12)::
    panels.flamegraph(
      'Where the calls come from',
      'Number of system calls over the range shown, waiting ones included. Each call costs even when it is quick: a wide frame may be worth fewer, larger calls. ' + frameHelp,
      'short',
      flame.query(query.increase(query.count, selection, '$__range'), levels),
      flame.transformations(), width
    ),
  flameBytes(selection, levels, width=12)::
    panels.flamegraph(
      'Where the bytes go',
      'Bytes read, written and transferred by system calls over the range shown. ' + frameHelp,
      'bytes',
      flame.query('increase(%s[$__range])' % query.bytesOf(selection), levels),
      flame.transformations(), width
    ),

  errorsByErrno(selection, width=12)::
    panels.graph(
      'Errors by errno',
      'Failed calls a second by the name of their error, over all commands (choices of command, container and pod do not apply). EAGAIN, ENOENT, and ETIMEDOUT of futex are part of normal work; EIO, ENOSPC, EMFILE and ENOMEM mostly are not: something is broken or full.',
      'cps',
      [grafana.target(
        '%s or %s == 0' % [
          query.totalRate('ior_syscall_errors_by_errno_total', query.callsOf(selection), ['syscall', 'errno']),
          query.totalRate(query.errors, query.callsOf(selection)),
        ],
        '{{syscall}} {{errno}}'
      )],
      width
    ),

  bytes(selection, by, width=12)::
    panels.graph(
      'Bytes a second by ' + by,
      'Bytes that calls read, wrote or transferred, by what they returned; a cache may have had them, so it is not the load of a disk. Calls that move none are not here.',
      'Bps',
      [grafana.target(query.total(query.byteRate(selection), [by]), '{{%s}}' % by)],
      width
    ) + panels.stacked,
  meanSize(selection, by, width=12)::
    panels.graph(
      'Mean size by ' + by,
      'Bytes for each call that can move some. Small sizes at a high rate of calls are worth a buffer.',
      'bytes',
      [grafana.target(
        '%s / (%s > 0)' % [
          query.total(query.byteRate(selection), [by]),
          query.total('%s and %s' % [query.rate(query.count, selection), query.byteRate(selection)], [by]),
        ], '{{%s}}' % by
      )],
      width
    ),

  inFlight(selection, by, width=12)::
    panels.graph(
      'Calls in flight',
      'Entered and not returned yet, at the moment of the scrape. A number that only grows is a queue, or something that hangs.',
      'short',
      [grafana.target(
        query.total(query.select(selection, 'ior_syscalls_in_flight'), by),
        std.join(' ', ['{{%s}}' % label for label in by])
      )],
      width
    ),
  oldest(selection, width=12)::
    panels.graph(
      'Oldest call in flight',
      'Age of the oldest call that has not returned, over all commands. A line that climbs steadily is one call that hangs; histograms show it only when it returns. But read, recvmsg and others that wait for a pipe, a socket or a terminal climb where nobody has anything to say. ' + waitHelp,
      's',
      [grafana.target(
        'max by (cluster, instance, syscall) (%s)' %
        query.select(query.working(query.callsOf(selection)),
                     'ior_syscall_in_flight_oldest_seconds'),
        '{{cluster}} {{instance}} {{syscall}}'
      )],
      width
    ) + panels.logarithmic,

  // What takes most time, by some labels.
  columns(selection, by)::
    local range = '$__range';
    local time = query.totalRate(query.sum, selection, by, range);
    local among(expr) = query.among(expr, by, 20, time);
    [
      { name: 'Time', unit: 'percentunit', gauge: true, expr: query.top(20, time) },
      { name: 'Calls', unit: 'cps', expr: among(query.totalRate(query.count, selection, by, range)) },
      { name: 'Mean', unit: 's', expr: among(query.mean(selection, by, range)) },
      { name: 'p99', unit: 's', expr: among(query.quantile(0.99, selection, by, range)) },
      { name: 'Failed', unit: 'percentunit', expr: among(query.errorShare(selection, by, range)) },
    ],
  table(title, selection, keys, links)::
    panels.table(
      title,
      'The 20 with most time in calls over the range shown; 100 % is one thread that does nothing else. Click a name to go on with it. ' + waitHelp,
      keys, $.columns(query.working(selection), [key[0] for key in keys]), links
    ),
}
