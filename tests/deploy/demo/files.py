# SPDX-License-Identifier: Apache-2.0
"""Whether the compose file, the configuration of Prometheus and the provisioning of Grafana fit
each other and the repository."""
import pathlib

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]


def load(path):
    return yaml.safe_load((ROOT / path).read_text())


COMPOSE = ROOT / "deploy/compose"
SERVICES = load(COMPOSE / "compose.yml")["services"]
SCRAPING = load("deploy/prometheus/prometheus.yml")
DATASOURCE, = load("deploy/grafana/provisioning/datasources/prometheus.yml")["datasources"]
PROVIDER, = load("deploy/grafana/provisioning/dashboards/ior.yml")["providers"]


def mounts(service):
    """What of the repository is mounted, by the target of the mount."""
    found = {}
    for volume in SERVICES[service].get("volumes", ()):
        source, target, *mode = volume.split(":")
        if source.startswith("."):
            assert mode == ["ro"], volume
            found[target] = (COMPOSE / source).resolve()
    return found


def is_privileged(service):
    """Settings of a service that give it a right."""
    allowed = {"exporter": {"BPF", "PERFMON"}}
    return (service.get("privileged") or service.get("cap_drop") != ["ALL"] or
            service.get("security_opt") != ["no-new-privileges:true"] or
            not service.get("read_only") or
            set(service.get("cap_add", ())) - allowed.get(service.get("name"), set()))


def exporter_has_two_capabilities():
    exporter = SERVICES["exporter"]
    return (exporter["cap_add"] == ["BPF", "PERFMON"] and exporter["pid"] == "host" and
            "volumes" not in exporter and exporter["build"] == "../..")


def the_image_has_its_one_name():
    manifest = load("deploy/kubernetes/base/daemonset.yaml")["spec"]["template"]["spec"]
    return SERVICES["exporter"]["image"] == manifest["containers"][0]["image"] == "ior-exporter"


def nobody_has_more():
    return not any(is_privileged(service | {"name": name}) for name, service in SERVICES.items())


def ports_are_this_machines():
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    return sorted(ports) == [f"127.0.0.1:{port}:{port}" for port in (3000, 9090, 9435)]


def all_share_one_network():
    """The files speak of localhost."""
    return ({name: service.get("network_mode") for name, service in SERVICES.items()} ==
            {"exporter": None, "prometheus": "service:exporter", "grafana": "service:exporter"} and
            DATASOURCE["url"] == "http://localhost:9090" and
            SCRAPING["scrape_configs"][0]["static_configs"] == [{"targets": ["localhost:9435"]}])


def what_is_mounted_is_there():
    bound = [path for name in SERVICES for path in mounts(name).values()]
    return len(bound) == 4 and all(path.exists() for path in bound)


def prometheus_finds_its_rules():
    found = mounts("prometheus")
    names = sorted(path.name for path in (ROOT / "deploy/prometheus").glob(SCRAPING["rule_files"][0]))
    return (found["/etc/prometheus/rules"] == ROOT / "dashboards/prometheus" and
            found["/etc/prometheus/prometheus.yml"] == ROOT / "deploy/prometheus/prometheus.yml" and
            names == ["alerts.yml", "rules.yml"])


def grafana_finds_its_dashboards():
    path = PROVIDER["options"]["path"]
    home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    source = mounts("grafana")[path]
    return (source == ROOT / "dashboards/json" and
            (source / pathlib.Path(home).relative_to(path)).exists())


def grafana_knows_the_interval():
    return DATASOURCE["jsonData"]["timeInterval"] == SCRAPING["global"]["scrape_interval"]


def a_right_too_much_is_noticed():
    """The control of nobody_has_more."""
    good = SERVICES["prometheus"]
    return not is_privileged(good) and all(
        is_privileged(good | bad) for bad in ({"privileged": True}, {"cap_drop": []},
                                              {"cap_add": ["SYS_ADMIN"]}, {"security_opt": []},
                                              {"read_only": False}))


for check in (exporter_has_two_capabilities, the_image_has_its_one_name, nobody_has_more,
              ports_are_this_machines, all_share_one_network, what_is_mounted_is_there,
              prometheus_finds_its_rules, grafana_finds_its_dashboards,
              grafana_knows_the_interval, a_right_too_much_is_noticed):
    print("passed" if check() else "failed", "demo:", check.__name__.replace("_", " "))
