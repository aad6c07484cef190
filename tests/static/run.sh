#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The static flavour: built twice, in different folders, from the commit that is checked out.
# Needs what `make deps deps-static` installs. Run by `make check-static`.
set -u

passed=0 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

check() { # NAME COMMAND...
	local name=$1 out
	shift
	if out=$("$@" 2>&1); then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAILED %s\n%s\n' "$name" "$(tail -n 20 <<<"$out")"
	fi
}

build() { # FOLDER
	mkdir -p "$(dirname "$1")" && git clone -q . "$1" && make -C "$1" static
}

identical() {
	cmp "$one" "$two" && sha256sum "$one"
}

static_pie() {
	readelf -h "$one" | grep -Eq 'Type: +DYN' && ! readelf -l "$one" | grep -q INTERP &&
		! readelf -d "$one" | grep -q NEEDED
}

full_relro() {
	readelf -l "$one" | grep -q GNU_RELRO && readelf -d "$one" | grep -Eq 'BIND_NOW|Flags:.*NOW'
}

stack_not_executable() {
	readelf -lW "$one" | grep -Eq 'GNU_STACK .* RW  '
}

# Stripped, so there are no names to see: the object files tell.
stack_protected() {
	nm "$work/one/build/static/exporter/config.o" | grep -q __stack_chk_fail
}

stripped() {
	[ -z "$(nm "$one" 2>/dev/null)" ]
}

names_no_folder() {
	! grep -qaF "$work" "$one"
}

at_most_3_megabytes() {
	[ "$(stat -c %s "$one")" -le 3000000 ]
}

# MESSAGE FLAG...: asked for TLS, it ends with this line and exit status 1
says_it_has_no_tls() {
	printf 'tls_server_config:\n  cert_file: a.pem\n  key_file: a.pem\n' >"$work/web.yml"
	echo x >"$work/a.pem"
	local expected=$1 said status
	shift
	said=$("$one" "$@" --web.listen-address=127.0.0.1:0 --web.config.file="$work/web.yml" 2>&1)
	status=$?
	[ "$status" -eq 1 ] && [ "$said" = "$expected" ] && return
	echo "exit status $status: $said"
	return 1
}

counts() { # its own page has a program of ours, exactly
	"$one" --once --duration=0s | grep -qx 'ior_up 1'
}

passwords_headers_and_rate_work() {
	BUILD=$work/one/build/static /usr/bin/python3 tests/e2e/run.py page_needs_the_right_name \
		headers_are_on_each_response requests_above_the_rate
}

no_tls="ior_exporter: --web.config.file: serve TLS: this build has none, its libmicrohttpd was \
built without (use the dynamic build, or a TLS proxy)"
no_probe="ior_exporter: --web.config.file: probe over TLS: this build has none (use the dynamic \
build)"
one=$work/one/build/static/ior_exporter
two=$work/another/folder/two/build/static/ior_exporter
check "it builds" build "$work/one"
check "it builds in another folder" build "$work/another/folder/two"
check "both are bit-identical" identical
check "it is a static position-independent executable" static_pie
check "relocations are read-only" full_relro
check "the stack is not executable" stack_not_executable
check "the stack is protected" stack_protected
check "it is stripped" stripped
check "no build folder is in it" names_no_folder
check "it has at most 3 MB" at_most_3_megabytes
check "it says that it has no TLS when asked to serve it" says_it_has_no_tls "$no_tls"
check "it says that it has no TLS when asked to probe it" says_it_has_no_tls "$no_probe" --probe
check "passwords, headers and the rate limit work" passwords_headers_and_rate_work
check "it traces" counts

echo "static: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
