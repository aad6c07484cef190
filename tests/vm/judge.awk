# SPDX-License-Identifier: Apache-2.0
# Judges the console of a machine: prints, between tabs, its row of the table: rung, made, counted,
# lost, tests, seconds, result. The result is "passed", or what was wrong.
#
# usage: awk -v suite=0|1 -v skips=N -v hotplug=0|1 -v capabilities=0|1 \
#            -f tests/vm/judge.awk LOG

function label(name,    text)
{
	text = $0
	sub(".*" name "=\"", "", text)
	sub("\".*", "", text)
	return text
}

function must(condition, complaint)
{
	if (!condition)
		wrong = wrong (wrong == "" ? "" : "; ") complaint
}

/vm: init / { init = 1 } # behind what the firmware leaves on the line
/^vm: (check|once|load|suite|capabilities) exit / { status[$2] = status[$2] $4 }
/^vm: hotplug rounds / { rounds = $4 }
/^vm: hotplug failed/ { hotplug_failed = 1 }
/^vm: made / { loads++; made += $3; counted += $5; lost += $7 }
/^vm: end / { end = 1 }
/^ior_up / { up = $2 }
/^ior_attach_info/ { rung = label("mode") " x" label("copies") (label("exact") == "true" ? "" : "?") }
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
		must(status["check"] == "0", "--check exits " status["check"])
		must(status["once"] == "0" && up == 1, "--once has no ior_up 1")
		must(status["load"] == "0" && loads == 2, loads ? \
		     "load: counted and lost are not what was made" : "load: could not run")
		if (suite)
			must(status["suite"] == "0" && failed == 0 && skipped == skips,
			     "suite: " failed + 0 " failed, " skipped + 0 " skipped, not " skips)
		if (capabilities)
			must(status["capabilities"] == "00", "capabilities: not as they are to be")
		if (hotplug)
			must(rounds > 0 && !hotplug_failed, "hotplug: " rounds + 0 " rounds")
	}
	OFS = "\t"
	print rung == "" ? "-" : rung, loads ? made : "-", loads ? counted : "-",
		loads ? lost : "-", tests == "" ? "-" : tests, seconds,
		wrong == "" ? "passed" : "FAILED: " wrong
}
