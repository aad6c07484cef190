// SPDX-License-Identifier: Apache-2.0
// PromQL of the exporter's metrics. A selection is an object of label: matcher.
local others = import 'others.libsonnet';

local machine = {
  cluster: '=~"$cluster"',
  instance: '=~"$instance"',
  job: '=~"$job"',
};
local call = machine { family: '=~"$family"', syscall: '=~"$syscall"' };
local series = call {
  // Grafana's own escaping for Prometheus leaves a quote in a comm as it is; a raw string needs none.
  comm: '=~`${comm:regex}`',
  container_id: '=~"$container"',
  pod_uid: '=~"$pod"',
};
local duration = 'ior_syscall_duration_seconds';

{
  // What a metric is by: nothing, the call, or also who made it.
  machine: machine,
  call: call,
  series: series,
  // Without the calls that wait, if the variable says so.
  working(selection):: selection { ' waits': 'syscall!~"$waits"' },

  // Without those that may wait for somebody else, too.
  prompt(selection):: $.working(selection) { ' others': 'syscall!~"%s"' % others },
  // Threads end inside of calls whenever a program with several ends: that is no fault.
  notDied: { reason: '!="died"' },

  // The part of it that metrics without a comm have.
  callsOf(selection):: {
    [label]: selection[label]
    for label in std.objectFields(call)
    if std.objectHas(selection, label)
  },

  // {label=~"...",...}; a name that begins with a space holds a whole matcher
  select(selection, name='')::
    local matcher(label) =
      if label[0] == ' ' then selection[label] else label + selection[label];
    name + '{' + std.join(',', std.map(matcher, std.objectFields(selection))) + '}',

  count: duration + '_count',
  sum: duration + '_sum',
  bucket: duration + '_bucket',
  errors: 'ior_syscall_errors_total',
  gap: 'ior_syscall_gap_seconds_total',
  gapBucket: 'ior_gap_seconds_bucket',
  // Every call has bytes of one class at most, so the three never clash.
  bytes: { ' name': '__name__=~"ior_syscall_(read|written|transferred)_bytes_total"' },
  bytesOf(selection):: $.select(selection + $.bytes),

  rate(metric, selection, window='$__rate_interval', offset='')::
    'rate(%s[%s]%s)' % [$.select(selection, metric), window, offset],
  byteRate(selection, window='$__rate_interval')::
    'rate(%s[%s])' % [$.bytesOf(selection), window],
  increase(metric, selection, window='$__rate_interval')::
    'increase(%s[%s])' % [$.select(selection, metric), window],

  total(expr, by=[])::
    (if by == [] then 'sum' else 'sum by (' + std.join(', ', by) + ') ') + '(' + expr + ')',
  totalRate(metric, selection, by=[], window='$__rate_interval', offset='')::
    $.total($.rate(metric, selection, window, offset), by),

  quantile(q, selection, by=[], window='$__rate_interval', offset='')::
    'histogram_quantile(%s, %s)' %
    [q, $.totalRate($.bucket, selection, by + ['le'], window, offset)],
  mean(selection, by=[], window='$__rate_interval')::
    $.totalRate($.sum, selection, by, window) + ' / ' +
    $.totalRate($.count, selection, by, window),
  errorShare(selection, by=[], window='$__rate_interval')::
    $.totalRate($.errors, selection, by, window) + ' / ' +
    $.totalRate($.count, selection, by, window),

  lostShare(selection)::
    $.totalRate('ior_observations_lost_total', selection + $.notDied) + ' / ' +
    $.totalRate('ior_observations_total', selection),

  // The n largest; in a graph each instant has its own, so there are more lines than n.
  top(n, expr):: 'topk(%d, %s)' % [n, expr],
  // The rows of an expression that are among the n largest of another.
  among(expr, by, n, of):: '(%s) and on (%s) topk(%d, %s)' % [expr, std.join(', ', by), n, of],
}
