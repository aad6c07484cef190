# SPDX-License-Identifier: Apache-2.0
"""Series by container, out of a cgroup tree of the test's own."""
import contextlib
import os
import pathlib

from harness import Exporter, Skip, Workload, comm, equal, exporter_once, folder, run, test, wait_for
from page import DURATION, Page

ID = "c" * 64
UID = "1b5a3ac1-1f3b-4c5e-8a57-9a2f5c3f0001"
POD = f"kubepods.slice/kubepods-pod{UID.replace('-', '_')}.slice"
DIRS = ("kubepods.slice", POD, f"{POD}/cri-containerd-{ID}.scope", "ior-e2e.service")
KUBE, UNIT = DIRS[2], DIRS[3]


@contextlib.contextmanager
def cgroup_tree():
    """A cgroup2 file system with DIRS in it."""
    if os.getuid():
        raise Skip("needs root, to mount a cgroup tree")
    root = folder()
    equal(run("mount", "-t", "cgroup2", "none", root)[0], 0, "mount")
    try:
        for name in DIRS:
            (root / name).mkdir(exist_ok=True)
        yield root
    finally:
        for name in reversed(DIRS):
            wait_for(lambda: remove(root / name), f"the end of all in {name}")
        equal(run("umount", "--lazy", root)[0], 0, "umount")


def remove(path):
    with contextlib.suppress(OSError):
        path.rmdir()
    return not path.exists()


def work_in(cgroup: pathlib.Path, name, *words):
    workload = Workload(name, *words)
    (cgroup / "cgroup.procs").write_text(str(workload.popen.pid))
    workload.go().finish()


def counts(exporter, call):
    """{labels without family and syscall: calls}"""
    return {tuple(sorted((k, v) for k, v in labels.items() if k not in ("family", "syscall"))):
            value for labels, value in Page(exporter.page()).of(DURATION + "_count")
            if labels["syscall"] == call}


def labels(**kwargs):
    return tuple(sorted(kwargs.items()))


@test
def calls_are_counted_in_the_container_that_they_are_made_in():
    name, other = comm("in"), comm("out")
    with cgroup_tree() as root:
        exporter = Exporter("--by=comm,container", f"--path.cgroup={root}", "--trace-syscalls=kcmp")
        work_in(root / KUBE, name, "kcmp=100")
        work_in(root / UNIT, name, "kcmp=20")
        work_in(root, name, "kcmp=3")
        work_in(root / KUBE, other, "kcmp=7")
        equal(counts(exporter, "kcmp"), {
            labels(comm=name, container_id=ID, pod_uid=UID): 100,
            labels(comm=name, container_id="ior-e2e.service", pod_uid="none"): 20,
            labels(comm=name, container_id="host", pod_uid="none"): 3,
            labels(comm=other, container_id=ID, pod_uid=UID): 7}, "calls")
        equal(exporter.end(), 0, "exit status")


@test
def a_container_that_ends_keeps_its_series():
    name = comm("end")
    with cgroup_tree() as root:
        exporter = Exporter("--by=container", f"--path.cgroup={root}", "--trace-syscalls=kcmp")
        work_in(root / KUBE, name, "kcmp=100")
        exporter.page()
        wait_for(lambda: remove(root / KUBE), "the end of the container")
        mine = {labels(container_id=ID, pod_uid=UID): 100}
        equal(counts(exporter, "kcmp"), mine, "calls")
        (root / KUBE).mkdir()  # the same name, another cgroup: the same series
        work_in(root / KUBE, name, "kcmp=11")
        equal(counts(exporter, "kcmp"), {labels(container_id=ID, pod_uid=UID): 111}, "calls")


@test
def more_containers_than_places_are_counted_together():
    name = comm("many")
    with cgroup_tree() as root:
        exporter = Exporter("--by=container", "--comm.top=1", f"--path.cgroup={root}",
                            "--trace-syscalls=kcmp")
        work_in(root / KUBE, name, "kcmp=100")
        exporter.page()
        work_in(root / UNIT, name, "kcmp=20")
        work_in(root, name, "kcmp=3")
        equal(counts(exporter, "kcmp"), {
            labels(container_id=ID, pod_uid=UID): 100,
            labels(container_id="__other__", pod_uid="__other__"): 23}, "calls")


@test
def by_none_is_one_series_a_call():
    name = comm("none")
    exporter = Exporter("--by=none", "--comm.top=1", "--trace-syscalls=kcmp")
    for n in (5, 6):
        workload = Workload(name, f"kcmp={n}")
        workload.go().finish()
    page = Page(exporter.page())
    equal(counts(exporter, "kcmp"), {(): 11}, "calls")
    equal((page.value("ior_rows"), page.value("ior_rows_overflow_total")), (0, 0), "rows")


@test
def without_a_cgroup_tree_it_says_what_to_do():
    where = folder()
    equal(exporter_once("--once", "--by=container", f"--path.cgroup={where}"), (
        1, "", f"ior_exporter: find cgroups below '{where}': No such device (--by container needs "
        "the cgroup tree: mount it there, or say where by --path.cgroup)\n"), "no tree")
    equal(exporter_once("--once", "--by=container", "--path.cgroup=/nowhere")[::2], (
        1, "ior_exporter: find cgroups below '/nowhere': No such file or directory (--by container "
        "needs the cgroup tree: mount it there, or say where by --path.cgroup)\n"), "nowhere")
