#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the packages that a task needs and that are missing, through apt-get, and says so;
# silent when all are there. Elsewhere it names the packages for dnf, by what is missing.
#
# usage: tools/deps.sh [-n] [-a ARCH] TASK...     tasks: build check lint static bench fuzz vm
# deploy dashboards rules demo; -n: only tell; -a: libraries, and a compiler, for this architecture
# of Debian's
# TOOLS_ROOT=FOLDER stands for / in the tests.
set -eu

# apt-package  dnf-package  file-or-command that shows that it is there, outside of Debian
packages() {
	case $1 in
	build) cat <<-'END' ;;
		gcc gcc gcc
		make make make
		libc6-dev glibc-devel /usr/include/stdio.h
		linux-libc-dev kernel-headers /usr/include/linux/bpf.h
		pkgconf pkgconf-pkg-config pkg-config
		clang clang clang
		bpftool bpftool bpftool
		libbpf-dev libbpf-devel /usr/include/bpf/libbpf.h
		libelf-dev elfutils-libelf-devel /usr/include/libelf.h
		zlib1g-dev zlib-devel /usr/include/zlib.h
		libzstd-dev libzstd-devel /usr/include/zstd.h
		libmicrohttpd-dev libmicrohttpd-devel /usr/include/microhttpd.h
		libgnutls28-dev gnutls-devel /usr/include/gnutls/gnutls.h
		libyaml-dev libyaml-devel /usr/include/yaml.h
		libcrypt-dev libxcrypt-devel /usr/include/crypt.h
	END
	check) cat <<-'END' ;;
		check check-devel /usr/include/check.h
		python3 python3 python3
		python3-prometheus-client python3-prometheus_client /usr/lib/python3
		protobuf-compiler protobuf-compiler protoc
		python3-protobuf python3-protobuf /usr/lib/python3
		strace strace strace
		libcap2-bin libcap capsh
		util-linux util-linux setpriv
		openssl openssl openssl
		curl curl curl
		zstd zstd zstd
		debian-archive-keyring debian-keyring /usr/share/keyrings/debian-archive-keyring.gpg
	END
	lint) cat <<-'END' ;;
		clang-format clang-tools-extra clang-format
		clang-tidy clang-tools-extra clang-tidy
		cppcheck cppcheck cppcheck
		shellcheck ShellCheck shellcheck
	END
	static) echo "dpkg-dev dpkg-dev dpkg-source" ;;
	deploy) cat <<-'END' ;;
		shellcheck ShellCheck shellcheck
		yamllint yamllint yamllint
		python3-yaml python3-pyyaml /usr/lib/python3
		nodejs nodejs node
		npm nodejs-npm npm
		buildah buildah buildah
		runc runc runc
		golang-github-containers-common containers-common /usr/share/containers/seccomp.json
		mmdebstrap mmdebstrap mmdebstrap
		qemu-user-static qemu-user-static qemu-aarch64-static
		libcap2-bin libcap capsh
		util-linux util-linux nsenter
		python3-jsonschema python3-jsonschema /usr/lib/python3
		openssl openssl openssl
		curl curl curl
		docker-compose docker-compose docker-compose
		dpkg-dev dpkg-dev dpkg-shlibdeps
		rpm rpm-build rpmbuild
		cpio cpio cpio
		iproute2 iproute ip
		procps procps-ng pgrep
		lintian lintian lintian
		debian-archive-keyring debian-keyring /usr/share/keyrings/debian-archive-keyring.gpg
		systemd systemd systemd-analyze
		man-db man-db man
		groff groff groff
	END
	dashboards) cat <<-'END' ;;
		jsonnet jsonnet jsonnet
		nodejs nodejs node
		npm npm npm
		chromium chromium chromium
		fonts-dejavu-core dejavu-sans-fonts /usr/share/fonts
		curl curl curl
	END
	bench) cat <<-'END' ;;
		strace strace strace
		golang-go golang go
		golang-github-prometheus-client-golang-dev golang-github-prometheus-client-golang-devel /usr/share/gocode
	END
	demo) cat <<-'END' ;;
		python3 python3 python3
		curl curl curl
	END
	rules) echo "python3-yaml python3-pyyaml /usr/lib/python3" ;;
	fuzz) echo "libclang-rt-dev compiler-rt clang" ;;
	vm)
		cat <<-'END'
			qemu-system-x86 qemu-system-x86 qemu-system-x86_64
			qemu-system-arm qemu-system-aarch64 qemu-system-aarch64
			busybox-static busybox busybox
			cpio cpio cpio
			debian-archive-keyring debian-keyring /usr/share/keyrings/debian-archive-keyring.gpg
		END
		case $(uname -m) in
		aarch64) cat <<-'END' ;;
			gcc-x86-64-linux-gnu gcc-x86_64-linux-gnu x86_64-linux-gnu-gcc
			libc6-dev-amd64-cross glibc-devel-x86_64 /usr/x86_64-linux-gnu/include/stdio.h
		END
		*) cat <<-'END' ;;
			gcc-aarch64-linux-gnu gcc-aarch64-linux-gnu aarch64-linux-gnu-gcc
			libc6-dev-arm64-cross glibc-devel-aarch64 /usr/aarch64-linux-gnu/include/stdio.h
		END
		esac
		;;
	*)
		echo "deps.sh: no task '$1' (build, check, lint, static, bench, fuzz, vm, deploy, dashboards, rules, demo)" >&2
		exit 2
		;;
	esac
}

dry=false
arch=
while [ $# -gt 0 ]; do
	case $1 in
	-n) dry=true ;;
	-a)
		arch=$2
		shift
		;;
	*) break ;;
	esac
	shift
done

apt=false
if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
	apt=true
fi

installed() {
	dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed
}

# or made of it
ubuntu() {
	grep -Eq '^ID(_LIKE)?=.*ubuntu' "${TOOLS_ROOT:-}/etc/os-release"
}

# The package that a build for $arch takes in its place.
foreign() {
	case $arch:$1 in
	"$(dpkg --print-architecture):"* | :*) echo "$1" ;;
	amd64:gcc) echo gcc-x86-64-linux-gnu ;;
	arm64:gcc) echo gcc-aarch64-linux-gnu ;;
	*:lib*-dev | *:linux-libc-dev) echo "$1:$arch" ;;
	*) echo "$1" ;;
	esac
}

missing=
list=$(for task in "$@"; do packages "$task"; done)
while read -r deb rpm witness; do
	if $apt; then
		[ -z "$arch" ] || deb=$(foreign "$deb")
		if [ "$deb" = bpftool ]; then
			tools/bpftool.sh version >/dev/null 2>&1 && continue
			# Ubuntu's bpftool is a wrapper; its linux-tools carry the program, and
			# where they do not there is a package of it
			ubuntu && ! installed linux-tools-generic && deb=linux-tools-generic
		fi
		# some packages of nodejs bring npm along, and conflict with Debian's
		[ "$deb" = npm ] && command -v npm >/dev/null && continue
		installed "$deb" || missing="$missing $deb"
	elif [ ! -e "$witness" ] && ! command -v "$witness" >/dev/null; then
		missing="$missing $rpm"
	fi
done <<END
$list
END

[ -n "$missing" ] || exit 0
if ! $apt; then
	echo "deps: missing:$missing" >&2
	echo "deps: install them, for example: dnf install$missing" >&2
	exit 1
fi
echo "deps: missing:$missing"
if $dry; then
	exit 1
fi
if [ "$(id -u)" != 0 ]; then
	echo "deps: run 'sudo make deps', or: sudo apt-get install --no-install-recommends$missing" >&2
	exit 1
fi
echo "deps: apt-get update && apt-get install --no-install-recommends$missing"
export DEBIAN_FRONTEND=noninteractive
[ -z "$arch" ] || dpkg --add-architecture "$arch"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086 # a list of words
if ! apt-get -q update >"$log" 2>&1 ||
	! apt-get -q -y install --no-install-recommends $missing >>"$log" 2>&1; then
	tail -n 20 "$log" >&2
	echo "deps: apt-get failed" >&2
	exit 1
fi
echo "deps: done"
