#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds OUT/PACKAGE-VERSION-1.ARCH.rpm of what the manifest lists, for the machine's architecture.
# Of one commit it is the same each time.
#
# usage: deploy/packages/rpm.sh VERSION BUILD OUT     from the root of the project
set -eu

version=$1 build=$2 out=$3
# shellcheck source=deploy/packages/manifest.sh
. deploy/packages/manifest.sh
package=$(field package) service=$(field service) socket=$(field socket)
tree=$PWD/$out/tree
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH

# %files of the spec
list() {
	files /usr "$build" | while read -r kind mode path _; do
		case $path in */man/*) path=$path.gz ;; esac
		[ "$kind" = conf ] && printf '%%config(noreplace) '
		echo "%attr($mode, root, root) $path"
	done
	echo "%dir /usr/share/licenses/$package"
	echo "%license /usr/share/licenses/$package/Apache-2.0.txt"
	echo "%license /usr/share/licenses/$package/GPL-2.0.txt"
}

# The service is what the distribution's presets say; the socket is the administrator's.
spec() {
	cat <<-END
		Name: $package
		Version: $version
		Release: 1
		Summary: $(field summary)
		License: $(field licence | sed 's/ and / AND /')
		%description
		$(field description)
		%install
		cp -a $tree/. %{buildroot}
		%post
		[ -d /run/systemd/system ] && systemctl daemon-reload
		[ \$1 -eq 1 ] && systemctl --no-reload preset $service >/dev/null 2>&1
		:
		%preun
		if [ \$1 -eq 0 ] && [ -d /run/systemd/system ]; then
			systemctl --no-reload disable --now $socket $service >/dev/null 2>&1
		elif [ \$1 -eq 0 ]; then
			systemctl --no-reload disable $socket $service >/dev/null 2>&1
		fi
		:
		%postun
		[ -d /run/systemd/system ] && systemctl daemon-reload
		[ \$1 -ge 1 ] && [ -d /run/systemd/system ] && systemctl try-restart $service
		:
		%files
		$(list)
	END
}

deploy/packages/stage.sh "$tree" "$build"
for text in Apache-2.0.txt GPL-2.0.txt; do
	install -D -m 0644 "LICENSES/$text" "$tree/usr/share/licenses/$package/$text"
done
find "$tree" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
spec >"$out/$package.spec"
rpmbuild -bb --quiet --define "_topdir $PWD/$out/rpmbuild" --define "_rpmdir $PWD/$out" \
	--define '_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' \
	--define '_buildhost localhost' --define 'use_source_date_epoch_as_buildtime 1' \
	--define '_build_id_links none' --define '__os_install_post %{nil}' \
	--define 'clamp_mtime_to_source_date_epoch 1' --define 'debug_package %{nil}' \
	"$out/$package.spec"
ls "$out/$package-$version"-*.rpm
