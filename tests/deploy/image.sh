#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The container images: both flavours for this machine, built twice, and for the other one; what is in
# them, and that their program runs: here under runc, the other's under qemu.
set -u
cd "${0%/*}/../.." || exit
stage=image
# shellcheck source=tests/deploy/lib/container.sh
. tests/deploy/lib/container.sh

schemas=build/deploy/cyclonedx
case $native in
amd64) foreign=arm64 emulator=qemu-aarch64-static ;;
*) foreign=amd64 emulator=qemu-x86_64-static ;;
esac
dump=tests/golden/folded.dump

# The digest that a registry would show, and the bytes that it would send.
push() { # TAG FILE
	rm -rf "$2"
	buildah push --quiet --digestfile "$2.digest" "$1" "oci-archive:$2"
}

build_again() { # FLAVOUR
	local image=$tag:$1-$native
	push "$image" "$work/one.tar" &&
		build "$1" "$native" --build-arg SRC=/another/folder --tag "$image-again" &&
		push "$image-again" "$work/two.tar" || return
	cp "$work/one.tar.digest" "$work/$1.digest"
	cp "$work/two.tar.digest" "$work/$1.again"
	stat -c %s "$work/one.tar" >"$work/$1.size"
	equal "$(cat "$work/$1.digest")" "$(cat "$work/$1.again")"
}

# From the registry of npm, for the schema's home is not among the packages of a distribution.
get_schemas() {
	[ ! -d "$schemas" ] && command -v npm >/dev/null || return 0
	(cd "$work" && npm pack --silent @cyclonedx/cyclonedx-library@10.3.0 >/dev/null) &&
		tar -xzf "$work"/cyclonedx-*.tgz -C "$work" package/res/schema &&
		mkdir -p build/deploy && mv "$work/package/res/schema" "$schemas"
}

loader() {
	readelf -l "$root/ior_exporter" | sed -n 's/.*interpreter: \(.*\)\]/\1/p'
}

look_at() { # FLAVOUR ARCH [EMULATOR]
	local name=$1-$2
	open_image "$1" "$2" || return
	if [ "$1" = static ]; then
		: >"$work/loaded"
	elif [ $# -eq 2 ]; then
		chroot "$root" "$(loader)" --list /ior_exporter >"$work/loaded" 2>&1
	else
		"$3" -L "$root" -E LD_TRACE_LOADED_OBJECTS=1 "$root/ior_exporter" 2>&1 |
			sed "s#$root##" >"$work/loaded"
	fi
	buildah inspect --type image "$tag:$name" >"$work/config"
	/usr/bin/python3 tests/deploy/lib/image_files.py "$name" "$root" "$1" "$work/loaded" \
		"$work/config" "$schemas" || check_failed=1
}

version() { # ARCH PROGRAM...: its first lines
	local arch=$1
	shift
	equal "$("$@" --version | head -n 2)" "ior_exporter, version $(sed -n 's/^VERSION *:= *//p' Makefile) \
(revision: $(git rev-parse --short=12 HEAD))
  arch:          $(machine "$arch")"
}

machine() { # ARCH
	case $1 in
	amd64) echo x86_64 ;;
	arm64) echo aarch64 ;;
	esac
}

probe() { # ID: as the image's health check does
	runc --root "$work/runc" exec "$1" /ior_exporter --probe "${@:2}"
}

no_probe() { # LINE, of one that is not there
	local said
	said=$(run "probe$RANDOM" -- --probe 2>&1)
	equal "$?: $said" "1: $1"
}

serves() { # ID: what it serves is what the program prints of the same dump
	inside "$1" curl -sf --compressed http://127.0.0.1:9435/metrics | stable >"$work/served" &&
		build/ior_exporter --replay "$dump" --once | stable | diff "$work/served" -
}

# Without times, and what is of the build.
stable() {
	grep -Ev '^ior_(build_info|config_last_reload_success_timestamp|last_read_timestamp|scrape_duration)' |
		grep -Ev '^(# (HELP|TYPE) )?process_'
}

make_tls() { # its files in $work/tls
	mkdir "$work/tls" && cp "$dump" "$work/tls/dump" &&
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
			-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 \
			-keyout "$work/tls/key.pem" -out "$work/tls/cert.pem" 2>/dev/null &&
		printf 'tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n' >"$work/tls/web.yml"
}

serves_tls() { # ID
	local end=$((SECONDS + READY_SECONDS))
	until inside "$1" curl -sf -o /dev/null --cacert "$work/tls/cert.pem" https://127.0.0.1:9435/-/ready; do
		[ "$SECONDS" -le "$end" ] || { cat "$work/$1.log"; return 1; }
		sleep 0.05 # only paces the asking
	done
}

counts() { # ID
	inside "$1" curl -sf http://127.0.0.1:9435/metrics | grep -qx 'ior_up 1'
}

emulated() { # the page of a dump, exactly
	"$emulator" -L "$root" "$root/ior_exporter" --sandbox=none --replay "$dump" --once=folded |
		diff - tests/golden/folded.folded
}

no_tls="ior_exporter: --web.config.file: serve TLS: this build has none, its libmicrohttpd was \
built without (use the dynamic build, or a TLS proxy)"
says_no_tls() {
	local said
	said=$(run "tls$RANDOM" --mount "$work/tls" -- --web.config.file=/data/web.yml 2>&1)
	equal "$?: $said" "1: $no_tls"
}

unknown_library() { # that of a program of which NOTICE says nothing
	local said
	said=$(printf 'shared\t/bin/true\n' | deploy/image/sbom.sh build/ior_exporter 0 2>&1 >/dev/null)
	equal "$?: $said" "1: sbom.sh: NOTICE has no licence of coreutils"
}

get_schemas
check "a library that NOTICE does not know makes no bill of materials" unknown_library
check "TLS files are made" make_tls
for flavour in dynamic static; do
	check "$flavour-$native: it builds" build "$flavour" "$native"
	check "$flavour-$native: built again, in another folder, it has the same digest" build_again "$flavour"
	look_at "$flavour" "$native"
	check "$flavour-$native: its version" version "$native" chroot "$root" /ior_exporter
	check "$flavour-$native: without an exporter, the probe fails" no_probe \
		"ior_exporter: probe 127.0.0.1:9435: Connection refused; [::1]:9435: Connection refused"
	check "$flavour-$native: it starts with a dump" start "$flavour-dump" --mount "$work/tls" -- \
		--replay=/data/dump
	check "$flavour-$native: it gets ready" is_ready "$flavour-dump"
	check "$flavour-$native: the health check passes" probe "$flavour-dump"
	check "$flavour-$native: it serves what the program prints" serves "$flavour-dump"
	check "$flavour-$native: it ends at SIGTERM" stop "$flavour-dump"
	if [ "$flavour" = static ]; then
		check "static-$native: it traces" start traces
		check "static-$native: it gets ready, tracing" is_ready traces
		check "static-$native: it counts" counts traces
		check "static-$native: it ends" stop traces
		check "static-$native: it says that it has no TLS" says_no_tls
	else
		check "dynamic-$native: it starts with TLS" start tls --mount "$work/tls" -- \
			--replay=/data/dump --web.config.file=/data/web.yml
		check "dynamic-$native: it serves over TLS" serves_tls tls
		check "dynamic-$native: the probe asks over TLS" probe tls --web.config.file=/data/web.yml
		check "dynamic-$native: the health check fails where it serves TLS unknown to it" \
			eval '! probe tls'
		check "dynamic-$native: it ends" stop tls
	fi
	echo "$flavour-$native: $(cat "$work/$flavour.size") bytes as a registry sends them"
	echo "$flavour-$native: first build  $(cat "$work/$flavour.digest")"
	echo "$flavour-$native: second build $(cat "$work/$flavour.again")"
	check "$flavour-$foreign: it builds" build "$flavour" "$foreign"
	look_at "$flavour" "$foreign" "$emulator"
	check "$flavour-$foreign: its version" version "$foreign" "$emulator" -L "$root" "$root/ior_exporter"
	check "$flavour-$foreign: it prints a dump's page" emulated
done
check "make images makes both" make images
[ "$check_failed" -eq 0 ]
