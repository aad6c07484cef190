# SPDX-License-Identifier: Apache-2.0
# Images of the exporter, from scratch: a program, what it is linked with, and their licences. Neither
# has a shell.
#
#   docker build -t ior-exporter .                         the program, its libraries, TLS
#   docker build -t ior-exporter:static --target static .  one static file, without TLS
#
# For the other machine: --platform linux/arm64, or linux/amd64. It is cross compiled, so nothing is
# emulated. `make images` builds both for this machine; docs/docker.md says how to run them.

ARG BASE=debian:bookworm-slim

# ---- compilers and libraries ----------------------------------------------------------------

FROM --platform=$BUILDPLATFORM $BASE AS tools
ARG TARGETARCH
WORKDIR /tools
COPY tools/deps.sh tools/bpftool.sh tools/
RUN tools/deps.sh -a "$TARGETARCH" build static && apt-get clean

# that of the static flavour, which takes longest and changes least
FROM tools AS libmicrohttpd
ARG TARGETARCH
COPY tools/libmicrohttpd-static.sh tools/
RUN HOST=$(dpkg-architecture -f -a "$TARGETARCH" -q DEB_HOST_MULTIARCH 2>/dev/null) \
    tools/libmicrohttpd-static.sh /libmicrohttpd

# ---- the flavours ---------------------------------------------------------------------------

FROM tools AS source
# any folder makes the same image
ARG SRC=/src
WORKDIR $SRC
COPY . .

FROM source AS build-dynamic
ARG TARGETARCH
ARG REVISION=unknown
ARG SOURCE_DATE_EPOCH=0
RUN deploy/image/stage.sh dynamic "$TARGETARCH" /image

FROM source AS build-static
ARG TARGETARCH
ARG REVISION=unknown
ARG SOURCE_DATE_EPOCH=0
COPY --from=libmicrohttpd /libmicrohttpd /libmicrohttpd
RUN deploy/image/stage.sh static "$TARGETARCH" /image

# ---- the images -----------------------------------------------------------------------------
# User 0, who has no right but those that the container is given: the kernel gives capabilities to
# nobody else, unless a file has them. In a container "localhost" is nobody's, hence the address.

FROM scratch AS static
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="ior_exporter" \
      org.opencontainers.image.description="Latency, bytes and errors of every system call by program, for Prometheus; one static file, without TLS" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.licenses="Apache-2.0 AND GPL-2.0-or-later AND (GPL-2.0-or-later OR LGPL-3.0-or-later) AND GPL-3.0-or-later WITH GCC-exception-3.1 AND (LGPL-2.1-only OR BSD-2-Clause) AND LGPL-2.1-or-later AND MIT AND Zlib"
COPY --from=build-static /image/ /
ENV IOR_WEB_LISTEN_ADDRESS=:9435
EXPOSE 9435
USER 0:0
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/ior_exporter", "--probe"]
ENTRYPOINT ["/ior_exporter"]

FROM scratch AS dynamic
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="ior_exporter" \
      org.opencontainers.image.description="Latency, bytes and errors of every system call by program, for Prometheus" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.licenses="Apache-2.0 AND GPL-2.0-or-later AND BSD-3-Clause AND (BSD-3-Clause OR GPL-2.0-only) AND (GPL-2.0-or-later OR LGPL-3.0-or-later) AND GPL-3.0-or-later WITH GCC-exception-3.1 AND (LGPL-2.1-only OR BSD-2-Clause) AND LGPL-2.1-or-later AND MIT AND Zlib"
COPY --from=build-dynamic /image/ /
ENV IOR_WEB_LISTEN_ADDRESS=:9435
EXPOSE 9435
USER 0:0
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/ior_exporter", "--probe"]
ENTRYPOINT ["/ior_exporter"]
