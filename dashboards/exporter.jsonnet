// SPDX-License-Identifier: Apache-2.0
// Can the figures be trusted, and what do they cost?
local grafana = import 'lib/grafana.libsonnet';
local panels = import 'lib/panels.libsonnet';
local query = import 'lib/query.libsonnet';
local variables = import 'lib/variables.libsonnet';
local views = import 'lib/views.libsonnet';

local all = query.machine;
local by = ['cluster', 'instance'];
local name = '{{cluster}} {{instance}}';
local value(metric) = query.select(all, metric);
local rate(metric, labels=by) = query.totalRate(metric, all, labels);
local graph(title, description, unit, targets, width=8) = panels.graph(title, description, unit, targets, width);
local each(expr) = [grafana.target(expr, name)];

local counted(labels) =
  '%s + (%s or %s * 0)' % [rate(query.count, labels), rate('ior_syscall_noreturn_total', labels), rate(query.count, labels)];
// each label of --by is __other__ there
local others = std.join(' or ', [query.rate(query.count, all { [label]: '="__other__"' }) for label in ['comm', 'container_id']]);
local observed(labels) = rate('ior_observations_total', labels);

grafana.dashboard(
  'exporter', 'Exporter',
  'Whether the figures of the other dashboards can be trusted, and what they cost.',
  variables.machines,
  [
    grafana.line(4, [
      panels.stat('Up', 'Share of the targets whose exporter answers and reads its kernel. Of the others nothing is seen: the runbooks of IorExporterDown and IorReadStale say what to do.', 'percentunit',
                  // one that is down has no ior_up
                  '(sum(%s) or vector(0)) / count(%s)' % [value('ior_up'), value('up')], [[null, 'red'], [1, 'green']]),
      panels.stat('Exact', 'Share of the exporters whose start-up self-test found that no call escapes them. For the others see Attachment and the runbook of IorAttachNotExact.', 'percentunit',
                  '(count(%s) or vector(0)) / count(%s)' % [query.select(all { exact: '="true"' }, 'ior_attach_info'), value('ior_attach_info')],
                  [[null, 'red'], [1, 'green']]),
      views.lost,
      panels.stat('Rows in use', 'Share of the rows of the fullest kernel table. What comes when it is full is counted under __other__: raise --series.max.',
                  'percentunit', 'max(%s / %s)' % [value('ior_rows'), value('ior_rows_limit')], [[null, 'green'], [0.8, 'orange'], [0.95, 'red']]),
      panels.stat('Age of the last read', 'How old the counters of the stalest exporter were when it was scraped. More than a few seconds: it cannot read its kernel, or its clock is wrong.',
                  's', 'clamp_min(max(timestamp(%s) - %s), 0)' % [value('ior_last_read_timestamp_seconds'), value('ior_last_read_timestamp_seconds')], [[null, 'green'], [60, 'orange'], [300, 'red']]),
      panels.stat('Configuration', 'Share of the exporters whose last reload worked. The others run with the settings from before; their log says why.', 'percentunit', 'avg(%s)' % value('ior_config_last_reload_successful'),
                  [[null, 'red'], [1, 'green']]),
    ]),
    grafana.section('Is every call counted?'),
    grafana.line(8, [
      graph('Lost calls by reason', 'no_entry, no_exit: only one end was seen. died: the thread ended inside of the call, which is normal when programs are killed. recursion: the kernel kept a call from the programs. no_memory, clock: should not happen.',
            'cps', [grafana.target(rate('ior_observations_lost_total', ['reason']), '{{reason}}')]),
      graph('Audit', 'Sum of the series against the count of all observations, as a ratio. It is 1 but for the edges of rate(): a series that begins counts from its second sample on. If it stays off, see the runbook of IorAuditOff.',
            'none', each('(%s) / %s' % [counted(by), observed(by)])) + { json+: { fieldConfig+: { defaults+: { min:: null } } } },
      graph('Skipped runs of programs', 'Runs of a BPF program that the kernel skipped. With copies (ior_attach_info) another one takes the call; without, it is lost: see what else traces.',
            'cps', [grafana.target(rate('ior_bpf_program_recursion_misses_total', ['program']), '{{program}}')]),
    ]),
    grafana.section('Series'),
    grafana.line(8, [
      graph('Rows', 'Rows in use in the kernel, and their limit: near it raise --series.max, or trace less.', 'short',
            [grafana.target(value('ior_rows'), name), grafana.target(value('ior_rows_limit'), name + ' limit')]),
      graph('Counted under __other__ for want of a row', 'Calls whose row was the shared one because all were in use. Only the name is lost; raise --series.max if that matters.', 'cps', each(rate('ior_rows_overflow_total'))),
      graph('Changes of places', 'Commands that lost their place to busier ones, or because they were idle. Many displaced: raise --comm.top.', 'cps',
            [grafana.target(rate('ior_series_evicted_total', by + ['reason']), name + ' {{reason}}')]),
    ]),
    grafana.line(8, [
      graph('Calls counted under __other__', 'Share of calls whose command has no series of its own. Raise --comm.top if too much of what matters is in it.', 'percentunit',
            each('(%s or %s * 0) / %s' % [query.total(others, by), rate(query.count), rate(query.count)])),
      graph('Samples', 'Samples of a scrape: what the exporter costs Prometheus. --comm.top=8, --buckets.step=2 and --by=none make fewer.', 'short', each(value('scrape_samples_scraped'))),
      graph('New series', 'Series that a scrape brought for the first time. A constant stream is churn: raise --series.linger and --comm.top, or use --by none.', 'short',
            each(value('scrape_series_added'))),
    ]),
    grafana.line(8, [
      panels.bars('Series by metric', 'Where the samples come from. Most are buckets: --buckets.step=2 halves them.', 'short',
                  'count by (__name__) (%s)' % query.select(all { ' name': '__name__=~"(ior|process)_.+"' }), '{{__name__}}', 24),
    ]),
    grafana.section('What it costs'),
    grafana.line(8, [
      graph('Scrape', 'Time of the whole scrape as Prometheus sees it, and of it what reading and folding the counters took. If the first is much more, the page is large, or the machine has no time for it.', 's', [
        grafana.target(value('scrape_duration_seconds'), name + ' scrape'),
        grafana.target(value('ior_scrape_duration_seconds'), name + ' read and fold'),
      ]),
      graph('Processor time of the exporter', 'Share of a processor that the exporter takes to read, fold and serve; the programs in the kernel are not in it. It goes with the samples and with how often it is scraped.', 'percentunit',
            each(rate('process_cpu_seconds_total'))),
      graph('Time in BPF programs', 'Share of a processor that the programs in the kernel take. 0 unless the kernel keeps BPF statistics (sysctl kernel.bpf_stats_enabled=1, which costs some, too).',
            'percentunit', [grafana.target(
              '%s or on (cluster, instance) %s * 0' % [rate('ior_bpf_program_run_time_seconds_total', by + ['program']), value('ior_bpf_stats_enabled')],
              name + ' {{program}}'
            )]) + panels.stacked,
    ]),
    grafana.line(8, [
      graph('Time of a run',
            'Mean time of a run of a program in the kernel, of which each call has two or more: what tracing adds to a call. 0 unless the kernel keeps BPF statistics (sysctl kernel.bpf_stats_enabled=1).',
            's', [grafana.target(
              '%s / (%s > 0) or on (cluster, instance) %s * 0' %
              [rate('ior_bpf_program_run_time_seconds_total', by + ['program']), rate('ior_bpf_program_runs_total', by + ['program']), value('ior_bpf_stats_enabled')],
              name + ' {{program}}'
            )], 6),
      graph('Memory of the exporter', 'Resident memory of its process. The maps that it reads are mapped into it, so a part of them is in here, too. It must not grow for days.', 'bytes',
            each(value('process_resident_memory_bytes')), 6),
      graph('Memory of BPF maps', 'Memory in the kernel. It is taken at the start and stays: --series.memory and --series.max decide how much.', 'bytes',
            [grafana.target(query.total(value('ior_bpf_map_memory_bytes'), by + ['map']), name + ' {{map}}')], 6) + panels.stacked,
      graph('Reads that failed', 'Reads of the counters in the kernel (syscall) or of the exporter\'s own process that failed, a second. Its log says why.', 'cps',
            [grafana.target(rate('ior_scrape_errors_total', by + ['collector']), name + ' {{collector}}')], 6),
    ]),
    grafana.section('What it is'),
    grafana.line(6, [
      panels.facts('Builds', 'Versions of the exporters. After an upgrade all should be alike.', 'max by (cluster, instance, version, revision, compiler, libbpf, libmicrohttpd) (%s)' % value('ior_build_info'),
                   ['cluster', 'instance', 'version', 'revision', 'compiler', 'libbpf', 'libmicrohttpd'], 12),
      panels.facts('Attachment', 'Mode and copies of the programs; exact="false": they may miss calls; ior_exporter --check on the machine says what it lacks.', 'max by (cluster, instance, kernel, mode, copies, exact) (%s)' % value('ior_attach_info'),
                   ['cluster', 'instance', 'kernel', 'mode', 'copies', 'exact'], 12),
    ]),
  ],
  variables.annotations
)
