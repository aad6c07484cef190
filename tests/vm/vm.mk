# SPDX-License-Identifier: Apache-2.0
# make check-kernels: the kernel suite on Debian's kernels, in virtual machines. Included by the
# main Makefile.
#
# What runs in them is linked statically and packed by a make of its own for each machine: with this
# system's compiler and libraries, and with a cross compiler and the libraries of a folder.

VM         := build/vm
VM_MACHINE := $(shell uname -m)
VM_OTHER   := $(if $(filter aarch64,$(VM_MACHINE)),x86_64,aarch64)
VM_ARCH    := $(if $(filter aarch64,$(VM_OTHER)),arm64,amd64)
VM_SYSROOT := $(VM)/sysroot-$(VM_ARCH)
VM_CC      := $(VM_OTHER)-linux-gnu-gcc

check-kernels: deps-build deps-check deps-static deps-vm ## boot Debian's kernels and run the kernel suite in them
	$(call msg,GET,$(VM)/kernels)
	@mkdir -p $(VM) && : >$(VM)/kernels.list
	@tests/vm/fetch.sh $(VM) & \
	$(MAKE) --no-print-directory -j2 vm-native vm-cross && tests/vm/run.sh $(VM); \
	status=$$?; wait; exit $$status

check-capabilities: ## boot two of them and try what works with which capabilities
	@CASES=^capabilities $(MAKE) --no-print-directory check-kernels

vm-native:
	@$(MAKE) --no-print-directory STATIC=1 BUSYBOX=/bin/busybox $(VM)/initrd-$(VM_MACHINE)

vm-cross:
	$(call msg,GET,$(VM_SYSROOT))
	$(Q)tests/vm/sysroot.sh $(VM) $(VM_ARCH)
	@$(MAKE) --no-print-directory STATIC=1 CC=$(VM_CC) SYSROOT=$(VM_SYSROOT) \
		BUSYBOX=$(VM_SYSROOT)/bin/busybox $(VM)/initrd-$(VM_OTHER)

VM_PROGRAMS := $(BUILD)/ior_exporter $(BUILD)/tests/kernel/kernel $(BUILD)/tests/vm/load \
	$(BUILD)/tests/vm/with_caps tests/vm/capabilities.sh

$(VM)/initrd-%: $(VM_PROGRAMS) tests/vm/init.sh tests/vm/initrd.sh
	$(call msg,PACK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)tests/vm/initrd.sh $@ $(BUSYBOX) $(VM_PROGRAMS)

$(BUILD)/tests/vm/with_caps: $(BUILD)/tests/vm/with_caps.o
	$(call msg,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $^ -o $@

$(BUILD)/tests/vm/load: $(BUILD)/tests/vm/load.o $(LIB) \
		$(patsubst %,$(BUILD)/tests/kernel/%.o,noise pool trace traced)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $(WRAP_KERNEL) $^ $(CHECK_LIBS) $(LDLIBS) -o $@

.PHONY: check-kernels check-capabilities vm-native vm-cross
