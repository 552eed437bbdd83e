#!/bin/sh
# SPDX-License-Identifier: MIT
# Rows from a partition of a topic of Kafka: objects of JSON.
#
#   kafka.sh TOPIC PARTITION VERDICTS MODEL [OPTION OF ae-thresh]...
#
# BROKERS (localhost:9092), and READ as in score.sh. Needs kcat. VERDICTS is a log of JSON lines to which verdicts are
# appended, with the offsets of their rows; it may be rotated to VERDICTS.1. A run goes on behind the last of them, whatever
# ended the one before, so no row is lost or scored twice. If there is none it begins with the oldest row. A row {"flow":42} comes as {"offset":7,"row":{"flow":42}}, and so the inputs
# of the model have names such as row.flow:
#
#   kcat -C -b BROKERS -t TOPIC -p 0 -o beginning -e -q -u -f '{"offset":%o,"row":%s}\n' |
#       train.sh plant.aem - --id offset,row.machine --time row.time
#
# Trap: without -u rows stay in kcat, and with fetch.wait.max.ms at its default they come up to half a second late.
# Trap: consumer groups (-G) count a row as done when kcat has it, not when its verdict is there: after SIGTERM rows without a
# verdict did not come again, after SIGKILL of kcat rows came again that had one.
set -eu
here=$(dirname "$0")
topic=$1
partition=$2
verdicts=$3
shift 3
last=$(tail -qn 9 "$verdicts.1" "$verdicts" 2>/dev/null | sed -n 's/.*"offset":"\([0-9]*\)".*}$/\1/p' | tail -n 1)
trap : TERM # see score.sh
kcat -C -b "${BROKERS:-localhost:9092}" -t "$topic" -p "$partition" -o "$((${last:--1} + 1))" -u -q \
	-X fetch.wait.max.ms=10 -f '{"offset":%o,"row":%s}\n' |
	READ="--id offset ${READ-}" "$here/score.sh" "$@" -O jsonl --append "$verdicts"
