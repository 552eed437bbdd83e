#!/bin/sh
# SPDX-License-Identifier: MIT
# A recipe below an agent that says "stop" by closing standard input, or by a signal to one process, as Telegraf's
# inputs.execd does: either ends all of the pipeline, and so does an agent that is killed.
#
#   execd.sh mqtt.sh 'plant/+/row' plant.aem -O jsonl
#
# Needs setsid of util-linux, as every Debian has it. For inputs.execd take signal = "none".
# Trap: a pipeline of the shell alone would go on when its shell has been killed.
# score.sh needs none of this, since it reads standard input itself.
set -eu
exec 3<&0
setsid "$@" </dev/null 3<&- &
chain=$!
stop() {
	kill -- "-$chain" || kill "$chain"
}
(
	while read -r _; do :; done <&3
	stop
) 2>/dev/null &
watch=$!
trap stop TERM INT
while :; do
	status=0
	wait "$chain" || status=$?
	kill -0 "$chain" 2>/dev/null || break # else it was a signal
done
kill "$watch" 2>/dev/null || :
exit "$status"
