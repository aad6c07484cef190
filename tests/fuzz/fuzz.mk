# SPDX-License-Identifier: Apache-2.0
# make fuzz: libFuzzer on what reads what anybody may send. Included by the main Makefile.

FUZZ_RUNS ?= 1000000
FUZZ_SAN  := fuzzer-no-link,address,undefined

fuzz: deps-build deps-fuzz ## 10^6 inputs (FUZZ_RUNS=N) for each parser of requests, under sanitizers
	@$(MAKE) --no-print-directory CC=$(CLANG) SAN=$(FUZZ_SAN) fuzz-run

FUZZ := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

# What it finds on the way stays under build/; what is worth keeping goes to the corpus by hand.
fuzz-run: $(FUZZ:%=$(BUILD)/tests/fuzz/fuzz_%)
	@for name in $(FUZZ); do \
		mkdir -p $(BUILD)/corpus/$$name && echo "== $$name" && \
		$(BUILD)/tests/fuzz/fuzz_$$name -runs=$(FUZZ_RUNS) -seed=1 -max_len=1024 -timeout=5 \
			-print_final_stats=1 -verbosity=0 -artifact_prefix=$(BUILD)/corpus/ \
			$(BUILD)/corpus/$$name tests/fuzz/corpus/$$name || exit 1; \
	done

$(BUILD)/tests/fuzz/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/text.o $(LIB)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -fsanitize=fuzzer $^ $(LDLIBS) -o $@

.PHONY: fuzz fuzz-run
