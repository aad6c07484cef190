#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# libmicrohttpd-static.sh DEST - build the libmicrohttpd.a for a static binary.
#
# Makes DEST/lib/libmicrohttpd.a and DEST/include/microhttpd.h out of the
# distribution's own source package (Debian's or Ubuntu's, patches included),
# and DEST/version, the version of that package.
#
# Why: the libmicrohttpd.a in libmicrohttpd-dev is built with HTTPS and so needs
# GnuTLS, which needs p11-kit, which has no static library: nothing can be
# linked statically with it. Here HTTPS and the other parts of the library that
# are not used (authentication, POST, upgrade) are left out, and the objects are
# built hardened and position independent, ready for "gcc -static-pie".
#
# The source comes through apt: a fresh system has no deb-src entries, so apt
# gets a configuration of its own in DEST/build, whose deb-src entries are made
# from the deb entries of the machine. Nothing of the system is changed, root is
# not needed, and apt checks signatures and checksums as it always does. The
# version is that of the installed libmicrohttpd-dev where there is one and its
# source can be had, else the newest.
#
# Environment: CC    the compiler (default gcc, or $HOST-gcc)
#              HOST  build for this system, e.g. aarch64-linux-gnu
# Needs: dpkg-dev, make, a C compiler. Use one DEST for each HOST: a library
# which is newer than this script is taken as it is.
set -eu

me=${0##*/}
pkg=libmicrohttpd

die()
{
	echo "$me: $*" >&2
	exit 1
}

# Run a command with its output in the log; what went wrong is at its end.
run()
{
	echo "+ $*" >>"$log"
	"$@" >>"$log" 2>&1 || fail "$1 failed"
}

fail()
{
	echo "$me: $*, the end of $log:" >&2
	tail -n 20 "$log" >&2
	exit 1
}

need()
{
	command -v "$1" >/dev/null 2>&1 || die "$1 not found: install the package $2"
}

if [ $# -ne 1 ] || [ -z "$1" ]; then
	die "usage: $me DEST"
fi

if [ -e "$1/lib/$pkg.a" ] && [ -e "$1/include/microhttpd.h" ]; then
	[ -z "$(find "$1/lib/$pkg.a" -newer "$0")" ] || exit 0
fi

HOST=${HOST:-}
CC=${CC:-${HOST:+$HOST-}gcc}
CROSS=${HOST:+$HOST-}

need apt-get apt
need dpkg-source dpkg-dev
need make make
need patch patch
need "${CC%% *}" "gcc${HOST:+-$HOST} (or set CC)"
need "${CROSS}nm" "binutils${HOST:+-$HOST}"

# Nothing of the calling make or of the caller's flags may come through: neither
# its jobs nor, in MAKEFLAGS, the variables of its command line.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES MAKEFILES GNUMAKEFLAGS
unset CPPFLAGS LDFLAGS LIBS CONFIG_SITE CPATH C_INCLUDE_PATH LIBRARY_PATH
unset DESTDIR V
LC_ALL=C
TZ=UTC
export LC_ALL TZ
umask 022

mkdir -p "$1/lib" "$1/include"
dest=$(cd "$1" && pwd -P)
case $dest in
*[!A-Za-z0-9/._+,@:~-]*) die "$dest: the build of $pkg cannot do with such a path" ;;
esac
log=$dest/build.log
tmp=$dest/build
rm -rf "$tmp"
mkdir -p "$tmp/apt/sources.list.d" "$tmp/apt/state/lists/partial" \
	"$tmp/apt/cache/archives/partial" "$tmp/src"
: >"$log"

echo "  GET     $pkg source package"

# The distribution: what its Release files call themselves (Origin), and the
# code names its suites can have. A derived one uses its parent's too.
# shellcheck disable=SC1091
origins=$(. /etc/os-release && echo "${ID:-} ${ID_LIKE:-}")
# shellcheck disable=SC1091
codenames=$(. /etc/os-release &&
	echo "${VERSION_CODENAME:-} ${UBUNTU_CODENAME:-} ${DEBIAN_CODENAME:-}")

# deb-src entries from all entries of the machine, of both formats, which are of
# the distribution and of the components that can hold the package. Options that
# matter to a source package are kept, those that would weaken apt's checks of
# the signature (Trusted, Allow-Insecure, ...) are not.
list=/etc/apt/sources.list
parts=/etc/apt/sources.list.d/
eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
set --
for f in "$list" "${parts%/}"/*.list "${parts%/}"/*.sources; do
	if [ -f "$f" ] && [ -r "$f" ]; then
		set -- "$@" "$f"
	fi
done
[ $# -gt 0 ] || die "apt has no sources: neither $list nor anything in $parts"

awk -v codenames="$codenames" '
function keep_suite(suite,    base)
{
	base = suite
	sub(/(-updates|-security|\/updates|-security\/updates)$/, "", base)
	return base in known
}

function emit(uris, suites, comps, extra,    n, i, w, s, c, u, stanza)
{
	u = s = c = ""
	n = split(uris, w)
	for (i = 1; i <= n; i++)
		if (w[i] !~ /^cdrom:/)
			u = u " " w[i]
	n = split(suites, w)
	for (i = 1; i <= n; i++)
		if (keep_suite(w[i]))
			s = s " " w[i]
	n = split(comps, w)
	for (i = 1; i <= n; i++)
		if (w[i] == "main" || w[i] == "universe")
			c = c " " w[i]
	if (u == "" || s == "" || c == "")
		return
	stanza = "Types: deb-src\nURIs:" u "\nSuites:" s "\nComponents:" c "\n" extra
	if (!(stanza in seen))
		print stanza
	seen[stanza] = 1
}

# the end of a deb822 stanza
function flush(    k, extra)
{
	extra = ""
	for (k in field)
		if (k in kept)
			extra = extra k ":" field[k] "\n"
	if (field["types"] ~ /deb/ && field["enabled"] !~ /^[ \t]*(no|false|without|off|disable|0)[ \t]*$/)
		emit(field["uris"], field["suites"], field["components"], extra)
	split("", field)
	name = ""
}

BEGIN {
	n = split(codenames " stable testing unstable sid oldstable oldoldstable devel", w)
	for (i = 1; i <= n; i++)
		known[w[i]] = 1
	n = split("signed-by check-valid-until valid-until-min valid-until-max check-date " \
		"date-max-future by-hash inrelease-path snapshot", w)
	for (i = 1; i <= n; i++)
		kept[w[i]] = 1
	split("", field)
}

{ sub(/\r$/, "") }
FNR == 1 { flush(); deb822 = FILENAME ~ /\.sources$/ }

deb822 && /^#/ { next }
deb822 && /^[ \t]*$/ { flush(); next }
deb822 && /^[ \t]/ { if (name != "") field[name] = field[name] "\n" $0; next }
deb822 && /:/ {
	name = tolower(substr($0, 1, index($0, ":") - 1))
	field[name] = substr($0, index($0, ":") + 1)
	next
}
deb822 { next }

/^[ \t]*deb(-src)?[ \t]/ {
	extra = ""
	sub(/[ \t]#.*/, "")
	sub(/^[ \t]*deb(-src)?[ \t]+/, "")
	if (match($0, /^\[[^\]]*\]/)) {
		n = split(substr($0, 2, RLENGTH - 2), w)
		$0 = substr($0, RLENGTH + 1)
		for (i = 1; i <= n; i++) {
			eq = index(w[i], "=")
			k = tolower(substr(w[i], 1, eq - 1))
			v = substr(w[i], eq + 1)
			gsub(/,/, " ", v)
			if (eq && k in kept)
				extra = extra k ": " v "\n"
		}
	}
	comps = ""
	for (i = 3; i <= NF; i++)
		comps = comps " " $i
	emit($1, $2, comps, extra)
}

END { flush() }
' "$@" >"$tmp/apt/sources.list.d/source.sources"
[ -s "$tmp/apt/sources.list.d/source.sources" ] ||
	die "no entry of the distribution among apt's sources: $*"

# Read by apt after the system's configuration (so that a proxy set there holds).
# Hooks run after an update would be about the system's lists, hence the clear.
cat >"$tmp/apt/apt.conf" <<-END
	#clear APT::Update;
	APT::Sandbox::User "root";
	APT::Get::AllowUnauthenticated "false";
	Acquire::AllowInsecureRepositories "false";
	Acquire::AllowDowngradeToInsecureRepositories "false";
	Acquire::AllowWeakRepositories "false";
	Acquire::Languages "none";
	Acquire::Retries "3";
	Acquire::http::Timeout "60";
	Acquire::https::Timeout "60";
	Dir::Etc::sourcelist "/dev/null";
	Dir::Etc::sourceparts "$tmp/apt/sources.list.d/";
	Dir::State "$tmp/apt/state/";
	Dir::State::lists "lists/";
	Dir::Cache "$tmp/apt/cache/";
	Dir::Cache::archives "archives/";
END
apt_conf=$tmp/apt/apt.conf
{
	cat "$tmp/apt/sources.list.d/source.sources"
	echo "+ apt-get update"
} >>"$log"

# Whether an update was good enough shows in what can be had afterwards: an entry
# that fails must not matter when another one has the package.
apt-get -c "$apt_conf" -q update >>"$log" 2>&1 || echo "(failed)" >>"$log"

# An entry of someone else may have the name of a suite of the distribution, and
# a libmicrohttpd too: forget the lists whose signed Release says so.
# shellcheck disable=SC2016
apt-get -c "$apt_conf" indextargets --format '$(ORIGIN)|$(FILENAME)' \
	'Created-By: Sources' >"$tmp/apt/targets" 2>>"$log" || fail "apt-get indextargets failed"
while IFS='|' read -r origin file; do
	case " $origins " in
	*" $(echo "$origin" | tr '[:upper:]' '[:lower:]') "*) ;;
	*)
		echo "left out, origin $origin: $file" >>"$log"
		rm -f "$file"
		;;
	esac
done <"$tmp/apt/targets"

# download [VERSION]
download()
{
	echo "+ apt-get source $pkg${1:+=$1}" >>"$log"
	(cd "$tmp/src" && apt-get -c "$apt_conf" -q source --download-only \
		--only-source "$pkg${1:+=$1}") >>"$log" 2>&1
}

# shellcheck disable=SC2016
version=$(dpkg-query -W -f '${db:Status-Status} ${source:Version}\n' $pkg-dev 2>/dev/null |
	sed -n 's/^installed //p' | head -n 1)
if [ -z "$version" ] || ! download "$version"; then
	rm -f "$tmp/src"/*
	download || fail "the source package $pkg cannot be had"
fi
cd "$tmp/src"
set -- ./*.dsc
[ -f "$1" ] || fail "apt-get source left no .dsc"
run dpkg-source -x "$1" tree
cd tree
version=$(dpkg-parsechangelog -S Version)
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -S Timestamp)
export SOURCE_DATE_EPOCH

echo "  BUILD   $pkg.a $version"

cflags="-O2 -fPIE -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"
cflags="$cflags -fstack-clash-protection"
# shellcheck disable=SC2086
case ${HOST:-$($CC -dumpmachine)} in
x86_64-*) cflags="$cflags -fcf-protection" ;;
esac
cflags="$cflags -ffile-prefix-map=$PWD=."

set --
if [ -n "$HOST" ]; then
	set -- --build="$(dpkg-architecture -q DEB_BUILD_GNU_TYPE)" --host="$HOST"
fi

# -fPIE comes from CFLAGS, hence --without-pic: libtool's own would be -fPIC.
# The autotools must not run again because a patch touched one of their files.
run ./configure "$@" CC="$CC" CFLAGS="$cflags" AR_FLAGS=crD ARFLAGS=crD \
	ACLOCAL=: AUTOCONF=: AUTOHEADER=: AUTOMAKE=: MAKEINFO=: \
	--prefix=/usr --enable-static --disable-shared --without-pic \
	--enable-silent-rules \
	--disable-dependency-tracking --disable-nls --disable-doc --disable-examples \
	--disable-curl --disable-https --disable-bauth --disable-dauth \
	--disable-postprocessor --disable-httpupgrade --enable-messages \
	--enable-poll=yes --enable-epoll=yes --with-threads=posix
run make -j"$(nproc)" -C src/microhttpd $pkg.la

lib=src/microhttpd/.libs/$pkg.a
for def in EPOLL_SUPPORT MHD_USE_POSIX_THREADS; do
	grep -q "^#define $def 1" MHD_config.h || fail "the library has no $def"
done
"${CROSS}nm" "$lib" >"$tmp/symbols" 2>>"$log" || fail "nm failed"
grep -q ' T MHD_start_daemon$' "$tmp/symbols" || fail "$lib is not $pkg"
if grep -E ' U _?(gnutls|gcry)_' "$tmp/symbols" >>"$log"; then
	fail "the library still needs GnuTLS"
fi
if grep -a -q -F "$dest" "$lib"; then
	fail "the name of the build folder is in the library"
fi

echo "$version" >"$dest/version"

# The library last, and at once: it says that all is done.
run cp src/include/microhttpd.h "$dest/include/microhttpd.h"
run cp "$lib" "$dest/lib/$pkg.a.new"
run mv "$dest/lib/$pkg.a.new" "$dest/lib/$pkg.a"
cd /
rm -rf "$tmp"
