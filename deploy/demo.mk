# SPDX-License-Identifier: Apache-2.0
# make demo. Included by the main Makefile.

demo: deps-build deps-demo all ## run exporter, Prometheus and a sample workload, until Ctrl-C (ARGS=...)
	@BUILD=$(BUILD) tools/demo.sh $(ARGS)

.PHONY: demo
