# SPDX-License-Identifier: MIT
# Tabulates split, kind, F1 and ROC-AUC of all lines: awk -f better.awk FILE.... Seeds become their median; in the last line
# of the table stands the median over the splits but the first one.
{
	kind = $2 ~ /^seed-/ ? "seeds" : $2
	if (!($1 in seen))
		split_of[seen[$1] = ++splits] = $1
	if (!(kind in known))
		kind_of[known[kind] = ++kinds] = kind
	n = ++count[$1, kind]
	f1[$1, kind, n] = $3
	auc[$1, kind, n] = $4
}

# The median of values[a, b, 1..n]; of an even number the mean of the two in the middle.
function median(values, a, b, n,    i, j, v, sorted)
{
	for (i = 0; i < n; i++) {
		v = values[a, b, i + 1] + 0
		for (j = i; j > 0 && sorted[j] > v; j--)
			sorted[j + 1] = sorted[j]
		sorted[j + 1] = v
	}
	return n ? (sorted[int((n + 1) / 2)] + sorted[int(n / 2) + 1]) / 2 : 0
}

END {
	printf "%-7s", "split"
	for (k = 1; k <= kinds; k++)
		printf "  %15s", kind_of[k]
	print ""
	for (s = 1; s <= splits; s++) {
		printf "%-7s", split_of[s]
		for (k = 1; k <= kinds; k++) {
			kind = kind_of[k]
			a = median(f1, split_of[s], kind, count[split_of[s], kind])
			b = median(auc, split_of[s], kind, count[split_of[s], kind])
			printf "  %.4f / %.4f", a, b
			if (s > 1) {
				all_f1[kind, "", s - 1] = a
				all_auc[kind, "", s - 1] = b
			}
		}
		print ""
	}
	if (splits < 3)
		exit
	printf "%-7s", "others"
	for (k = 1; k <= kinds; k++)
		printf "  %.4f / %.4f", median(all_f1, kind_of[k], "", splits - 1), median(all_auc, kind_of[k], "", splits - 1)
	print "   <- their median, without the first split"
}
