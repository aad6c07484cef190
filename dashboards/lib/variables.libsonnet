// SPDX-License-Identifier: Apache-2.0
// Variables at the top of the dashboards, and annotations.
local grafana = import 'grafana.libsonnet';
local query = import 'query.libsonnet';
local waits = import 'waits.libsonnet';

local option(text, value, selected) = { text: text, value: value, selected: selected };
local all = { text: ['All'], value: ['$__all'] };
local count = query.count;

local values(name, label, description, from) = {
  name: name,
  label: label,
  description: description,
  type: 'query',
  datasource: grafana.datasource,
  query: { query: 'label_values(%s)' % from, refId: 'var-' + name },
  refresh: 2,
  sort: 1,
  multi: true,
  includeAll: true,
  allValue: '.*',
  current: all,
};
local of(metric, labels, label) =
  query.select({ [name]: query.series[name] for name in labels }, metric) + ', ' + label;
local machine = ['cluster', 'instance', 'job'];

local custom(name, label, description, options, chosen) = {
  name: name,
  label: label,
  description: description,
  type: 'custom',
  query: std.join(',', [
    if o[0] == o[1] then o[0] else o[0] + ' : ' + o[1]
    for o in options
  ]),
  current: { text: options[chosen][0], value: options[chosen][1] },
  options: [option(options[i][0], options[i][1], i == chosen) for i in std.range(0, std.length(options) - 1)],
};

{
  datasource: {
    name: 'datasource',
    label: 'Data source',
    description: 'A Prometheus that scrapes ior_exporter.',
    type: 'datasource',
    query: 'prometheus',
    refresh: 1,
    current: { text: 'default', value: 'default' },
  },
  cluster: values('cluster', 'Cluster', 'Label cluster, where there is one.', 'ior_up, cluster'),
  // All are those that exporters have, not any: up, scrape_* and process_* are on everybody's page.
  job: values('job', 'Job', 'Scrape job of the exporters.', of('ior_up', ['cluster'], 'job')) +
       { allValue:: null },
  instance: values('instance', 'Instance', 'The machines.',
                   of('ior_up', ['cluster', 'job'], 'instance')) + { allValue: '.+' },
  family: values('family', 'Family', 'Family of system calls.', of(count, machine, 'family')),
  syscall: values('syscall', 'Syscall', 'System call, by the name that strace prints.',
                  of(count, machine + ['family'], 'syscall')),
  comm: values('comm', 'Command',
               'Name of the process. __other__ is all who have no series of their own.',
               of(count, machine, 'comm')),
  container: values('container', 'Container', 'With --by container: the container, or the systemd unit.',
                    of(count, machine, 'container_id')),
  pod: values('pod', 'Pod', 'With --by container: UID of the Kubernetes pod, none outside of one.',
              of(count, machine, 'pod_uid')),

  // One of them instead of some.
  one(variable, value):: variable {
    multi: false,
    includeAll: false,
    allValue:: null,
    current: { text: value, value: value },
  },

  // Some of them, but never all.
  some(variable):: variable { includeAll: false, allValue:: null, current: { text: [], value: [] } },

  waits: custom('waits', 'Waiting calls',
                'Calls such as poll, futex and nanosleep mostly wait for something else. Hidden, latency is that of work.',
                [['hide', std.join('|', waits)], ['show', '-']], 0),

  // The waiting calls themselves, whatever is shown.
  waiting: {
    name: 'waiting',
    type: 'constant',
    hide: 2,
    query: std.join('|', waits),
    current: { text: std.join('|', waits), value: std.join('|', waits) },
  },
  bound: $.one(values('le', 'Bound', 'A bound of the buckets, for the share of calls within it.',
                      of(query.bucket, machine, 'le')), '0.0009765625') +
         { sort: 3, regex: '/^(?!\\+Inf).*$/' },
  ago: {
    name: 'ago',
    label: 'Compare with',
    description: 'How long ago: 1h, 1d, 1w.',
    type: 'textbox',
    query: '1d',
    current: { text: '1d', value: '1d' },
  },

  // Levels of the flame graphs; each can be any of the labels.
  levels(chosen):: [
    custom('l%d' % (i + 1), 'Flame level %d' % (i + 1),
           'Label that tells the frames of this level apart.',
           [[label, label] for label in $.levelLabels],
           std.find(chosen[i], $.levelLabels)[0])
    for i in std.range(0, std.length(chosen) - 1)
  ],
  levelLabels: ['family', 'syscall', 'comm', 'instance', 'container_id', 'pod_uid'],

  machines: [$.datasource, $.cluster, $.job, $.instance],
  who: [$.comm, $.container, $.pod],

  annotations:
    local event(name, color, expr, title, text) = {
      name: name,
      datasource: grafana.datasource,
      enable: true,
      hide: false,
      iconColor: color,
      target: { refId: 'Anno', expr: expr, interval: '', limit: 100, matchAny: false, tags: [], type: 'tags' },
      titleFormat: title,
      textFormat: text,
    };
    [
      {
        builtIn: 1,
        name: 'Annotations & Alerts',
        type: 'dashboard',
        datasource: { type: 'grafana', uid: '-- Grafana --' },
        enable: true,
        hide: true,
        iconColor: 'rgba(0, 211, 255, 1)',
      },
      event('Exporter restarts', 'blue',
            'resets(%s[$__rate_interval]) > 0' % query.select(query.machine, 'ior_observations_total'),
            'ior_exporter restarted', '{{instance}}: what was in flight then was not counted'),
      event('Lost calls', 'orange',
            '%s / ignoring (reason) group_left () %s > 0.0001' % [
              query.totalRate('ior_observations_lost_total', query.machine + query.notDied, ['cluster', 'instance', 'reason']),
              query.totalRate('ior_observations_total', query.machine, ['cluster', 'instance']),
            ],
            'system calls lost', '{{instance}}: {{reason}}'),
      event('Alerts', 'red',
            query.select({ alertname: '=~"Ior.*"', alertstate: '="firing"', cluster: '=~"$cluster|"' }, 'ALERTS'),
            '{{alertname}}', '{{instance}}'),
    ],
}
