# SPDX-License-Identifier: Apache-2.0
# make install, deb and rpm. Included by the main Makefile.

DEPLOY := $(BUILD)/deploy
PACKED := $(BUILD)/ior_exporter $(DEPLOY)/ior_exporter.8 $(DEPLOY)/ior_exporter.bash

# The program's own tables, by a program for this machine, whatever is built.
TABLES := build/tools/tables
ifneq ($(BUILD),build)
$(TABLES): FORCE
	@$(MAKE) --no-print-directory CC=gcc SAN= STATIC= SYSROOT= BUILD=build GEN=build/gen $@
endif

$(DEPLOY)/ior_exporter.8: deploy/packages/ior_exporter.8.in $(TABLES) tools/fill.sh
	$(call msg,GEN,$@)
	@mkdir -p $(@D)
	$(Q)tools/fill.sh $(TABLES) $(VERSION) <$< >$@

$(DEPLOY)/ior_exporter.bash: deploy/packages/completion.bash.in $(TABLES) tools/fill.sh
	$(call msg,GEN,$@)
	@mkdir -p $(@D)
	$(Q)tools/fill.sh $(TABLES) $(VERSION) <$< >$@

install: $(PACKED) ## install program, manual, completion and unit below $(DESTDIR)$(PREFIX)
	deploy/packages/install.sh '$(DESTDIR)' '$(PREFIX)' $(BUILD)

deb: deps-build deps-deploy ## build the .deb for this machine, in build/deploy
	@$(MAKE) --no-print-directory $(PACKED)
	@deploy/packages/deb.sh $(VERSION) $(BUILD) $(DEPLOY)

rpm: deps-build deps-deploy ## build the .rpm for this machine, in build/deploy
	@$(MAKE) --no-print-directory $(PACKED)
	@deploy/packages/rpm.sh $(VERSION) $(BUILD) $(DEPLOY)

.PHONY: install deb rpm
