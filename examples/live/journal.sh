#!/bin/sh
# SPDX-License-Identifier: MIT
# Rows from the journal of systemd: fields of its entries, such as FLOW=42.0 PRESSURE=5.25 TEMP=21.6.
#
#   journal.sh FIELDS VERDICTS MODEL [OPTION OF journalctl]...       such as FLOW,PRESSURE,TEMP,MACHINE and -t pump
#
# VERDICTS is a log of JSON lines to which verdicts are appended, with the cursors of their entries; it may be rotated to
# VERDICTS.1. A run goes on behind the last of them, and begins with the oldest entry if there is none. Needs journalctl. A model is made of the same fields:
#
#   journalctl -t pump -o json --output-fields=FLOW,PRESSURE,TEMP |
#       train.sh pump.aem - --id __CURSOR --time __REALTIME_TIMESTAMP --x FLOW,PRESSURE,TEMP
#
# The journal's values are texts, which is no matter to us; its times are microseconds since 1970.
# Trap: names of fields are in capitals, and so are those of the model.
# Trap: the keys come in another order in each run, so a log of CSV would be refused by the second.
# Trap: a field that an entry has twice is an array, and so is one that is no UTF-8: such rows are left out.
set -eu
here=$(dirname "$0")
fields=$1
verdicts=$2
model=$3
shift 3
cursor=$(tail -qn 9 "$verdicts.1" "$verdicts" 2>/dev/null | sed -n 's/.*"__CURSOR":"\([^"]*\)".*}$/\1/p' | tail -n 1)
trap : TERM # see score.sh
journalctl -f -n all -o json --output-fields="$fields" ${cursor:+--after-cursor="$cursor"} "$@" |
	READ="--id __CURSOR --time __REALTIME_TIMESTAMP ${READ-}" "$here/score.sh" "$model" -O jsonl --append "$verdicts"
