#!/bin/sh
# SPDX-License-Identifier: MIT
# An alarm to Prometheus's Alertmanager, for ae-thresh --exec: the start of an episode fires, its end resolves.
#
#   ALERTMANAGER=http://localhost:9093 log.sh today.csv plant.aem --group machine --exec ./alertmanager.sh
#
# Needs curl 7.71 and jq.
# Trap: labels are what an alert is known by, so those of start and end are the same, and what changes is in annotations.
# Trap: an alert without an end is taken for resolved after resolve_timeout, five minutes, unless it is sent again. So one
# that fires gets an end in HOLD seconds, a day; that is also how long it stays if the chain is killed.
# Trap: times must have a zone. Those of rows may have none, so the annotations have them, and the alert has the clock's.
set -eu
jq -c --argjson hold "${HOLD:-86400}" '[{
	labels: {alertname: "anomaly", group: (.group // "")},
	annotations: {start: "\(.start // .start_row)", rows: "\(.rows)", peak: "\(.peak)", top: ([.top[]?.feature] | join(", "))},
	endsAt: (now + (if .event == "end" then 0 else $hold end) | todate)
} + if .event == "start" then {startsAt: (now | todate)} else {} end]' |
	curl -sS -f -o /dev/null --max-time 10 --retry 5 --retry-all-errors \
		-H 'Content-Type: application/json' --data-binary @- "${ALERTMANAGER:-http://localhost:9093}/api/v2/alerts"
