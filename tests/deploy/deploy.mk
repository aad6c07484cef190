# SPDX-License-Identifier: Apache-2.0
# make check-deploy: what carries the exporter to a machine. Included by the main Makefile.

check-deploy: deps-build deps-check deps-static deps-deploy all ## build and try images, manifests, units and packages
	@tests/deploy/run.sh $(STAGES)

.PHONY: check-deploy

include tests/deploy/kubernetes.mk
