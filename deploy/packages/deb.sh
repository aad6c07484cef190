#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds OUT/PACKAGE_VERSION_ARCH.deb of what the manifest lists, for the machine's architecture. Of
# one commit it is the same each time.
#
# usage: deploy/packages/deb.sh VERSION BUILD OUT     from the root of the project
set -eu -o pipefail

version=$1 build=$2 out=$3
# shellcheck source=deploy/packages/manifest.sh
. deploy/packages/manifest.sh
here=deploy/packages
package=$(field package)
arch=$(dpkg --print-architecture)
tree=$out/deb
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH

# Of the libraries that the program is linked with. dpkg-shlibdeps wants a source tree.
depends() {
	local program=$PWD/$tree/usr/bin/ior_exporter
	mkdir -p "$out/source/debian"
	printf 'Source: %s\n\nPackage: %s\nArchitecture: any\n' "$package" "$package" \
		>"$out/source/debian/control"
	(cd "$out/source" && dpkg-shlibdeps -O "$program" 2>log) | sed 's/^shlibs:Depends=//' ||
		{ cat "$out/source/log" >&2; return 1; }
}

control() {
	cat <<-END
		Package: $package
		Version: $version
		Architecture: $arch
		Maintainer: $(field maintainer)
		Installed-Size: $(du -sk --exclude=DEBIAN "$tree" | cut -f 1)
		Depends: $depends
		Section: $(field section)
		Priority: optional
		Description: $(field summary)
	END
	field description | sed 's/^/ /'
}

changelog() {
	printf '%s (%s) unstable; urgency=medium\n\n  * Release %s.\n\n -- %s  %s\n' "$package" \
		"$version" "$version" "$(field maintainer)" "$(date -uRd "@$SOURCE_DATE_EPOCH")"
}

script() { # NAME: the maintainer's script of this name, with the units' names in it
	sed "s/@SERVICE@/$(field service)/g; s/@SOCKET@/$(field socket)/g" "$here/deb.$1" >"$tree/DEBIAN/$1"
	chmod 0755 "$tree/DEBIAN/$1"
}

"$here/stage.sh" "$tree" "$build"
doc=$tree/usr/share/doc/$package
install -D -m 0644 "$here/copyright" "$doc/copyright"
changelog | gzip -9n >"$doc/changelog.gz"
install -D -m 0644 "$here/lintian-overrides" "$tree/usr/share/lintian/overrides/$package"
mkdir -p "$tree/DEBIAN"
for name in postinst prerm postrm; do
	script "$name"
done
files /usr "$build" | awk '$1 == "conf" { print $3 }' >"$tree/DEBIAN/conffiles"
depends=$(depends)
control >"$tree/DEBIAN/control"
(cd "$tree" && find usr -type f | LC_ALL=C sort | xargs md5sum) >"$tree/DEBIAN/md5sums"
chmod -R u=rwX,go=rX "$tree"
find "$tree" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zxz --build "$tree" "$out/${package}_${version}_$arch.deb" >/dev/null
echo "$out/${package}_${version}_$arch.deb"
