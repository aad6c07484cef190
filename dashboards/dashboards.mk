# SPDX-License-Identifier: Apache-2.0
# make dashboards, check-dashboards and pictures. Included by the main Makefile.

DASHBOARDS := $(patsubst dashboards/%.jsonnet,dashboards/json/%.json,$(wildcard dashboards/*.jsonnet))

dashboards: deps-dashboards ## render dashboards/json/ from dashboards/*.jsonnet
	@$(MAKE) --no-print-directory $(DASHBOARDS)

dashboards/json/%.json: dashboards/%.jsonnet $(wildcard dashboards/lib/*.libsonnet) bpf/syscalls.tsv \
		dashboards/prometheus/rules.yml
	$(call msg,JSONNET,$@)
	@mkdir -p $(@D)
	$(Q)jsonnet -o $@ $<

check-dashboards: deps-build deps-check deps-dashboards all ## prove the dashboards on real data, with Grafana's own code
	@BUILD=$(BUILD) tests/dashboards/run.sh

pictures: check-dashboards ## prove the dashboards, and put what Grafana drew into dashboards/pictures
	cp $(BUILD)/dashboards/pictures/flame-*.png dashboards/pictures

.PHONY: dashboards check-dashboards pictures
