# SPDX-License-Identifier: Apache-2.0
# ior_exporter. `make help` lists what there is to make.
#
#   V=1       show the commands       DEV=1    warnings are errors
#   SAN=...   address,undefined or thread; builds under build/san-...
#   CC=...    gcc (default) or clang; CLANG=... the clang that compiles for BPF
#   SYSROOT=. where a cross build (CC=aarch64-linux-gnu-gcc) finds the libraries; it builds under
#             build/aarch64-linux-gnu
#
# Everything built is under build/: BPF source -> object -> skeleton (a header that carries the
# object) -> exporter/tracer.o -> build/ior_exporter.

VERSION  := 0.1.0
REVISION := $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)

ifeq ($(origin CC),default)
CC := gcc
endif
CLANG      ?= clang
PKG_CONFIG ?= pkg-config
PREFIX     ?= /usr/local
DESTDIR    ?=
ARGS       ?=

BUILD := build
ifneq ($(SAN),)
comma := ,
BUILD := build/san-$(subst $(comma),-,$(SAN))
endif
ifneq ($(STATIC),)
BUILD := build/static
endif
GEN := build/gen

MACHINE   := $(shell $(CC) -dumpmachine 2>/dev/null | cut -d- -f1)
MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)
ifneq ($(MACHINE),$(shell uname -m))
CROSS := $(MULTIARCH)
endif
ifneq ($(CROSS),)
BUILD := $(BUILD)/$(CROSS)
GEN   := $(BUILD)/gen
endif
SYSROOT ?=
ifneq ($(SYSROOT),)
CPPFLAGS   += -isystem $(SYSROOT)/usr/include
LDFLAGS    += -L$(SYSROOT)/usr/lib/$(MULTIARCH)
PKG_CONFIG := PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/$(MULTIARCH)/pkgconfig \
	      PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) $(PKG_CONFIG)
endif
ifneq ($(filter aarch64 arm64,$(MACHINE)),)
BPF_ARCH := arm64
TSV_ARCH := arm64
else
BPF_ARCH := x86
TSV_ARCH := x86_64
endif

WARN := -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
	-Wformat=2 -Wno-unused-parameter
ifneq ($(DEV)$(CI),)
WARN += -Werror
endif
HARDEN := -fstack-protector-strong -fPIE
ifeq ($(SAN),)
HARDEN += -D_FORTIFY_SOURCE=2 -fstack-clash-protection
ifeq ($(BPF_ARCH),x86)
HARDEN += -fcf-protection
endif
endif

CPPFLAGS += -D_GNU_SOURCE -Iexporter -Ibpf -I$(GEN)
CFLAGS   ?= -O2 $(if $(STATIC),,-g) # a static binary is stripped
CFLAGS   += -std=gnu11 $(WARN) $(HARDEN) -pthread -ffile-prefix-map=$(CURDIR)=.
LDFLAGS  += -pthread -Wl,-z,relro,-z,now,-z,noexecstack
LIBS     := libbpf libelf zlib yaml-0.1
ifeq ($(STATIC),)
LDFLAGS  += -pie
LDLIBS   := $(shell $(PKG_CONFIG) --libs $(LIBS) libzstd libmicrohttpd gnutls libcrypt 2>/dev/null || \
	      echo -lbpf -lelf -lz -lyaml -lzstd -lmicrohttpd -lgnutls -lcrypt)
else
# Debian's libmicrohttpd.a needs GnuTLS, which has no static library of all its parts, so this
# flavour has a libmicrohttpd of its own, without TLS. libzstd would make it a quarter larger, for
# a coding that Prometheus does not ask for.
MHD      := $(BUILD)/libmicrohttpd
CPPFLAGS += -I$(MHD)/include -DNO_TLS -DNO_ZSTD
LDFLAGS  += -static-pie -s -Wl,--build-id=none
LDLIBS   := -L$(MHD)/lib -lmicrohttpd $(shell $(PKG_CONFIG) --static --libs $(LIBS) libcrypt 2>/dev/null || \
	      echo -lbpf -lelf -lz -lyaml -lcrypt)
endif
ifneq ($(SAN),)
# Every append reallocates, so that the sanitizer sees each growth path.
CFLAGS  += -fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all -DBUF_MIN=1
LDFLAGS += -fsanitize=$(SAN)
endif

ifeq ($(V),)
Q   := @
msg  = @printf '  %-8s %s\n' '$(1)' '$(2)';
else
Q   :=
msg  =
endif

.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
.DEFAULT_GOAL := all

# ---- the program ---------------------------------------------------------------------------

SRC := $(wildcard exporter/*.c)
OBJ := $(SRC:%.c=$(BUILD)/%.o)
LIB := $(filter-out $(BUILD)/exporter/main.o,$(OBJ))

all: $(BUILD)/ior_exporter ## build build/ior_exporter

$(BUILD)/ior_exporter: $(OBJ)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(BUILD)/%.o: %.c $(BUILD)/flags $(if $(STATIC),$(MHD)/lib/libmicrohttpd.a)
	$(call msg,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

# Rebuild when the compiler or its flags change.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS)' | cmp -s - $@ || \
		echo '$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS)' >$@

# sums millions of counters a read: let the compiler use vectors
$(BUILD)/exporter/arrays.o: CFLAGS += -O3
$(BUILD)/exporter/tracer.o: $(GEN)/ior.skel.h $(GEN)/ior_raw.skel.h
$(BUILD)/exporter/syscalls.o: $(GEN)/syscalls.inc
$(BUILD)/exporter/version.o: $(GEN)/version.inc

$(GEN)/version.inc: FORCE
	@mkdir -p $(@D)
	@printf '#define VERSION "%s"\n#define REVISION "%s"\n' '$(VERSION)' '$(REVISION)' | \
		cmp -s - $@ || printf '#define VERSION "%s"\n#define REVISION "%s"\n' \
		'$(VERSION)' '$(REVISION)' >$@

$(GEN)/syscalls.inc: bpf/syscalls.tsv bpf/syscalls.awk
	$(call msg,GEN,$@)
	@mkdir -p $(@D)
	$(Q)awk -v arch=$(TSV_ARCH) -f bpf/syscalls.awk $< >$@

static: deps-build deps-static ## build build/static/ior_exporter: one file, without TLS
	@$(MAKE) --no-print-directory STATIC=1 all

%/libmicrohttpd/lib/libmicrohttpd.a: tools/libmicrohttpd-static.sh
	$(Q)CC='$(CC)' HOST='$(CROSS)' tools/libmicrohttpd-static.sh $*/libmicrohttpd

# ---- the BPF objects -----------------------------------------------------------------------
# -mcpu=v3 for atomics with a result (kernel 5.12), v2 for kernels before. -idirafter, since clang
# -target bpf does not know the folder of asm/types.h: the multiarch one, or a cross compiler's.

BPF_CPU := v3
BPF_CFLAGS = -O2 -g -target bpf -mcpu=$(BPF_CPU) -D__TARGET_ARCH_$(BPF_ARCH) -Ibpf \
	-idirafter /usr/include/$(MULTIARCH) -idirafter /usr/$(MULTIARCH)/include \
	-Wall -Wextra -Werror -Wno-unused-parameter \
	-fdebug-prefix-map=$(CURDIR)=.

$(GEN)/%.bpf.o: bpf/%.bpf.c
	$(call msg,BPF,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c $< -o $@

$(GEN)/ior_raw.bpf.o: BPF_CPU := v2

$(GEN)/ior.arm64.s: BPF_ARCH := arm64
$(GEN)/ior.arm64.s: bpf/ior.bpf.c $(wildcard bpf/*.h)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -S $< -o $@

$(GEN)/%.skel.h: $(GEN)/%.bpf.o tools/bpftool.sh
	$(call msg,SKEL,$@)
	$(Q)tools/bpftool.sh gen object $(GEN)/$*.linked.o $<
	$(Q)tools/bpftool.sh gen skeleton $(GEN)/$*.linked.o name $*_bpf >$@

# ---- tests ---------------------------------------------------------------------------------
# Each suite ends with a line "NAME: N passed, N failed, N skipped"; tests/run.sh adds them up.

CHECK_LIBS = $(shell $(PKG_CONFIG) --libs check 2>/dev/null || echo -lcheck)
# tests/unit/failing.c makes the N-th allocation fail
WRAP := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=reallocarray,--wrap=strdup,--wrap=strndup

UNIT   := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/unit/*.c))
# tests/kernel/pool.c lends programs that are loaded, test_serial.c has others
WRAP_KERNEL := -Wl,--wrap=tracer_load
KERNEL := $(patsubst %.c,$(BUILD)/%.o,$(filter-out %.bpf.c,$(wildcard tests/kernel/*.c)))

$(BUILD)/tests/unit/unit: $(UNIT) $(LIB)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $(WRAP) $^ $(CHECK_LIBS) $(LDLIBS) -o $@

$(BUILD)/tests/kernel/test_serial.o: $(GEN)/serial.skel.h $(GEN)/serial_raw.skel.h
$(GEN)/serial_raw.bpf.o: BPF_CPU := v2
$(GEN)/serial.bpf.o $(GEN)/serial_raw.bpf.o: $(GEN)/%.bpf.o: tests/kernel/%.bpf.c
	$(call msg,BPF,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/tests/kernel/kernel: WRAP_KERNEL += -Wl,--wrap=bpf_object__open_mem
$(BUILD)/tests/kernel/kernel: $(KERNEL) $(LIB)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $(WRAP_KERNEL) $^ $(CHECK_LIBS) $(LDLIBS) -o $@

# The exporter that tries to escape from its sandbox: tests/e2e/escapes.h. Never installed.
ESCAPES := $(BUILD)/tests/e2e/escapes.o $(patsubst %,$(BUILD)/tests/escapes/%.o,confine routes)

$(BUILD)/tests/escapes/%.o: exporter/%.c $(BUILD)/flags
	$(call msg,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -DSANDBOX_ESCAPES -Itests/e2e $(CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/tests/escapes/ior_exporter: $(ESCAPES) $(filter-out %/confine.o %/routes.o,$(OBJ))
	$(call msg,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@

check: deps-build deps-check ## install what is missing, build, and run all tests (SUITES=...)
	@$(MAKE) --no-print-directory check-run

check-run: $(BUILD)/ior_exporter $(BUILD)/tests/escapes/ior_exporter $(BUILD)/tools/tables $(BUILD)/tests/unit/unit $(BUILD)/tests/kernel/kernel
	@BUILD=$(BUILD) CC='$(CC)' MAX_SKIPPED=$(MAX_SKIPPED) tests/run.sh $(SUITES)

soak: $(BUILD)/ior_exporter ## minutes of scrapes, of malformed requests, and of clients that mean no good
	@BUILD=$(BUILD) CC='$(CC)' VERBOSE=1 SOAK_SCRAPES=100000 FUZZ_REQUESTS=1000000 \
		/usr/bin/python3 tests/e2e/run.py in_a_row at_random five_hundred a_thousand

golden: $(BUILD)/tests/unit/unit $(BUILD)/ior_exporter ## write the golden pages anew, to be reviewed as a diff
	-UPDATE_GOLDEN=1 $<
	@UPDATE_GOLDEN=1 BUILD=$(BUILD) /usr/bin/python3 tests/e2e/run.py is_the_golden_one

check-static: deps-build deps-static ## build the static flavour twice and look at it
	@tests/static/run.sh

include tests/bench/bench.mk
include tests/vm/vm.mk
include tests/fuzz/fuzz.mk
include tests/deploy/deploy.mk
include dashboards/rules.mk
include deploy/demo.mk
include deploy/packages/packages.mk
include dashboards/dashboards.mk

# ---- looking at the code ------------------------------------------------------------------

C_FILES := $(wildcard bpf/*.[ch] exporter/*.[ch] tests/*/*.[ch] tools/*.[ch])

fmt: deps-lint ## format the C sources
	clang-format -i $(C_FILES)

lint: deps-build deps-check deps-lint ## clang-format, clang-tidy, cppcheck, shellcheck, gcc -fanalyzer
	@$(MAKE) --no-print-directory $(GEN)/ior.skel.h $(GEN)/ior_raw.skel.h $(GEN)/syscalls.inc $(GEN)/version.inc
	@CPPFLAGS='$(CPPFLAGS)' C_FILES='$(C_FILES)' tests/lint/analyzers.sh

docs: $(BUILD)/tools/tables ## write the generated tables into README.md
	tools/docs.sh $(BUILD)/tools/tables README.md

$(BUILD)/tools/tables: $(patsubst %,$(BUILD)/tools/%.o,tables man completion) $(LIB)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@

# ---- housekeeping --------------------------------------------------------------------------

run: deps-build ## install what is missing, build, and serve on localhost:9435 (ARGS=...)
	@$(MAKE) --no-print-directory all
	exec $(BUILD)/ior_exporter $(ARGS)

deps: ## install what building and testing needs (apt-get; names the packages for dnf)
	@tools/deps.sh build check
deps-%:
	@tools/deps.sh $*

clean: ## remove build/
	rm -rf build

help: ## this list
	@echo 'make TARGET [V=1] [DEV=1] [SAN=address,undefined|thread] [CC=gcc|clang]'
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## /{ printf "  %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

FORCE:
.PHONY: all run static check check-run check-static soak golden fmt lint docs deps clean help FORCE

-include $(shell find build -type f -name '*.d' 2>/dev/null)
