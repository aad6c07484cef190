# SPDX-License-Identifier: Apache-2.0
# make bench: what the exporter costs, held against its limits. Included by the main Makefile.

BENCH_SESSIONS ?= 60
BENCH_ROUNDS   ?= 3
BENCH_SEED     ?= 1
BENCH_ARGS     ?=

BENCH_DIR := $(BUILD)/tests/bench
BENCH_OVERHEAD := overhead contest session design ours peer work crew row
BENCH_READCOST := readcost ours row
BENCH_LINES    := $(BENCH_DIR)/lines.o $(BENCH_DIR)/row.o
BENCH_PROGRAMS := $(addprefix $(BENCH_DIR)/,overhead readcost encode formats)

bench: deps-bench $(BENCH_PROGRAMS) $(BENCH_DIR)/golang/render $(BUILD)/ior_exporter ## measure what tracing costs; PASS or FAIL
	$(Q)CLANG='$(CLANG)' tests/bench/table.sh \
		'$(BENCH_DIR)/overhead -c $(BENCH_SESSIONS) -r $(BENCH_ROUNDS) -s $(BENCH_SEED) $(BENCH_ARGS)' \
		'$(BENCH_DIR)/readcost' '$(BENCH_DIR)/encode' \
		'$(BENCH_DIR)/formats $(BENCH_DIR)/golang/render' \
		'/usr/bin/python3 tests/bench/footprint.py $(BUILD)/ior_exporter'

$(BENCH_DIR)/overhead: $(BENCH_OVERHEAD:%=$(BENCH_DIR)/%.o) $(LIB)
$(BENCH_DIR)/readcost: $(BENCH_READCOST:%=$(BENCH_DIR)/%.o) $(LIB)
$(BENCH_DIR)/encode: $(BENCH_DIR)/encode.o $(BENCH_LINES) $(LIB)
$(BENCH_DIR)/formats: $(BENCH_DIR)/formats.o $(BENCH_LINES) $(LIB)
$(BENCH_PROGRAMS):
	$(call msg,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $^ $(LDLIBS) -lm -o $@

# The peer of the encoders: client_golang, from the distribution's package.
$(BENCH_DIR)/golang/render: tests/bench/golang/render.go
	$(call msg,GO,$@)
	@mkdir -p $(@D)
	$(Q)GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$(CURDIR)/$(BENCH_DIR)/golang/cache \
		go build -o $@ $<

$(BENCH_DIR)/ours.o: $(GEN)/ior.skel.h
$(BENCH_DIR)/design.o: $(GEN)/reference.skel.h

# The skeleton comes from it by the main Makefile's pattern.
$(GEN)/reference.bpf.o: tests/bench/reference.bpf.c
	$(call msg,BPF,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c $< -o $@

.PHONY: bench
