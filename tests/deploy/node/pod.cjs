// SPDX-License-Identifier: Apache-2.0
// What the pod of a DaemonSet may do and is started with.
// usage: node pod.cjs FILE          prints it as JSON, for tests/deploy/run_pod.py
//        node pod.cjs FILE args     prints its arguments, one a line
//        node pod.cjs FILE limit    prints its memory limit in bytes
//        node pod.cjs FILE rights VARIANT    compares its rights with what is promised
'use strict';
const assert = require('assert');
const { read } = require('./objects.cjs');

const [file, what, variant] = process.argv.slice(2);
const objects = read(file);
const pod = objects.find((object) => object.kind === 'DaemonSet').spec.template.spec;
const [container] = pod.containers;

function bytes(quantity) {
  const [, number, unit] = /^(\d+)(Ki|Mi|Gi)$/.exec(quantity);
  return Number(number) * { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 }[unit];
}

// All that a pod can have beyond what every container has; what is absent is so here as well.
function rights() {
  return {
    containers: pod.containers.length + (pod.initContainers || []).length,
    token: [pod.automountServiceAccountToken,
      objects.find((object) => object.kind === 'ServiceAccount').automountServiceAccountToken],
    host: { pid: pod.hostPID, network: pod.hostNetwork, ipc: pod.hostIPC },
    pod: pod.securityContext,
    container: container.securityContext,
    volumes: pod.volumes,
    mounts: container.volumeMounts,
  };
}

function promised() {
  const all = variant === 'all';
  const has = (...names) => all || names.includes(variant);
  const volumes = [];
  const mounts = [];
  const mount = (name, mountPath, source) => {
    volumes.push({ name, ...source });
    mounts.push({ name, mountPath, readOnly: true });
  };
  if (has('web-config'))
    mount('web-config', '/etc/ior-exporter',
      { secret: { secretName: 'ior-exporter-web', defaultMode: 0o400 } });
  if (has('tracepoint'))
    mount('tracefs', '/sys/kernel/tracing',
      { hostPath: { path: '/sys/kernel/tracing', type: 'Directory' } });
  if (has('containers', 'full'))
    mount('cgroup', '/host/sys/fs/cgroup',
      { hostPath: { path: '/sys/fs/cgroup', type: 'Directory' } });
  return {
    containers: 1,
    token: [false, false],
    host: { pid: !has('no-in-flight'), network: has('host-network') || undefined, ipc: undefined },
    pod: { seccompProfile: { type: 'RuntimeDefault' } },
    container: {
      runAsUser: 0,
      runAsGroup: 0,
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: ['BPF', 'PERFMON'] },
    },
    volumes: volumes.length ? volumes : undefined,
    mounts: mounts.length ? mounts : undefined,
  };
}

const paths = () => objects.filter((object) => object.kind === 'PodMonitor')
  .flatMap((object) => object.spec.podMetricsEndpoints.map((endpoint) => endpoint.path));

if (what === 'args') container.args.forEach((arg) => console.log(arg));
else if (what === 'limit') console.log(bytes(container.resources.limits.memory));
else if (what === 'rights') assert.deepStrictEqual(rights(), promised());
else console.log(JSON.stringify({ container, paths: paths() }));
