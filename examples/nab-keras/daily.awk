# SPDX-License-Identifier: MIT
# A made-up series like those of NAB's artificial data: DAYS days of a daily pattern at steps of five minutes, with noise of
# SEED. On day JUMP, 0 for none, the plateau from 9:00 to 18:00 is twice as high.
#
#   awk -v DAYS=14 -v SEED=1 -v JUMP=11 -f daily.awk
function noise()
{
	SEED = SEED * 16807 % 2147483647
	return SEED / 2147483647 - 0.5
}

# Low at night, high from 9:00 to 18:00, then a slow fall.
function pattern(hour)
{
	if (hour < 7)
		return 20
	if (hour < 9)
		return 20 + 10 * (hour - 7)
	if (hour < 18)
		return 85
	return 40 - 20 * (hour - 18) / 6
}

BEGIN {
	print "timestamp,value"
	for (day = 1; day <= DAYS; day++)
		for (step = 0; step < 288; step++) {
			hour = step / 12
			high = day == JUMP && hour >= 9 && hour < 18
			printf "2014-04-%02d %02d:%02d:00,%.6f\n", day, int(hour), step % 12 * 5,
				pattern(hour) * (high ? 2 : 1) + 6 * noise()
		}
}
