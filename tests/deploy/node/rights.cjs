// SPDX-License-Identifier: Apache-2.0
// The rights of a DaemonSet's pod: those that it has, and those that are promised.
'use strict';

// All that a pod can have beyond what every container has; what is absent is so here as well.
function rights(objects, pod) {
  const [container] = pod.containers;
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

function promised(variant) {
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

module.exports = { rights, promised };
