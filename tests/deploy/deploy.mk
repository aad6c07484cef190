# SPDX-License-Identifier: Apache-2.0
# make check-deploy: what carries the exporter to a machine. Included by the main Makefile.

check-deploy: deps-build deps-check deps-static deps-deploy all $(BUILD)/tests/vm/with_caps ## build and try images, manifests, units and packages
	@MAX_SKIPPED=$(MAX_SKIPPED) tests/deploy/run.sh $(STAGES)

images: deps-deploy ## build both container images by buildah (docs/docker.md)
	deploy/image/base.sh build/deploy
	BUILDAH_ISOLATION=chroot deploy/image/build.sh dynamic $(IMAGE_ARCH) ior-exporter:$(VERSION)
	BUILDAH_ISOLATION=chroot deploy/image/build.sh static $(IMAGE_ARCH) ior-exporter:$(VERSION)-static

IMAGE_ARCH = $(shell dpkg --print-architecture)

.PHONY: images check-deploy

include tests/deploy/kubernetes.mk
