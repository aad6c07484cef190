#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The .deb, the .rpm and what `make install` installs: built twice, looked at, and installed, upgraded,
# removed and purged on a machine with systemd (tests/deploy/machine).
set -u
cd "${0%/*}/../.." || exit 1
# shellcheck source=tests/deploy/machine/machine.sh
. tests/deploy/machine/machine.sh
# shellcheck source=tests/deploy/lib/check.sh
. tests/deploy/lib/check.sh

build=${BUILD:-build}
work=$(mktemp -d)
unit=ior_exporter.service
conf=/etc/default/ior_exporter
trap 'machine_end; rm -rf "$work"' EXIT

# ---- built

# FORMAT VERSION FOLDER
pack() {
	SOURCE_DATE_EPOCH=1700000000 "deploy/packages/$1.sh" "$2" "$build" "$3" | tail -n 1
}

builds() {
	make --no-print-directory deb rpm >/dev/null &&
		ls "$build"/deploy/ior-exporter_*.deb "$build"/deploy/ior-exporter-*.rpm
}

# rpm.sh takes folders below the project, as the Makefile gives them.
reproducible() { # FORMAT
	local one two
	mkdir -p "$build/deploy/two"
	one=$(pack "$1" 1.0 "$build/deploy/one") && two=$(pack "$1" 1.0 "$build/deploy/two") &&
		cmp "$one" "$two" && mv "$one" "$work/one.$1"
}

lintian_is_content() {
	lintian --allow-root --info --display-info --fail-on info,warning,error "$work/one.deb"
}

# Digest and path of each file, without what only one format has.
of_deb() {
	mkdir "$work/deb" && dpkg-deb -x "$work/one.deb" "$work/deb"
	rm -r "$work/deb/usr/share/doc" "$work/deb/usr/share/lintian"
	digests "$work/deb"
}

of_rpm() {
	mkdir "$work/rpm" && rpm2cpio "$work/one.rpm" | (cd "$work/rpm" && cpio -id --quiet)
	rm -r "$work/rpm/usr/share/licenses"
	digests "$work/rpm"
}

digests() { # FOLDER
	(cd "$1" && find . -type f | LC_ALL=C sort | xargs sha256sum)
}

same_files() {
	of_deb >"$work/deb.list" && of_rpm >"$work/rpm.list" && diff "$work/deb.list" "$work/rpm.list" &&
		equal "$(wc -l <"$work/deb.list")" 6
}

# A soname each: what the program needs is what the packages ask for.
asks_for_libraries() {
	readelf -d "$build/ior_exporter" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort >"$work/needed"
	rpm -qpR "$work/one.rpm" | sed -n 's/^\(lib[a-z0-9.-]*\.so\.[0-9]*\)()(64bit)$/\1/p' | sort -u \
		>"$work/asked"
	diff "$work/needed" "$work/asked" &&
		equal "$(dpkg-deb -f "$work/one.deb" Depends | tr , '\n' | wc -l)" "$(wc -l <"$work/needed")"
}

# ---- manual, completion, make install

flags_of_help() { # without the no- of those that are on
	"$build/ior_exporter" --help | sed -n 's/^  --\(\[no-\]\)\{0,1\}\([a-z.-]*\).*/\2/p'
}

manual_has_every_flag() {
	local manual=$build/deploy/ior_exporter.8
	equal "$(LC_ALL=C.UTF-8 man --warnings -l "$manual" 2>&1 >/dev/null)" "" &&
		equal "$(sed -n 's/\\//g; s/^fB--\(\[no-\]\)\{0,1\}\([a-z.-]*\)fR.*/\2/p' "$manual")" \
			"$(flags_of_help)"
}

# What bash would offer for this line, of which readline made these words.
offers() { # WORD...
	bash -c '. "$1" && shift && COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) && _ior_exporter
		printf "%s\n" "${COMPREPLY[@]}"' bash "$build/deploy/ior_exporter.bash" ior_exporter "$@"
}

completes() {
	equal "$(offers -- | sed 's/^--\(no-\)\{0,1\}//; s/=$//' | grep -v ^trace- | sort -u)" \
		"$(flags_of_help | sed 's/^no-//' | grep -v ^trace- | sort -u)" &&
		equal "$(offers --att)" "--attach=" &&
		equal "$(offers --attach = t)" "$(printf 'tp_btf\ntracepoint')" &&
		equal "$(offers --sandbox l)" landlock &&
		equal "$(offers --trace-families = 'FS,N')" "FS,Network" &&
		equal "$(offers --no-trace-syscalls = futex_waitv)" futex_waitv &&
		equal "$(cd deploy && offers_in systemd/)" "$(cd deploy && printf '%s\n' systemd/*)"
}

offers_in() { # BEGINNING
	bash -c '. "$1" && COMP_WORDS=(ior_exporter --config.file = "$2") COMP_CWORD=3 && _ior_exporter
		printf "%s\n" "${COMPREPLY[@]}"' bash "../$build/deploy/ior_exporter.bash" "$1" | sort
}

installs() {
	local tree=$work/tree
	make --no-print-directory install DESTDIR="$tree" PREFIX=/opt/ior >/dev/null &&
		echo IOR_COMM_TOP=9 >"$tree$conf" &&
		make --no-print-directory install DESTDIR="$tree" PREFIX=/opt/ior >/dev/null || return 1
	equal "$(cat "$tree$conf")" IOR_COMM_TOP=9 &&
		equal "$(cd "$tree" && find . -type f -printf '%m %p\n' | LC_ALL=C sort)" \
			"644 ./etc/default/ior_exporter
644 ./opt/ior/lib/systemd/system/ior_exporter.service
644 ./opt/ior/lib/systemd/system/ior_exporter.socket
644 ./opt/ior/share/bash-completion/completions/ior_exporter
644 ./opt/ior/share/man/man8/ior_exporter.8
755 ./opt/ior/bin/ior_exporter" &&
		equal "$(grep ^ExecStart= "$tree/opt/ior/lib/systemd/system/$unit")" \
			ExecStart=/opt/ior/bin/ior_exporter
}

# ---- on a machine

state() { # active, enabled, as systemd names them
	echo "$(machine systemctl is-active "$unit") $(machine systemctl is-enabled "$unit" 2>/dev/null)"
}

serves() {
	machine curl -sf -m 10 http://localhost:9435/metrics | grep -x 'ior_up 1'
}

main_pid() {
	machine systemctl show -P MainPID "$unit"
}

# Everything that has our name.
ours() {
	machine find / -xdev \( -path /srv -o -path /proc \) -prune -o -name '*ior[-_]exporter*' \
		-print | LC_ALL=C sort
}

change_conf() {
	printf '# ours\nIOR_COMM_TOP=9\n' >"$(machine_root)$conf"
}

conf_is_kept() {
	equal "$(cat "$(machine_root)$conf")" "$(printf '# ours\nIOR_COMM_TOP=9')"
}

deb() { # COMMAND...
	machine dpkg --force-confold "$@"
}

deb_installs() {
	deb -i /srv/one.deb && equal "$(state)" "active enabled" && serves &&
		equal "$(machine systemctl is-enabled ior_exporter.socket)" disabled
}

deb_upgrades() {
	local before
	change_conf
	before=$(main_pid)
	deb -i /srv/two.deb && equal "$(state)" "active enabled" && serves && conf_is_kept &&
		fails equal "$(main_pid)" "$before" &&
		equal "$(machine dpkg-query -W -f "\${Version}" ior-exporter)" 1.1
}

deb_upgrade_respects_disable() {
	machine systemctl disable --now "$unit"
	deb -i /srv/one.deb /srv/two.deb && equal "$(state)" "inactive disabled"
	local status=$?
	machine systemctl enable --now "$unit"
	return $status
}

deb_removes() {
	deb -r ior-exporter && conf_is_kept && equal "$(machine systemctl is-active "$unit")" inactive &&
		equal "$(ours | grep -v -e '^/var/lib/' -e '^/etc/systemd/system/')" "$conf"
}

deb_comes_back() {
	deb -i /srv/one.deb && equal "$(state)" "active enabled" && serves && conf_is_kept
}

deb_purges() {
	deb -P ior-exporter && equal "$(ours)" "" && equal "$(machine dpkg-query -l ior-exporter 2>&1)" \
		"dpkg-query: no packages found matching ior-exporter"
}

# A chroot, or an image that is being built: systemd does not run.
deb_without_systemd() {
	machine unshare -m sh -ec 'mount -t tmpfs tmpfs /run
		dpkg -i /srv/one.deb
		dpkg -i /srv/two.deb
		dpkg -P ior-exporter' && equal "$(ours)" ""
}

rpm_installs() { # the machine's libraries are no packages of rpm's
	machine rpm -i --nodeps /srv/one.rpm && equal "$(state)" "inactive enabled" &&
		machine systemctl start "$unit" && serves && equal "$(machine rpm -V --nodeps ior-exporter)" ""
}

rpm_upgrades() {
	local before
	change_conf
	before=$(main_pid)
	machine rpm -U --nodeps /srv/two.rpm && equal "$(state)" "active enabled" && serves &&
		conf_is_kept && fails equal "$(main_pid)" "$before" &&
		equal "$(machine rpm -q --qf '%{VERSION}' ior-exporter)" 1.1
}

# rpm puts a file of the administrator's aside.
rpm_removes() {
	machine rpm -e ior-exporter && equal "$(machine systemctl is-active "$unit")" inactive &&
		equal "$(ours)" "$conf.rpmsave"
}

rpm_warns_of_libraries() {
	local said
	said=$(machine rpm -i /srv/one.rpm 2>&1) && return 1
	grep -F 'libbpf.so.1()(64bit) is needed by ior-exporter-1.0-1' <<<"$said"
}

on_a_machine() {
	local root
	root=$(machine_root)/srv
	cp "$work"/one.* "$root"
	for format in deb rpm; do
		cp "$(pack "$format" 1.1 "$build/deploy/two")" "$root/two.$format"
	done
	check "the .deb installs, enables and starts the service, and not the socket" deb_installs
	check "its upgrade starts the service anew and keeps the administrator's file" deb_upgrades
	check "its upgrade leaves a disabled service alone" deb_upgrade_respects_disable
	check "its removal stops the service and keeps that file, and nothing else" deb_removes
	check "installed again it is as it was" deb_comes_back
	check "its purge leaves nothing" deb_purges
	check "it installs, upgrades and purges where systemd does not run" deb_without_systemd
	check "the .rpm names libraries that are not there" rpm_warns_of_libraries
	check "the .rpm installs, and enables the service as the presets say" rpm_installs
	check "its upgrade starts the service anew and keeps the administrator's file" rpm_upgrades
	check "its removal stops the service and keeps that file aside" rpm_removes
}

check "make deb and make rpm build" builds
for format in deb rpm; do
	check "two builds of the .$format are identical" reproducible "$format"
	echo ".$format: $(stat -c %s "$work/one.$format") bytes, $(sha256sum <"$work/one.$format")"
done
check "lintian finds nothing that is not explained" lintian_is_content
check "both hold the same files" same_files
check "both ask for the libraries that the program is linked with" asks_for_libraries
check "the manual has every flag, and man warns of nothing" manual_has_every_flag
check "the completion has every flag, and values" completes
check "make install installs program, manual, completion, units and the file of variables" installs
if machine_start build/deploy/base.tar "$build/ior_exporter"; then
	on_a_machine
else
	no_machine "the packages installed on a machine"
fi
rm -rf "$build/deploy/one" "$build/deploy/two"
[ "$check_failed" -eq 0 ]
