# SPDX-License-Identifier: Apache-2.0
# What the manifests for Kubernetes need. Included by deploy.mk.

check-deploy: $(BUILD)/tests/deploy/need

$(BUILD)/tests/deploy/need: $(BUILD)/tests/deploy/need.o $(LIB)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@

manifests: deps-deploy ## bring rules and dashboards into the manifests and the chart
	@tools/manifests.py

.PHONY: manifests
