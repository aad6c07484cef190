# SPDX-License-Identifier: Apache-2.0
# Prints the commands in the code blocks of a document, one a line: those of blocks without a
# language or with sh, bash or console; in a block with a prompt, only the lines behind "$ ".
function flush_block(    i)
{
	for (i = 1; i <= n; i++)
		if (!prompted)
			print line[i]
		else if (sub(/^\$ /, "", line[i]))
			print line[i]
	n = prompted = 0
}

/^ *```/ {
	if (open) {
		flush_block()
		open = 0
	} else {
		open = 1
		match($0, /^ */)
		indent = RLENGTH
		language = substr($0, indent + 4)
		shell = language ~ /^(sh|bash|console|)$/
		held = ""
	}
	next
}
!open || !shell { next }
{
	text = held substr($0, indent + 1)
	held = ""
	if (text ~ /\\$/) { # goes on
		held = substr(text, 1, length(text) - 1)
		next
	}
	if (text ~ /^[ \t]*(#.*)?$/)
		next
	if (text ~ /^\$ /)
		prompted = 1
	line[++n] = text
}
