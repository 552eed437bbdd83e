# SPDX-License-Identifier: MIT
# The verdicts of windows of W rows as text, one a row: prints the runs of windows that were flagged, and the instants that
# Keras's example flags: those whose next W - 1 windows are all flagged. A window stands at its last row.
# Variables: W, WHAT, the name of the series.
function finish()
{
	if (n > 0) {
		printf "%-10s%s  %s  %7d  %.4f\n", WHAT, first, last, n, most
		any = 1
	}
	if (n >= W - 1) {
		runs++
		from[runs] = first
		to[runs] = at[seen - W + 2]
		instants[runs] = n - W + 2
	}
	n = most = 0
}

NR == 1 {
	for (i = 1; i <= NF; i++)
		column[$i] = i
	next
}

{
	if ($column["pred"] != 1)
		finish()
	at[++seen] = $column["timestamp"]
	if ($column["pred"] != 1)
		next
	if (n++ == 0)
		first = at[seen]
	last = at[seen]
	if ($column["err"] > most)
		most = $column["err"]
}

END {
	finish()
	if (!any)
		printf "%-10snone\n", WHAT
	for (i = 1; i <= runs; i++)
		printf "%-10sinstants all of whose windows are flagged: %d, from %s to %s\n", WHAT, instants[i], from[i], to[i]
}
