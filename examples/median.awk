# SPDX-License-Identifier: MIT
# Aligns a table and adds the median of each column: the first line names the columns, the others are runs.
{
	for (i = 1; i <= NF; i++) {
		cell[NR, i] = $i
		if (length($i) > width[i])
			width[i] = length($i)
	}
	columns = NF > columns ? NF : columns
}

function row(line,    i)
{
	for (i = 1; i <= columns; i++)
		printf "%s%*s", (i > 1 ? "  " : ""), width[i], cell[line, i]
	print ""
}

# The middle value of column i, or the mean of the two in the middle.
function median(i,    n, j, k, v, sorted)
{
	for (n = 0; n < NR - 1; n++) {
		v = cell[n + 2, i]
		for (j = n; j > 0 && sorted[j] + 0 > v + 0; j--)
			sorted[j + 1] = sorted[j]
		sorted[j + 1] = v
	}
	k = int((n + 1) / 2)
	return n % 2 ? sorted[k] : sprintf("%.5g", (sorted[k] + sorted[k + 1]) / 2)
}

END {
	cell["median", 1] = "median"
	width[1] = width[1] < 6 ? 6 : width[1]
	for (i = 2; i <= columns; i++)
		cell["median", i] = median(i)
	for (line = 1; line <= NR; line++)
		row(line)
	row("median")
}
