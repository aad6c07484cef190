/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "container.h"
#include "label.h"
#include "suites.h"

#define ID "4f0c1a9be2d7358846b1d09e7fa3c25b60e8d4971ab2c3d5e6f708192a3b4c5d"
#define OUTER "aa11bb22cc33dd44ee55ff660718293a4b5c6d7e8f90123456789abcdef01234"
#define UID "5759a1ae-36ca-48a8-b20a-b0b5c8a90fb8"
#define UID_ "5759a1ae_36ca_48a8_b20a_b0b5c8a90fb8"
#define OUTER_UID_ "03f3f104_3215_44f2_9686_d4dd1f05a7ed"
#define STATIC_UID "187bff14cccb94f179e943eacce55bb3"

#define QOS "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod"
#define USER "/user.slice/user-1000.slice/user@1000.service"
#define KIND "/kubelet.slice/kubelet-kubepods.slice"

/* Those of v1 and v2 are the same. */
static const struct {
	const char *from, *path, *id, *pod_uid;
} seen[] = {
	/* containers without Kubernetes */
	{ "Docker, cgroupfs", "/docker/" ID, ID, "none" },
	{ "Docker, systemd", "/system.slice/docker-" ID ".scope", ID, "none" },
	{ "Docker, --cgroup-parent", "/batch/" ID, ID, "none" },
	{ "Docker, --cgroup-parent, systemd", "/batch.slice/docker-" ID ".scope", ID, "none" },
	{ "Docker, rootless", USER "/user.slice/docker-" ID ".scope", ID, "none" },
	{ "Docker, systemd inside", "/docker/" ID "/system.slice/cron.service", ID, "none" },
	{ "Docker, systemd inside, v2", "/system.slice/docker-" ID ".scope/init.scope", ID,
	  "none" },
	{ "Docker in Docker", "/docker/" OUTER "/docker/" ID, ID, "none" },
	{ "Docker in Docker, v2", "/system.slice/docker-" OUTER ".scope/docker/" ID, ID, "none" },
	{ "Docker in Docker, v2, its init", "/docker/" ID "/init", ID, "none" },
	{ "Amazon ECS", "/ecs/0b69d5c0d0554f2c9b4a5f5a8e0f4ab1/" ID, ID, "none" },
	{ "Amazon ECS, systemd",
	  "/ecstasks.slice/ecstasks-0b69d5c0d0554f2c9b4a5f5a8e0f4ab1.slice/docker-" ID ".scope", ID,
	  "none" },
	{ "nerdctl, systemd", "/system.slice/nerdctl-" ID ".scope", ID, "none" },
	{ "nerdctl, rootless", USER "/user.slice/nerdctl-" ID ".scope", ID, "none" },
	{ "ctr", "/default/" ID, ID, "none" },
	{ "Podman, systemd", "/machine.slice/libpod-" ID ".scope", ID, "none" },
	{ "Podman, crun", "/machine.slice/libpod-" ID ".scope/container", ID, "none" },
	{ "Podman, rootless", USER "/user.slice/libpod-" ID ".scope/container", ID, "none" },
	{ "Podman, cgroupfs", "/libpod_parent/libpod-" ID, ID, "none" },
	{ "Podman, --cgroups=split", "/system.slice/web.service/libpod-payload-" ID "/container",
	  ID, "none" },
	{ "Podman, a pod", "/machine.slice/machine-libpod_pod_" OUTER ".slice/libpod-" ID ".scope",
	  ID, "none" },
	{ "Kata Containers", "/kata_overhead/" ID, ID, "none" },
	/* Kubernetes */
	{ "containerd, systemd", QOS UID_ ".slice/cri-containerd-" ID ".scope", ID, UID },
	{ "containerd, best effort",
	  "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" UID_
	  ".slice/cri-containerd-" ID ".scope",
	  ID, UID },
	{ "containerd, guaranteed",
	  "/kubepods.slice/kubepods-pod" UID_ ".slice/cri-containerd-" ID ".scope", ID, UID },
	{ "containerd, cgroupfs", "/kubepods/burstable/pod" UID "/" ID, ID, UID },
	{ "containerd, cgroupfs, guaranteed", "/kubepods/pod" UID "/" ID, ID, UID },
	{ "containerd, systemd for the kubelet alone",
	  "/system.slice/containerd.service/kubepods-burstable-pod" UID_
	  ".slice:cri-containerd:" ID,
	  ID, UID },
	{ "containerd, a static pod", QOS STATIC_UID ".slice/cri-containerd-" ID ".scope", ID,
	  STATIC_UID },
	{ "containerd, a static pod, cgroupfs", "/kubepods/burstable/pod" STATIC_UID "/" ID, ID,
	  STATIC_UID },
	{ "dockershim, systemd", QOS UID_ ".slice/docker-" ID ".scope", ID, UID },
	{ "CRI-O, systemd", QOS UID_ ".slice/crio-" ID ".scope", ID, UID },
	{ "CRI-O, crun", QOS UID_ ".slice/crio-" ID ".scope/container", ID, UID },
	{ "CRI-O, cgroupfs", "/kubepods/besteffort/pod" UID "/crio-" ID, ID, UID },
	{ "kubelet, --cgroup-root", "/tenant/kubepods/burstable/pod" UID "/" ID, ID, UID },
	{ "kind", "/docker/" OUTER "/kubelet/kubepods/burstable/pod" UID "/" ID, ID, UID },
	{ "kind, v2",
	  "/system.slice/docker-" OUTER ".scope" KIND "/kubelet-kubepods-burstable.slice/"
	  "kubelet-kubepods-burstable-pod" UID_ ".slice/cri-containerd-" ID ".scope",
	  ID, UID },
	{ "kind, v2, guaranteed, in a namespace",
	  KIND "/kubelet-kubepods-pod" UID_ ".slice/cri-containerd-" ID ".scope", ID, UID },
	{ "kind, the node itself", "/docker/" ID "/system.slice/kubelet.service", ID, "none" },
	{ "Docker in a pod", QOS UID_ ".slice/cri-containerd-" OUTER ".scope/docker/" ID, ID, UID },
	{ "Kubernetes in a pod",
	  QOS OUTER_UID_ ".slice/crio-" OUTER ".scope/kubepods/pod" UID "/" ID, ID, UID },
	{ "Kubernetes, a pod itself", "/kubepods/burstable/pod" UID, "host", UID },
	{ "Kubernetes, a pod's slice", QOS UID_ ".slice", "host", UID },
	/* what is there for a container, but is not it */
	{ "CRI-O, the monitor", QOS UID_ ".slice/crio-conmon-" ID ".scope",
	  "crio-conmon-" ID ".scope", UID },
	{ "CRI-O, the monitor, cgroupfs", "/kubepods/pod" UID "/crio-conmon-" ID, "host", UID },
	{ "Podman, the monitor", "/machine.slice/libpod-conmon-" ID ".scope",
	  "libpod-conmon-" ID ".scope", "none" },
	{ "Podman, the monitor of a pod",
	  "/machine.slice/machine-libpod_pod_" OUTER ".slice/libpod-conmon-" ID ".scope",
	  "libpod-conmon-" ID ".scope", "none" },
	{ "Podman, the monitor, rootless", USER "/user.slice/libpod-conmon-" ID ".scope",
	  "user@1000.service", "none" },
	{ "Podman, the monitor, in Docker", "/docker/" OUTER "/libpod-conmon-" ID ".scope", OUTER,
	  "none" },
	{ "Podman, a health check", "/system.slice/" ID "-5c0f1f9f3f8c1b7a.service",
	  ID "-5c0f1f9f3f8c1b7a.service", "none" },
	{ "nerdctl, a health check", "/system.slice/" ID ".service", ID ".service", "none" },
	{ "Docker, a mount", "/system.slice/var-lib-docker-containers-" ID "-mounts-shm.mount",
	  "var-lib-docker-containers-" ID "-mounts-shm.mount", "none" },
	/* systemd */
	{ "a service", "/system.slice/sshd.service", "sshd.service", "none" },
	{ "a template", "/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service",
	  "none" },
	{ "containerd itself", "/system.slice/containerd.service", "containerd.service", "none" },
	{ "a session", "/user.slice/user-1000.slice/session-3.scope", "session-3.scope", "none" },
	{ "a user's manager", USER "/init.scope", "user@1000.service", "none" },
	{ "a user's service", USER "/app.slice/dbus.service", "user@1000.service", "none" },
	{ "a user's application", USER "/app.slice/app-gnome-firefox-4242.scope",
	  "user@1000.service", "none" },
	{ "systemd", "/init.scope", "init.scope", "none" },
	{ "systemd, delegated", "/system.slice/systemd-udevd.service/udev", "systemd-udevd.service",
	  "none" },
	{ "a mount", "/system.slice/run-user-1000.mount", "run-user-1000.mount", "none" },
	{ "a mount, escaped", "/system.slice/mnt-a\\x2db.mount", "mnt-a\\\\x2db.mount", "none" },
	{ "the root's mount", "/system.slice/-.mount", "-.mount", "none" },
	{ "swap", "/system.slice/dev-sda2.swap", "dev-sda2.swap", "none" },
	{ "a socket", "/system.slice/docker.socket", "docker.socket", "none" },
	{ "libvirt", "/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/vcpu0",
	  "machine-qemu\\\\x2d1\\\\x2dweb.scope", "none" },
	{ "systemd-nspawn", "/machine.slice/systemd-nspawn@web.service/payload",
	  "systemd-nspawn@web.service", "none" },
	/* the rest */
	{ "the root", "/", "host", "none" },
	{ "a slice", "/system.slice", "host", "none" },
	{ "a user's slice", "/user.slice/user-1000.slice", "host", "none" },
	{ "Podman, a pod itself", "/machine.slice/machine-libpod_pod_" ID ".slice", "host",
	  "none" },
	{ "LXC", "/lxc.payload.web", "host", "none" },
	{ "BuildKit", "/docker/buildkit/q0dl4v1shbkuk9pvrpewlr3zy", "host", "none" },
	{ "v1, by hand", "/process_api/28c8539ae690fb10e2b31d4eeddd0f83", "host", "none" },
};

/* What nobody's software makes, but a user can. */
static const struct {
	const char *path, *id, *pod_uid;
} odd[] = {
	{ "", "host", "none" },
	{ "//", "host", "none" },
	{ "//docker//" ID "//", ID, "none" },
	{ "docker/" ID, ID, "none" },
	{ "/../docker/" ID, ID, "none" },
	/* not 64 digits, or not alone */
	{ "/docker/" ID "0", "host", "none" },
	{ "/docker/0" ID, "host", "none" },
	{ "/docker/F" ID, "host", "none" },
	{ "/docker/" ID "F", "host", "none" },
	{ "/docker/" ID ID, "host", "none" },
	{ "/docker/4f0c1a9be2d7358846b1d09e7fa3c25b60e8d4971ab2c3d5e6f708192a3b4c5", "host",
	  "none" },
	{ "/docker/4F0C1A9BE2D7358846B1D09E7FA3C25B60E8D4971AB2C3D5E6F708192A3B4C5D", "host",
	  "none" },
	{ "/docker/4f0c1a9be2d7358846b1d09e7fa3c25b60e8d4971ab2c3d5e6f708192a3b4c5D", "host",
	  "none" },
	{ "/docker/4f0c1a9be2d7358846b1d09e7fa3c25b/60e8d4971ab2c3d5e6f708192a3b4c5d", "host",
	  "none" },
	{ "/x" OUTER "-" ID "x", ID, "none" },
	{ "/docker/" ID "/short/" ID "0", ID, "none" },
	{ "/system.slice/docker-" ID "0.scope", "docker-" ID "0.scope", "none" },
	/* UIDs that are none */
	{ "/kubepods/pod" UID "0/" ID, ID, "none" },
	{ "/kubepods/pod5759a1ae-36ca-48a8-b20a_b0b5c8a90fb8/" ID, ID, "none" },
	{ "/kubepods/pod5759A1AE-36CA-48A8-B20A-B0B5C8A90FB8/" ID, ID, "none" },
	{ "/kubepods/pod5759a1ae-36ca-48a8-b20a-b0b5c8a90fb/" ID, ID, "none" },
	{ "/kubepods/pod" STATIC_UID "0/" ID, ID, "none" },
	{ "/kubepods/pod" ID, "host", "none" },
	{ "/kubepods/pod/" UID, "host", "none" },
	{ "/kubepods/pod", "host", "none" },
	{ "/kubepods/tripod" UID "/" ID, ID, "none" },
	{ "/kubepods/" UID "/" ID, ID, "none" },
	{ "/a-pod-pod" UID "/" ID, ID, UID },
	/* units that are none */
	{ "/.service", "host", "none" },
	{ "/.service/x.service", "x.service", "none" },
	{ "/sshd.services", "host", "none" },
	{ "/sshd.service.d", "host", "none" },
	{ "/backup.timer", "host", "none" },
	/* units with names to be written otherwise, or to be mistaken for another label */
	{ "/system.slice/a\nb\"\x7f.service", "a\\x0ab\"\\x7f.service", "none" },
	{ "/system.slice/\xff\xc3\xb6.service", "\\xff\xc3\xb6.service", "none" },
	{ "/__other__", "host", "none" },
	{ "/__other__.scope", "__other__.scope", "none" },
	{ "/unknown.scope", "unknown.scope", "none" },
	{ "/host.service", "host.service", "none" },
};

static void check_container(const char *path, const char *id, const char *pod_uid)
{
	struct container container;

	memset(&container, 'x', sizeof(container));
	container_from_path(path, &container);
	ck_assert_str_eq(container.id, id);
	ck_assert_str_eq(container.pod_uid, pod_uid);
}

START_TEST(container_and_pod_are_in_the_path)
{
	check_container(seen[_i].path, seen[_i].id, seen[_i].pod_uid);
}

START_TEST(odd_path_is_taken_by_the_same_rules)
{
	check_container(odd[_i].path, odd[_i].id, odd[_i].pod_uid);
}

START_TEST(nothing_behind_the_path_is_read)
{
	const char path[] = "/kubepods/pod" UID "/" ID;

	for (size_t n = 0; n < sizeof(path); n++) {
		char *copy = strndup(path, n);
		struct container container;

		ck_assert_ptr_nonnull(copy);
		container_from_path(copy, &container);
		ck_assert_str_eq(container.id, n == sizeof(path) - 1 ? ID : "host");
		free(copy);
	}
}

/* n times x, and the end. */
static const char *long_unit(size_t n, const char *end)
{
	static char path[8192];

	path[0] = '/';
	memset(path + 1, 'x', n);
	memcpy(path + 1 + n, end, strlen(end) + 1);
	return path;
}

#define X10 "xxxxxxxxxx"
#define X100 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10

/* What is behind the hash is of an implementation of its own, in Python. */
static const struct {
	size_t n;
	const char *end, *id;
} long_units[] = {
	{ 119, ".service", X100 X10 "xxxxxxxxx.service" },
	{ 120, ".service", X100 "xxxxxxxxx\\~37b0d7ab8aad0280" },
	{ 247, ".service", X100 "xxxxxxxxx\\~fa3c7534cf784806" },
	{ 246, "y.service", X100 "xxxxxxxxx\\~f0828b3a85eaf2bd" },
	{ 4087, ".service", X100 "xxxxxxxxx\\~c5fd00b3cdcdac06" },
};

START_TEST(long_unit_is_cut_and_stays_another)
{
	const char *path = long_unit(long_units[_i].n, long_units[_i].end);

	check_container(path, long_units[_i].id, "none");
}

START_TEST(end_of_a_long_path_is_found)
{
	check_container(long_unit(4000, "/a/b/" ID "/x"), ID, "none");
	check_container(long_unit(4059, "/pod" UID), "host", UID);
}

START_TEST(fixed_ones_are_as_their_labels)
{
	ck_assert_str_eq(container_host.id, "host");
	ck_assert_str_eq(container_host.pod_uid, "none");
	ck_assert_str_eq(container_unknown.id, "unknown");
	ck_assert_str_eq(container_unknown.pod_uid, "none");
	ck_assert_str_eq(container_other.id, LABEL_OTHER);
	ck_assert_str_eq(container_other.pod_uid, LABEL_OTHER);
}

Suite *container_suite(void)
{
	const struct test tests[] = {
		{ container_and_pod_are_in_the_path, COUNT(seen) },
		{ odd_path_is_taken_by_the_same_rules, COUNT(odd) },
		{ nothing_behind_the_path_is_read, 0 },
		{ long_unit_is_cut_and_stays_another, COUNT(long_units) },
		{ end_of_a_long_path_is_found, 0 },
		{ fixed_ones_are_as_their_labels, 0 },
	};

	return suite_make("container", tests, COUNT(tests));
}
