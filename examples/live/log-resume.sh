#!/bin/sh
# SPDX-License-Identifier: MIT
# A log of CSV that grows and is rotated, as in log.sh. A run goes on behind the last verdict, whatever ended the one
# before: no row is lost, and none is judged twice.
#
#   log-resume.sh LOG VERDICTS COLUMNS MODEL [OPTION OF ae-thresh]...
#
# VERDICTS is a log of CSV to which verdicts are appended. COLUMNS, such as machine,time, are those by which the row of the
# last verdict is found again, in LOG or LOG.1: no two rows have the same values there, and verdicts have these columns
# (--id, --time). VERDICTS may be rotated too, to VERDICTS.1. Without a verdict it begins with the oldest row of LOG.
#
# SCORE (score.sh) is the chain. If it has programs with --state, STATES names their files, separated by blanks. After
# SIGTERM they go on. After a crash, or if they are of different rows, since a stop in a backlog has lost some, they are
# removed, and the rows of LOG.1 and LOG up to the last verdict go through SCORE MODEL WARM once more, the output of which
# nobody sees. WARM is empty, or, if ae-thresh is given --state and --episodes, these with /dev/null for the records.
# Trap: only if one of the states is that of ae-thresh, a stop that loses rows behind the others shows.
# Trap: windows and means of N rows are the same after that; ewma, which remembers all, nearly, if older logs are gone.
# Trap: after a crash the last rejected rows and alarms may come twice; verdicts do not.
# Trap: a log that is rotated while this begins, a matter of milliseconds, may be read from the wrong line.
# Trap: cells before these COLUMNS with a comma in quotes; the row is not found then, and it says so.
set -eu
here=$(dirname "$0")
log=$1
verdicts=$2
export COLUMNS_OF_KEY="$3"
model=$4
shift 4
score=${SCORE:-$here/score.sh}

# keys: of the lines of standard input, which begins with a header, the cells of COLUMNS; empty for what is no row.
keys() {
	awk -F , '
		{ sub(/\r$/, "") }
		NR == 1 {
			header = $0
			n = split(ENVIRON["COLUMNS_OF_KEY"], names, ",")
			for (i = 1; i <= n; i++) {
				for (at[i] = NF; at[i] > 0 && $at[i] != names[i];) at[i]--
				if (!at[i]) { print "log-resume.sh: no column " names[i] " in " header >"/dev/stderr"; exit 1 }
			}
		}
		{
			key = ""
			for (i = 1; i <= n && NF >= at[i]; i++) key = key (i > 1 ? "," : "") $at[i]
			print $0 == header || /!$/ || i <= n ? "" : key
		}'
}

# last FILE: the key of its last verdict. One that a crash has cut has no newline, or got a "!" for it.
last() {
	[ ! -s "$1" ] || {
		head -n 1 "$1"
		tail -n 99 "$1"
		echo !
	} | keys | grep . | tail -n 1
}

# line FILE KEY: the number of the line with it, or nothing.
line() {
	[ ! -s "$1" ] || keys <"$1" | grep -nxF -e "$2" | tail -n 1 | cut -d : -f 1
}

until [ -s "$log" ]; do sleep 1; done # with its header
for file in "$log" "$verdicts"; do
	[ ! -s "$file" ] || head -n 1 "$file" | keys >/dev/null # or it ends here
done
key=$(last "$verdicts")
[ "$key" ] || key=$(last "$verdicts.1")
from=$log
at=
if [ "$key" ]; then
	at=$(line "$log" "$key")
	[ "$at" ] || {
		from=$log.1
		at=$(line "$from" "$key")
	}
	[ "$at" ] || {
		echo "log-resume.sh: the row of the last verdict, $COLUMNS_OF_KEY = $key, is neither in $log nor in $log.1" >&2
		exit 1
	}
fi

# judged: the rows up to the last verdict.
judged() {
	[ "$from" = "$log.1" ] || [ ! -e "$log.1" ] || cat "$log.1"
	head -n "$at" "$from"
}

# behind: the rows behind it, and those to come.
behind() {
	if [ "$from" = "$log.1" ]; then
		head -n 1 "$from"
		tail -n "+$((at + 1))" "$from"
		at=
	elif [ "$at" ]; then
		head -n 1 "$log"
	fi
	exec tail -n "+$((${at:-0} + 1))" -F "$log"
}

# together: all states are of the same row.
together() {
	for state in ${STATES-}; do
		ae-info "$state" | sed -n 's/^rows *//p'
	done | sort -u | awk 'END { exit NR > 1 }'
}

if [ -e "$verdicts.running" ] || ! together; then
	: >"$verdicts.running" # the states are made anew: a stop meanwhile leaves half of them
	# shellcheck disable=SC2086 # words
	rm -f ${STATES-}
	# shellcheck disable=SC2086 # words
	[ -z "${STATES-}" ] || [ -z "$at" ] || judged | "$score" "$model" ${WARM-} -o /dev/null
fi
: >"$verdicts.running"
status=0
trap : TERM # see score.sh
behind | "$score" "$model" "$@" --append "$verdicts" || status=$?
case $status in 0 | 143) rm "$verdicts.running" ;; esac
exit $status
