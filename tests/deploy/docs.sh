#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The documents: every command in a code block of README.md and docs/ is run, in the order in which it
# stands there, on a machine with systemd where the package is installed (tests/deploy/machine), or is
# in docs/commands.tsv with the reason why not. Every message that docs/troubleshooting.md quotes is
# what the exporter says (docs/messages.tsv). Links to files and headings lead somewhere.
set -u
cd "${0%/*}/../.." || exit 1
# shellcheck source=tests/deploy/machine/machine.sh
. tests/deploy/machine/machine.sh
# shellcheck source=tests/deploy/lib/check.sh
. tests/deploy/lib/check.sh

build=${BUILD:-build}
here=tests/deploy/docs
work=$(mktemp -d)
trap 'machine_end; rm -rf "$work"' EXIT

# The second field of the first line of FILE whose pattern matches all of TEXT; 1 if none does.
listed() { # FILE TEXT
	local pattern value
	while IFS=$'\t' read -r pattern value; do
		# shellcheck disable=SC2053 # a pattern
		if [[ $pattern != '#'* && $2 == $pattern ]]; then
			echo "$pattern" >>"$work/used"
			echo "$value"
			return
		fi
	done <"$1"
	return 1
}

# ---- messages

quoted() {
	awk '/^```/ { on = $0 == "```text"; next } on' docs/troubleshooting.md
}

says() { # LINE COMMAND
	machine bash -c "$2" >"$work/said" 2>&1 </dev/null
	grep -qF -e "$1" "$work/said" || { cat "$work/said"; return 1; }
}

check_messages() {
	local line command
	while IFS= read -r line <&3; do
		if ! command=$(listed "$here/messages.tsv" "$line"); then
			check "quoted, and provoked by nothing: $line" false
		elif [[ $command == '- '* ]]; then
			echo "not provoked here, but in ${command#- }: $line"
		else
			check "it says: $line" says "$line" "$command"
		fi
	done 3< <(quoted)
}

# ---- commands

# The package as it is after its installation, and the packages that documents install.
prepare() {
	local root
	root=$(machine_root)
	mkdir -p "$root/srv/$build/deploy"
	cp "$build"/deploy/ior-exporter_*.deb "$root/srv/$build/deploy"
	machine dpkg -P ior-exporter
	machine sh -c "dpkg -i /srv/$build/deploy/ior-exporter_*.deb" && machine systemctl start ior_exporter
}

# Who reads a document is no root and confirms what apt asks.
prepare_for_readers() {
	# shellcheck disable=SC2016 # for the script
	printf '#!/bin/sh\nexec "$@"\n' >"$(machine_root)/usr/local/bin/sudo"
	chmod 0755 "$(machine_root)/usr/local/bin/sudo"
	echo 'APT::Get::Assume-Yes "true";' >"$(machine_root)/etc/apt/apt.conf.d/99yes"
}

works() { # COMMAND
	machine timeout 60 env PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin bash -c "cd /srv; $1" \
		</dev/null >"$work/out" 2>&1 || { tail -n 5 "$work/out"; return 1; }
}

check_commands() { # DOCUMENT
	local command reason
	prepare >/dev/null 2>&1
	while IFS= read -r command <&3; do
		if ! reason=$(listed "$here/commands.tsv" "$command"); then
			check "$1: $command" works "$command"
		else
			echo "not run, $1: $command: $reason"
		fi
	done 3< <(awk -f "$here/commands.awk" "$1")
}

# A reason for a command, or a way to a message, that is in no document any more.
none_is_idle() { # FILE
	equal "$(grep -v '^#' "$1" | cut -f 1 | grep -vxF -f "$work/used")" ""
}

# ---- links

# As GitHub makes them: lower case, spaces as dashes, without punctuation.
anchors() { # DOCUMENT
	awk '/^```/ { code = !code } !code && /^#+ / { sub(/^#+ /, ""); print tolower($0) }' "$1" |
		sed 's/[^a-z0-9 _-]//g; s/ /-/g'
}

links_lead_somewhere() { # DOCUMENT
	local link file anchor status=0
	while IFS= read -r link; do
		file=${link%%#*} anchor=${link#"${link%%#*}"}
		file=${file:+${1%/*}/$file}
		[[ $1 == */* ]] || file=${file#"$1/"}
		file=${file:-$1}
		[ -e "$file" ] || { echo "no file: $link"; status=1; continue; }
		[ -z "$anchor" ] || anchors "$file" | grep -qxF "${anchor#\#}" ||
			{ echo "no heading: $link"; status=1; }
	done < <(grep -o '](\([^)]*\))' "$1" | sed 's/^](//; s/)$//' | grep -v '^https\{0,1\}:')
	return $status
}

: >"$work/used"
documents=(README.md docs/*.md)
for document in "${documents[@]}" dashboards/README.md dashboards/runbooks/*.md deploy/helm/*/README.md; do
	check "$document: its links lead somewhere" links_lead_somewhere "$document"
done
check "make deb builds what is installed" make --no-print-directory deb
if machine_start build/deploy/base.tar "$build/ior_exporter"; then
	prepare >/dev/null 2>&1
	prepare_for_readers
	check "a command that fails is noticed" fails works "systemctl restart ior_exporters"
	check_messages
	for document in "${documents[@]}"; do
		check_commands "$document"
	done
	check "each reason not to run a command is of one that is there" none_is_idle "$here/commands.tsv"
	check "each way to a message is of one that is there" none_is_idle "$here/messages.tsv"
else
	no_machine "the documents' commands"
fi
[ "$check_failed" -eq 0 ]
