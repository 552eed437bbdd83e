# SPDX-License-Identifier: MIT
# From the output of bats in TAP: what failed, why tests were skipped, and the counts in the last line. Lines
# "# report: ..." are what sanitizers wrote, whether a test saw it or not.
/^1\.\.[0-9]+$/ { planned = substr($0, 4); next }
/^ok .* # skip/ { skipped++; sub(/.* # skip */, ""); reasons[$0]++; next }
/^ok / { passed++; next }
/^not ok / { failed++ }
/^# report: .*(ERROR|WARNING|runtime error)/ { reports++ }
{ print }
END {
	for (reason in reasons)
		print "skipped " reasons[reason] ": " reason
	lost = planned - passed - failed - skipped
	if (lost)
		print "== FAILED: " planned + 0 " tests planned, " lost " without a result"
	if (!passed && !failed)
		print "== FAILED: no test ran"
	printf "%d passed, %d failed, %d skipped%s\n", passed, failed, skipped, reports ? ", " reports " reports" : ""
	exit failed || reports || lost || !passed
}
