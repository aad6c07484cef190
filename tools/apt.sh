#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes ROOT/apt.conf, with which apt-get sees the distribution's archive as a machine of ARCH that
# follows SUITES and has nothing installed. The mirrors are those of the machine's own sources;
# nothing of the system is changed and root is not needed. Signatures are checked against Debian's
# keyring, so a source of someone else's fails its update and has no say.
#
# usage: apt.sh ROOT ARCH SUITE...      then: apt-get -c ROOT/apt.conf download PACKAGE
set -eu

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

die()
{
	echo "apt.sh: $*" >&2
	exit 1
}

[ $# -ge 3 ] || die "usage: apt.sh ROOT ARCH SUITE..."
[ -r "$keyring" ] || die "no $keyring: Debian's packages cannot be verified here"
mkdir -p "$1"
root=$(cd "$1" && pwd -P)
arch=$2
shift 2
suites=$*

list=/etc/apt/sources.list
parts=/etc/apt/sources.list.d/
eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
set --
for file in "$list" "${parts%/}"/*.list "${parts%/}"/*.sources; do
	if [ -f "$file" ] && [ -r "$file" ]; then
		set -- "$@" "$file"
	fi
done
[ $# -gt 0 ] || die "apt has no sources: neither $list nor anything in $parts"

mkdir -p "$root/sources.list.d" "$root/state/lists/partial" "$root/cache/archives/partial"
: >"$root/status"

# shellcheck disable=SC1091
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")

# One entry for each mirror of the machine's own release and suite asked for; security suites have
# mirrors of their own.
awk -v codename="$codename" -v wanted="$suites" -v arch="$arch" -v keyring="$keyring" '
function emit(uris, suites,    n, m, i, k, u, s, security)
{
	security = index(" " suites " ", " " codename "-security ") > 0
	if (!security && !index(" " suites " ", " " codename " "))
		return
	n = split(uris, u)
	m = split(wanted, s)
	for (i = 1; i <= n; i++)
		for (k = 1; k <= m; k++)
			if ((s[k] ~ /-security$/) == security && !seen[u[i], s[k]]++)
				printf "deb [arch=%s signed-by=%s] %s %s main\n", arch, keyring, \
					u[i], s[k]
}

function flush()
{
	if (field["types"] ~ /(^| )deb( |$)/ && field["enabled"] !~ /^[ \t]*no/)
		emit(field["uris"], field["suites"])
	split("", field)
}

{ sub(/\r$/, "") }
FNR == 1 { flush(); deb822 = FILENAME ~ /\.sources$/ }
deb822 && /^#/ { next }
deb822 && /^[ \t]*$/ { flush(); next }
deb822 && /^[ \t]/ { field[name] = field[name] $0; next }
deb822 && /:/ {
	name = tolower(substr($0, 1, index($0, ":") - 1))
	field[name] = substr($0, index($0, ":") + 1)
	next
}
/^[ \t]*deb[ \t]/ {
	sub(/^[ \t]*deb[ \t]+(\[[^]]*\])?/, "")
	emit($1, $2)
}
END { flush() }
' "$@" >"$root/sources.list.d/suites.list"
[ -s "$root/sources.list.d/suites.list" ] ||
	die "no mirror of $codename among apt's sources: $*"

# Read after the system's configuration, so that a proxy set there holds. Hooks run after an
# update would be about the system's lists, hence the clear. The index is parsed once: container
# images switch its cache off, and each download would take seconds.
cat >"$root/apt.conf" <<-END
	#clear APT::Update;
	#clear APT::Architectures;
	APT::Architecture "$arch";
	APT::Architectures { "$arch"; };
	APT::Sandbox::User "root";
	APT::Get::AllowUnauthenticated "false";
	Acquire::AllowInsecureRepositories "false";
	Acquire::Languages "none";
	Acquire::Retries "3";
	Acquire::http::Timeout "60";
	Acquire::https::Timeout "60";
	Dir::Etc::sourcelist "/dev/null";
	Dir::Etc::sourceparts "$root/sources.list.d/";
	Dir::State "$root/state/";
	Dir::State::lists "lists/";
	Dir::State::status "$root/status";
	Dir::Cache "$root/cache/";
	Dir::Cache::archives "archives/";
	Dir::Cache::pkgcache "pkgcache.bin";
	Dir::Cache::srcpkgcache "srcpkgcache.bin";
END

# A suite that fails shows by what cannot be had from it.
apt-get -c "$root/apt.conf" -q update >"$root/update.log" 2>&1 || true
