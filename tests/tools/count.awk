# SPDX-License-Identifier: MIT
# From the output of bats in TAP: what failed, and the counts in the last line. Lines "# report: ..." are what sanitizers
# wrote, whether a test saw it or not.
/^1\.\.[0-9]+$/ { planned = substr($0, 4); next }
/^ok .* # skip/ { skipped++; next }
/^ok / { passed++; next }
/^not ok / { failed++ }
/^# report: .*(ERROR|WARNING|runtime error)/ { reports++ }
{ print }
END {
	printf "%d passed, %d failed, %d skipped, %d reports\n", passed, failed, skipped, reports
	exit failed > 0 || reports > 0 || passed + failed + skipped != planned || !planned
}
