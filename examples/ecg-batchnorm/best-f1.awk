# SPDX-License-Identifier: MIT
# The best F1 of the normal rows, label 1, that any threshold gives: awk -F , -f best-f1.awk, on lines of error and
# label in rising order of the error.
{
	error[NR] = $1
	normal[NR] = normals += $2 == 1
}

END {
	for (passed = 1; passed <= NR; passed++)
		if (passed == NR || error[passed + 1] != error[passed]) {
			f1 = 2 * normal[passed] / (passed + normals)
			if (f1 > best)
				best = f1
		}
	printf "%.4f\n", best
}
