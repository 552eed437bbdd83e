# SPDX-License-Identifier: MIT
# Made-up readings of a pump, one row in ten minutes from 2026-03-01 on: awk -f sensors.awk [-v VARIABLE=N]...
#   rows    how many (400)
#   first   the number of the first (0)
#   faulty  so many of the last rows have a fault (0)
# Whole numbers alone decide, so that every awk gives the same bytes.

BEGIN {
	if (rows == "")
		rows = 400
	print "id,time,flow,pressure,temp_in,temp_out,vibration,current,voltage,speed"
	for (n = first + 0; n < first + rows; n++)
		row(n, n >= first + rows - faulty)
}

# From 0 to 99, a function of the row and the column.
function noise(n, column)
{
	return ((n * 7919 + column * 104729) * 31 + n % 13 * 17 + n % 7 * 29) % 100
}

# From 0 to 72 and back within a day.
function daytime(n)
{
	n %= 144
	return n < 72 ? n : 144 - n
}

function tenths(value)
{
	return sprintf("%s%d.%d", value < 0 ? "-" : "", int(value / 10 < 0 ? -value / 10 : value / 10),
		(value < 0 ? -value : value) % 10)
}

function row(n, fault,    load, minutes)
{
	load = daytime(n)
	minutes = n * 10
	printf "pump-1,2026-03-%02dT%02d:%02d", 1 + int(minutes / 1440), int(minutes / 60) % 24, minutes % 60
	printf ",%s", tenths((fault ? 90 : 380) + load + int(noise(n, 1) / 3))
	printf ",%s", tenths((fault ? 95 : 52) + int(load / 8) + int(noise(n, 2) / 25))
	printf ",%s", tenths(load * 2 - 14 + int(noise(n, 3) / 10))
	printf ",%s", tenths(load * 2 + (fault ? 190 : 60) + int(noise(n, 4) / 10))
	printf ",%s", tenths((fault ? 61 : 12) + int(noise(n, 5) / 20))
	printf ",%s", tenths(81 + int(load / 3) + int(noise(n, 6) / 25))
	printf ",%d", 396 + int(noise(n, 7) / 12)
	printf ",%d\n", 1440 + int(load / 2) + int(noise(n, 8) / 8)
}
