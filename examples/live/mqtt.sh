#!/bin/sh
# SPDX-License-Identifier: MIT
# Rows from an MQTT broker: each message is an object of JSON.
#
#   mqtt.sh TOPIC MODEL [OPTION OF ae-thresh]...     such as 'plant/+/row'; '#' means all
#
# BROKER and PORT (localhost, 1883), and ID, the name that the broker knows this client by. Needs mosquitto-clients.
# -q 1 -c -i ID: the broker keeps messages of QoS 1 for ID while it is away, and mosquitto_sub connects again by itself.
# Trap: without all three of them, and "-q 1" of the publisher, what is sent meanwhile is gone. So it is where the broker
# starts anew without "persistence true" in its configuration; after a crash it goes on from its last save, which
# "autosave_on_changes true" and "autosave_interval 1" make at each message.
# Trap: QoS 1 means at least once. After a lost connection a message may come twice.
set -eu
here=$(dirname "$0")
topic=$1
shift
trap : TERM # see score.sh
mosquitto_sub -h "${BROKER:-localhost}" -p "${PORT:-1883}" -t "$topic" -q 1 -c -i "${ID:-aefilters}" |
	"$here/score.sh" "$@"
