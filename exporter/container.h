/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which container and which pod a cgroup belongs to, told by its path alone, so that it works for
 * Docker, containerd, CRI-O, Podman and nerdctl without asking them. The paths of cgroup v1 and v2
 * are the same.
 */
#ifndef CONTAINER_H
#define CONTAINER_H

#define CONTAINER_ID_SIZE 128 /* with its NUL */
#define POD_UID_SIZE 40

/* Two labels. The id is one of
 *	64 small hex digits	the container;
 *	`sshd.service`		of a cgroup that is in none, the systemd unit: named as its
 *				directory, written as label_from_text() does, so never one of these;
 *	`host`			none of both: the root, slices, what is not known;
 *	`unknown`		the cgroup is gone, so nobody can tell;
 *	LABEL_OTHER		the collective one.
 * The UID is that of the Kubernetes pod, `none` outside of pods. */
struct container {
	char id[CONTAINER_ID_SIZE];
	char pod_uid[POD_UID_SIZE];
};

extern const struct container container_host;
extern const struct container container_unknown; /* of no pod */
extern const struct container container_other;	 /* both are LABEL_OTHER */

/* The path is relative to the root of the hierarchy, "/" or "/a/b", of any bytes. A container wins
 * over a unit, the innermost container over those around it, and the outermost unit over those
 * within, which their user names. Monitors of containers (conmon) and units that are only named
 * after one, such as its mounts and health checks, are none. */
void container_from_path(const char *path, struct container *ret);

#endif
