# SPDX-License-Identifier: Apache-2.0
# Judges the console of a machine: prints, between tabs, its row of the table: rung, made, counted,
# lost, tests, seconds, result. The result is "passed", or what was wrong.
#
# usage: awk -v words="WORD..." -f tests/vm/judge.awk LOG       words: as in cases.tsv

function label(name,    text)
{
	text = $0
	sub(".*" name "=\"", "", text)
	sub("\".*", "", text)
	return text
}

# What the case's words say of NAME, "" if nothing.
function word(name)
{
	return match(" " words " ", " " name "=[^ ]* ") ? \
		substr(" " words, RSTART + length(name) + 2, RLENGTH - length(name) - 3) : ""
}

function must(condition, complaint)
{
	if (!condition)
		wrong = wrong (wrong == "" ? "" : "; ") complaint
}

BEGIN {
	suite = word("VM_SUITE")
	loads_wanted = word("VM_TRACEPOINT") ? 4 : 2
}
/vm: init / { init = 1 } # behind what the firmware leaves on the line
/^vm: cpus possible / { cpus = $4 "/" $6; lockdown = $0 }
/^vm: (check|once|load|compare|window|suite|capabilities) exit / { status[$2] = status[$2] $4 }
/^vm: hotplug rounds / { rounds = $4 }
/^vm: hotplug failed/ { hotplug_failed = 1 }
/^vm: made / { loads++; made += $3; counted += $5; lost += $7 }
/^vm: end / { end = 1 }
/^ior_up / { up = $2 }
/^ior_attach_info/ { rung = label("mode") " x" label("copies"); exact = label("exact") == "true" }
/^kernel: [0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ {
	tests = $2 "/" $2 + $4 + $6
	failed = $4
	skipped = $6
}
# The first words of a crash. "Oops: int3" is known of old emulators: they lose a race when the kernel
# patches its own code, as it does when a tracepoint is attached to; that is said, not excused.
/Oops:|BUG:|Kernel panic/ && !panic { panic = $0; sub(/^\[[^]]*\] */, "", panic) }
/^boot: / { tries = $3; seconds = $5 }

END {
	must(init, "never reached init in " tries " tries")
	if (panic)
		must(0, "the kernel crashed: " panic)
	else if (init) {
		must(end, "did not reach its end")
		must(suite || status["check"] == "0", "--check exits " status["check"])
		must(status["once"] == "0" && up == 1, "--once has no ior_up 1")
		must(rung == word("VM_RUNG") " x" word("VM_COPIES"), "not on its rung")
		must(exact, "the self-test does not find it exact")
		if (word("lockdown"))
			must(index(lockdown, "[" word("lockdown") "]"), "not locked down")
		if (word("maxcpus"))
			must(cpus == "0-3/0-1", "CPUs possible and online: " cpus)
		must(status["load"] ~ /^0+$/ && loads == loads_wanted, loads ? \
		     "load: counted and lost are not what was made" : "load: could not run")
		if (word("VM_COMPARE")) {
			must(status["compare"] == "00", "load: other numbers of copies")
			must(status["window"] == "0", "one copy: counted and lost are not what was made")
		}
		if (suite)
			must(status["suite"] == "0" && failed == 0 && skipped == suite,
			     "suite: " failed + 0 " failed, " skipped + 0 " skipped, not " suite)
		if (word("VM_CAPABILITIES"))
			must(status["capabilities"] == "00", "capabilities: not as they are to be")
		if (word("VM_HOTPLUG"))
			must(rounds > 0 && !hotplug_failed, "hotplug: " rounds + 0 " rounds")
	}
	OFS = "\t"
	print rung == "" ? "-" : rung, loads ? made : "-", loads ? counted : "-",
		loads ? lost : "-", tests == "" ? "-" : tests, seconds,
		wrong == "" ? "passed" : "FAILED: " wrong
}
