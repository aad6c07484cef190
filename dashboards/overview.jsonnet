// SPDX-License-Identifier: Apache-2.0
// Where does the time go, whose is it, and since when?
local grafana = import 'lib/grafana.libsonnet';
local panels = import 'lib/panels.libsonnet';
local query = import 'lib/query.libsonnet';
local variables = import 'lib/variables.libsonnet';
local views = import 'lib/views.libsonnet';

local all = query.series;
local working = query.working(all);
local levels = ['$l1', '$l2', '$l3'];

grafana.dashboard(
  'overview', 'Overview',
  'Where the time of system calls goes, which command and which call is slow, and since when.',
  variables.machines + [variables.family, variables.syscall] + variables.who +
  [variables.waits] + variables.levels(['family', 'syscall', 'comm']),
  [
    grafana.line(4, [
      panels.stat('Calls', 'System calls a second, waiting ones included. If they doubled and the work did not, Where the calls come from says whose they are.', 'cps', query.totalRate(query.count, all)),
      panels.stat('Time in calls', 'Seconds spent in system calls each second, over all threads: 3 is as if three threads did nothing else. The flame graph has what it is made of. ' + views.waitHelp,
                  'none', query.totalRate(query.sum, working)) + grafana.defaults({ decimals: 3 }),
      panels.stat('99th percentile', '99 of 100 calls took no longer. See Latency for when it changed, and the table for whose it is. ' + views.waitHelp,
                  's', query.quantile(0.99, working), [[null, 'green'], [0.1, 'orange'], [1, 'red']]),
      panels.stat('Failing calls', 'Share of calls that returned an error. How many are normal depends on the programs (EAGAIN, ENOENT), so there is no colour: a change is what counts, and Errors by errno says which they are.',
                  'percentunit', query.errorShare(all)),
      panels.stat('Oldest in flight', 'Age of the oldest call that has not returned though it should by itself: one that hangs, on a lost NFS server or a dead disk, shows here while it hangs. Not of read, recvmsg and others that may wait for somebody; Oldest call in flight has them. ' + views.waitHelp,
                  's', 'max(%s) or vector(0)' % query.select(query.prompt(query.call), 'ior_syscall_in_flight_oldest_seconds'),
                  [[null, 'green'], [10, 'orange'], [60, 'red']]),
      views.lost,
    ]),
    grafana.line(11, [
      views.flameTime(all, levels),
      views.latency(all),
    ]),
    grafana.line(8, [
      panels.graph('Time in calls by family', 'Seconds in system calls each second, over all threads. A family that grew is the one to choose above, to see its calls. ' + views.waitHelp, 'none',
                   [grafana.target(query.totalRate(query.sum, working, ['family']), '{{family}}')]) + panels.stacked,
      views.quantiles(all),
    ]),
    grafana.line(11, [
      views.table('Who spends most time in what', all, [['comm', 'Command'], ['family', 'Family'], ['syscall', 'Syscall']],
                  { comm: views.commLink, syscall: views.syscallLink }),
    ]),
    grafana.section('By calls and by bytes'),
    grafana.line(11, [views.flameCalls(all, levels), views.flameBytes(all, levels)]),
    grafana.section('Errors, and what has not returned'),
    grafana.line(8, [views.errorsByErrno(all), views.oldest(all)]),
    grafana.line(8, [views.gaps(query.machine { family: query.call.family, comm: query.series.comm, container_id: query.series.container_id, pod_uid: query.series.pod_uid }), views.inFlight(all, ['comm', 'syscall'])]),
  ],
  variables.annotations
)
